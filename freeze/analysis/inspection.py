"""Any file of a network, opened by its content and summarized."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.errors import NotFoundError
from freeze.analysis.summary import Summary, operations, summarize
from freeze.formats.savedmodel import is_saved_model
from freeze.network_file import NetworkFile, SavedModelFile, digest, opened
from freeze.shapes.shape import Shape

CHECKPOINT_FILES = (".index", ".meta")


@dataclass(frozen=True)
class Inspection:
    """A network's graph, and what it is.

    Attributes
    ----------
    graph : GraphDef
    summary : Summary
    shapes : dict of str to list of (tuple of (int or None), or None), or None
        As the file declares them; None where they are to be inferred.
    """

    graph: Any
    summary: Summary
    shapes: dict[str, list[Shape]] | None = None

    def __repr__(self) -> str:
        inputs = ", ".join(each.name for each in self.summary.inputs if each.role == "input")
        outputs = ", ".join(each.name for each in self.summary.outputs)
        parameters = f"{self.summary.parameters} parameters"
        return f"Inspection({self.summary.kind}: {inputs} -> {outputs}, {parameters})"


def inspect(path: Path) -> Inspection:
    """Open a network's file and summarize it.

    Parameters
    ----------
    path : Path
        A frozen graph, a SavedModel, a TensorFlow.js graph model (its folder, ``model.json``
        or a zip archive), an ONNX model, or a checkpoint (its prefix, folder or a file).

    Raises
    ------
    NotFoundError
        There is nothing.
    WrongKindError
        No network that can be looked into.
    IntegrityError
        It is damaged or hostile.
    """
    if path.is_dir():
        if is_saved_model(path):
            return _of_file(opened(path))
        if (path / "model.json").is_file():
            return _of_file(NetworkFile(path))
        return _checkpoint(path)
    parts = path.name.endswith(CHECKPOINT_FILES) or path.with_name(f"{path.name}.meta").is_file()
    if parts or not path.exists():
        return _checkpoint(path)
    file = NetworkFile(path)
    if file.kind == "savedmodel":
        return _of_file(SavedModelFile(path))
    return _of_file(file)


def _of_file(file: NetworkFile) -> Inspection:
    return Inspection(file.graph, file.summary, file.content.shapes)


def _checkpoint(path: Path) -> Inspection:
    from freeze.formats.checkpoint import Checkpoint
    from freeze.graph.rewrite import rewrite

    try:
        checkpoint = Checkpoint.open(path)
    except NotFoundError:
        raise NotFoundError(
            f"There is no network in {path}."
            if path.is_dir()
            else f"There is no file {path}, and no checkpoint of this name."
        ) from None
    graph = checkpoint.metagraph().graph_def
    ops = operations(graph)
    rewrite(graph)
    prefix = Path(checkpoint.name)
    name = "" if checkpoint.name.endswith("/") else prefix.name
    folder = prefix if checkpoint.name.endswith("/") else prefix.parent
    size, sha256 = digest(
        sorted(
            file
            for file in folder.iterdir()
            if file.name.startswith((f"{name}.index", f"{name}.meta", f"{name}.data-"))
        )
    )
    return Inspection(graph, replace(summarize(graph, "checkpoint", size, sha256), ops=ops))
