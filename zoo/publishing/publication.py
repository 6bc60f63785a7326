"""A model to publish, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.record import Document, Record
from catalog.store import sha256_of
from freeze.network_file import NetworkFile
from validate import report


@dataclass(frozen=True)
class Publication:
    """A model to publish.

    Attributes
    ----------
    word : str
        As the user named it.
    name : str
        How `zoo.load` finds it.
    model : Record
        Its record.
    network : NetworkFile
        The frozen graph.
    reports : tuple of report.Report
        What ``zoo validate`` finds.
    """

    word: str
    name: str
    model: Record
    network: NetworkFile
    reports: tuple[report.Report, ...]

    @property
    def digests(self) -> set[str]:
        """Of the networks that the name will stand for."""
        onnx = self.network.path.with_suffix(".onnx")
        return {self.network.sha256, *([sha256_of(onnx)] if onnx.is_file() else [])}

    @property
    def record(self) -> Document:
        """The record to publish: its files are those of the published folder."""
        zoo = {key: value for key, value in self.model.zoo.items() if key != "recipe"}
        file = {
            "kind": "pb",
            "size": self.network.content.size,
            "sha256": self.network.sha256,
        }
        return {**self.model.document, "zoo": {**zoo, "files": [file]}}
