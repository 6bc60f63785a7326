"""The files of a trained model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.manifest import is_safe
from catalog.record import Record


@dataclass(frozen=True)
class Files:
    """The files beside a trained model, by its own."""

    output: Path

    def beside(self, ending: str) -> Path:
        return self.output.with_name(f"{self.output.stem}{ending}")

    @property
    def record(self) -> Path:
        return self.beside(".json")

    @property
    def table(self) -> Path:
        return self.beside(".report.csv")

    @property
    def page(self) -> Path:
        return self.beside(".report.html")

    @property
    def embeddings(self) -> Path:
        return self.beside(".embeddings")

    @property
    def search(self) -> Path:
        return self.beside(".search.jsonl")

    @classmethod
    def of(cls, output: str | Path, endings: Sequence[str]) -> Files:
        """The files beside one that is to be written.

        Raises
        ------
        UsageError
            It has none of the endings, is a folder, or no name that a model can have.
        """
        to = Path(output)
        if to.suffix not in endings or to.is_dir():
            raise UsageError(
                f"The output must end in {' or '.join(endings)}.",
                why=f"It was {to}.",
                hint=f"-o {to.with_suffix('')}.pb",
            )
        if not is_safe(to.stem):
            plain = re.sub("[^A-Za-z0-9]+", "-", to.stem).strip("-") or "model"
            raise UsageError(
                f"{to.stem!r} cannot be the name of a model.",
                why="Names are letters, digits, _, +, - and single dots.",
                hint=f"-o {plain}{to.suffix}",
            )
        return cls(to)

    def earlier(self) -> dict[str, Any]:
        """The record that an earlier training wrote there, with what people have written into it.

        Raises
        ------
        UsageError
            It is another model's.
        """
        if not self.record.exists():
            return {}
        document = Record.load(self.record).document
        if "training" not in document.get("zoo", {}):
            raise UsageError(
                f"{self.record} was not changed.",
                why="It is the record of a model that was not trained here.",
                hint="Choose another name: --output NAME.pb",
            )
        return document
