"""A network's file, opened once: a frozen graph, a TensorFlow.js or ONNX model, a SavedModel."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError
from catalog.foreign import parse
from catalog.record import Record
from catalog.storage import reading
from freeze.formats import gaia, graphdef, kinds

if TYPE_CHECKING:
    from freeze.analysis.summary import Summary
    from freeze.formats import savedmodel
    from freeze.formats.gaia.history import Transformation
    from freeze.shapes.shape import Shape

CHUNK = 1 << 20  # bytes
_KINDS = {"graph": "frozen-graph"}  # in summaries; others are called there what they are here


@dataclass(frozen=True)
class Content:
    """What a network's file holds.

    Attributes
    ----------
    graph : GraphDef
        Of an ONNX model with ONNX's operations. Not to be changed.
    size : int
        In bytes, of all its files.
    sha256 : str
        Of the file; of a TensorFlow.js model, of ``model.json`` and then the weights.
    outputs : tuple of str
        Where the file names them.
    shapes : mapping of str to list of (tuple of (int or None), or None), optional
        Where the file declares them.
    metadata : mapping
        What its writer has to say of it.
    foreign : tuple of str
        Operations of an ONNX model that are not ONNX's.
    undeclared : tuple of str
        Weight files that a TensorFlow.js model does not name.
    ops : mapping of str to int, optional
        How often each operation occurs, where the graph does not tell.
    external : tuple of str
        Further files, beside an ONNX model, that weights lie in.
    """

    graph: Any
    size: int
    sha256: str
    outputs: tuple[str, ...] = ()
    shapes: dict[str, list[Shape]] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    ops: dict[str, int] | None = None
    external: tuple[str, ...] = ()


class NetworkFile:
    """A network's file, which is opened when something of it is first asked for, and only then.

    Parameters
    ----------
    path : Path
        A ``.pb`` or ``.onnx``; the folder, ``model.json`` or zip of a TensorFlow.js model.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = b""

    @cached_property
    def kind(self) -> str:
        """What the content is: see `kinds.kind`; ``tfjs`` for its folder or zip; ``folder``.

        Raises
        ------
        NotFoundError, WrongKindError, StorageError
        """
        if self.path.is_dir():
            return "tfjs" if (self.path / "model.json").is_file() else "folder"
        # Unbuffered: what a buffer holds would be joined to the rest by a copy of all.
        with reading(self.path), self.path.open("rb", buffering=0) as file:
            found = kinds.kind(file.read(1024))
            small = os.fstat(file.fileno()).st_size <= graphdef.LARGEST
            if small and found in ("graph", "onnx"):
                file.seek(0)
                self._data = file.read()
        return "tfjs" if found == "zip" else found

    @cached_property
    def sha256(self) -> str:
        """The digest: see `Content`."""
        if self.kind in ("graph", "onnx") and self._data:
            return hashlib.sha256(self._data).hexdigest()
        return self.content.sha256

    @cached_property
    def content(self) -> Content:
        """What the file holds.

        Raises
        ------
        NotFoundError, StorageError
            It cannot be read.
        WrongKindError
            It is no network.
        IntegrityError
            It is damaged or hostile.
        """
        if self.kind == "tfjs":
            return self._tfjs()
        name = str(self.path)
        if self.kind not in ("graph", "onnx"):
            kinds.expect_graph(self.kind, name)
        if not self._data:
            raise IntegrityError(f"{name} is too large for a graph.", why="Its limit is 2 GB.")
        size, sha256 = len(self._data), self.sha256
        if self.kind == "onnx":
            return self._onnx(size, sha256)
        graph = graphdef.parse(self._data, name)
        self._data = b""  # of a large graph, one copy in memory is enough
        return Content(graph, size, sha256)

    def files(self) -> list[Path]:
        """The file of an ONNX model, and those that its weights lie in."""
        return [self.path, *(self.path.parent / name for name in self.content.external)]

    @property
    def graph(self) -> Any:
        """The graph; not to be changed."""
        return self.content.graph

    @cached_property
    def record(self) -> Record | None:
        """The record that an export carries, if it does."""
        if self.kind not in ("tfjs", "onnx"):
            return None
        told = self.content.metadata.get("zoo")
        if isinstance(told, str):  # ONNX keeps text
            try:
                told = parse(told.encode())
            except ValueError:
                return None
        record = told.get("record") if isinstance(told, dict) else None
        if isinstance(record, dict) and isinstance(record.get("zoo"), dict):
            return Record(record)
        return None

    @cached_property
    def summary(self) -> Summary:
        """What the graph is."""
        from freeze.analysis.summary import summarize

        found = self.content
        kind = _KINDS.get(self.kind, self.kind)
        summary = summarize(
            found.graph, kind, found.size, found.sha256, found.outputs, found.shapes
        )
        return summary if found.ops is None else replace(summary, ops=found.ops)

    def _tfjs(self) -> Content:
        from freeze.formats import tfjs

        model = tfjs.load(self.path)
        return Content(
            model.graph,
            model.size,
            model.sha256,
            model.outputs,
            metadata=model.metadata,
            undeclared=model.undeclared,
        )

    def _onnx(self, size: int, sha256: str) -> Content:
        from freeze.formats import onnx

        model = onnx.parse(self._data, str(self.path))
        self._data = b""
        onnx.require_weights(model, self.path)
        return Content(
            model.graph,
            size,
            sha256,
            model.outputs,
            model.shapes,
            model.metadata,
            model.foreign,
            ops=model.ops,
            external=model.external,
        )


class SavedModelFile(NetworkFile):
    """A SavedModel, to be looked at: what is run is a graph with constants alone.

    Parameters
    ----------
    path : Path
        Its folder, or its ``saved_model.pb``.
    """

    def __init__(self, path: Path) -> None:
        from freeze.formats import savedmodel

        super().__init__(path)
        self.file = path / savedmodel.FILE if path.is_dir() else path

    @cached_property
    def kind(self) -> str:
        return "savedmodel"

    @cached_property
    def sha256(self) -> str:
        return self.content.sha256

    @cached_property
    def model(self) -> savedmodel.ReadSavedModel:
        """What the file holds beside its graph."""
        from freeze.formats import savedmodel

        return savedmodel.read(self.file)

    @cached_property
    def content(self) -> Content:
        files = [self.file, *sorted((self.file.parent / "variables").glob("*"))]
        return Content(self.model.graph, *digest(files), self.model.outputs)


class HistoryFile(NetworkFile):
    """A history of Gaia, which is no graph and has none.

    Parameters
    ----------
    path : Path
        A ``.history``.
    """

    @cached_property
    def kind(self) -> str:
        return "history"

    @cached_property
    def sha256(self) -> str:
        with reading(self.path):
            return digest([self.path])[1]

    @cached_property
    def history(self) -> tuple[Transformation, ...]:
        """The steps; see `freeze.formats.gaia.history.read` for errors."""
        from freeze.formats.gaia import history

        return history.read(self.path)


def opened(path: Path) -> NetworkFile:
    """The file of a network that is to be looked at, a SavedModel or another."""
    from freeze.formats.savedmodel import is_saved_model

    return SavedModelFile(path) if is_saved_model(path) else runnable(path)


def runnable(path: Path) -> NetworkFile:
    """The file of a model that is to be run, a history or another."""
    return HistoryFile(path) if path.suffix == gaia.ENDING else NetworkFile(path)


def digest(files: Iterable[Path]) -> tuple[int, str]:
    """The size and the digest of files, one after the other."""
    size, found = 0, hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                found.update(chunk)
    return size, found.hexdigest()
