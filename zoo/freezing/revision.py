"""A record that is there already when its network is frozen anew."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError
from catalog.json_text import Place, edited
from catalog.record import Record
from catalog.storage import save

if TYPE_CHECKING:
    from catalog.record import Document
    from validate.agreement import DescribedGraph
    from zoo.freezing.said import Said

log = logging.getLogger("zoo")


@dataclass(frozen=True)
class Existing:
    """A record that somebody wrote, beside the network that takes its place.

    Attributes
    ----------
    path : Path
    text, encoding : str
    record : Record
    """

    path: Path
    text: str
    encoding: str
    record: Record

    @classmethod
    def read(cls, path: Path) -> Existing | None:
        """The record of a path; None if there is none that can be read, which is told."""
        from validate.metadata import is_readable

        if not path.exists():
            return None
        try:
            record = Record.load(path)
        except IntegrityError as error:
            log.warning(f"{path} exists and is kept as it is: {error.why}")
            return None
        if not is_readable(record):
            log.warning(
                f"{path} exists and is kept as it is. See what is wrong: zoo validate {path}"
            )
            return None
        data = path.read_bytes()
        encoding = json.detect_encoding(data)
        return cls(path, data.decode(encoding), encoding, record)

    def revise(self, network: Path, drafted: Document, said: Said) -> None:
        """Bring up to date what the new network tells, keep the rest, and show both.

        Parameters
        ----------
        network : Path
            As it is written.
        drafted : Document
            The record as it would begin.
        said : Said
            What the author tells now.
        """
        from catalog.index import in_catalog
        from freeze.network_file import NetworkFile
        from validate import agreement, files
        from validate.agreement import DescribedGraph
        from validate.fix import corrections
        from validate.record import CheckedRecord

        graph, known = files.read(NetworkFile(network)), in_catalog(network.stem)

        def described(text: str) -> DescribedGraph:
            record = Record(json.loads(text.removeprefix("\ufeff")))
            return DescribedGraph(CheckedRecord(record, network.stem, known, network.parent), graph)

        there = described(self.text).graph.tensor
        told = {**dict(_told(self.record, drafted, there)), **self._said(said)}
        after = edited(self.text, told)
        after = edited(after, dict(corrections(described(after))))
        if after == self.text:
            log.info(f"{self.path} describes it already.")
            return
        save(self.path, after.encode(self.encoding))
        old, new = self.text.splitlines(), after.splitlines()
        diff = unified_diff(old, new, str(self.path), f"{self.path} (revised)", n=1, lineterm="")
        log.info("\n".join((f"Revised {self.path}, and kept what was written there:", *diff)))
        for check in agreement.check(described(after)):
            if check.status in ("failed", "warned"):
                log.warning(
                    f"{self.path} disagrees with {network}: {check.id}: "
                    f"expected {check.expected}, found {check.found}"
                )

    def _said(self, said: Said) -> dict[Place, Any]:
        """What the author tells; with a block ``zoo``, if it needs one that is not there."""
        places = dict(said.places())
        block = {place[1]: value for place, value in places.items() if place[0] == "zoo"}
        if not block or "zoo" in self.record.document:
            return places
        others = {place: value for place, value in places.items() if place[0] != "zoo"}
        return {**others, ("zoo",): {"id": self.path.stem, "kind": "end-to-end", **block}}


def _told(
    record: Record, drafted: Document, there: Callable[[str], object]
) -> Iterator[tuple[Place, Any]]:
    """What is known of the new network that its file alone does not tell."""
    document = record.document
    for key in ("framework", "framework_version"):
        if key in drafted and document.get(key, "") != drafted[key]:
            yield (key,), drafted[key]
    schema = document.get("schema")
    if not schema:
        yield ("schema",), drafted["schema"]
        return
    names = {layer["name"] for layer in drafted["schema"]["inputs"]}
    for side, known in (("inputs", names.__contains__), ("outputs", there)):
        layers = _layers(schema.get(side, []), drafted["schema"][side], known)
        if layers != schema.get(side):
            yield ("schema", side), layers


def _layers(
    written: list[Document], drafted: list[Document], there: Callable[[str], object]
) -> list[Document]:
    """The author's layers that are still there, and the network's in the place of others."""
    names = [layer["name"].removesuffix(":0") for layer in written]
    left = [layer for layer in drafted if layer["name"].removesuffix(":0") not in names]
    kept: list[Document] = []
    for name, layer in zip(names, written, strict=True):
        purpose = layer.get("output_purpose")
        if there(name):
            kept.append(layer)
        elif same := [each for each in left if purpose and each["output_purpose"] == purpose]:
            words = {key: layer[key] for key in ("description",) if key in layer}
            kept.append({**same[0], **words})
            left.remove(same[0])
    taken = {layer.get("output_purpose") for layer in kept} - {""}
    for layer in left:
        twice = layer.get("output_purpose") in taken
        kept.append({**layer, "output_purpose": ""} if twice else layer)
    return kept
