"""Results kept row by row, so that an interrupted run can be taken up again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from catalog.storage import ELSEWHERE, storage_errors, write_whole

if TYPE_CHECKING:
    from zoo.predicting.results import Result

Row = dict[str, Any]


class Journal:
    """A file with one JSON document a line: a row of results, and the settings behind it.

    Parameters
    ----------
    path : Path
        What an earlier run left there is kept, but for its errors, which are tried again,
        and a last line that it did not finish.
    settings : dict
        What the numbers depend on, kept in every row.
    activations : bool
        Whether rows hold all activations.

    Attributes
    ----------
    done : set of (str, str, str)
        File, model and layer of what needs no computing.

    Raises
    ------
    UsageError
        The file holds something else, or results with other settings.
    StorageError
    """

    def __init__(self, path: Path, settings: Row, *, activations: bool = False) -> None:
        self.path = path
        self.settings = settings
        self.activations = activations
        self.done: set[tuple[str, str, str]] = set()
        self._recover()

    def add(self, results: Iterable[Result]) -> None:
        """Append the rows of a file that are not there yet."""
        rows = [
            {**result.to_json(activations=self.activations), "settings": self.settings}
            for result in results
            if result.key not in self.done
        ]
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        with storage_errors(self.path, ELSEWHERE):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(lines.encode())

    def rows(self) -> Iterator[Row]:
        """Read all rows, without the settings."""
        for row in self._rows():
            del row["settings"]
            yield row

    def _rows(self) -> Iterator[Row]:
        if self.path.exists():
            with storage_errors(self.path, ELSEWHERE), self.path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield self._row(line)

    def remove(self) -> None:
        """Remove the journal, when its rows lie elsewhere."""
        self.path.unlink(missing_ok=True)

    def _row(self, line: bytes) -> Row:
        try:
            row: Row = json.loads(line)
            row["file"], row["model"], row["layer"], row["error"], row["settings"]
        except (ValueError, LookupError, TypeError):
            raise UsageError(
                f"{self.path} does not contain results.",
                hint="Name another file.",
            ) from None
        return row

    def _recover(self) -> None:
        """Learn what is done, and drop the rest."""
        good = []
        for row in self._rows():
            if row["settings"] != self.settings:
                raise UsageError(
                    f"{self.path} contains results with different settings.",
                    why=f"They were: {_told(row['settings'])}. Now: {_told(self.settings)}.",
                    hint=f"Name another file, or start over: rm {self.path}",
                )
            if row["error"] is None:
                self.done.add((row["file"], row["model"], row["layer"]))
                good.append(row)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in good).encode()
        if self.path.exists() and len(lines) != self.path.stat().st_size:
            write_whole(self.path, lines)


def _told(settings: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items() if value is not None)
