"""Models in files of the user's own: the graph that a path means, and what describes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import (
    AmbiguousNameError,
    NotFoundError,
    UnknownModelError,
    UsageError,
)
from catalog.fields import Layer
from catalog.record import Record
from catalog.schema import require_readable
from catalog.store import sha256_of
from freeze.formats import gaia

if TYPE_CHECKING:
    from freeze.network_file import NetworkFile


def graph_path(name: str | Path) -> Path | None:
    """The graph that a path means, or None if it is a name in the catalog.

    Returns
    -------
    Path or None
        A ``.pb``, ``.onnx`` or ``.history``; the folder, ``model.json`` or zip of a TensorFlow.js
        model.

    Raises
    ------
    NotFoundError
        It can only be a path, and there is nothing.
    UsageError
        The folder holds several graphs.
    """
    path = Path(name)
    if path.suffix in (".onnx", ".pb", ".zip", gaia.ENDING) or path.name == "model.json":
        if not path.is_file():
            raise NotFoundError(f"There is no file {path}.")
        return path
    if not path.is_dir():
        return None
    kinds = (".pb", ".onnx", gaia.ENDING)
    graphs = next(filter(None, (sorted(path.glob(f"*{kind}")) for kind in kinds)), [])
    if len(graphs) > 1:
        raise UsageError(
            f"{path} contains {len(graphs)} models.", hint=f"Name one of them: {graphs[0]}"
        )
    if graphs:
        return graphs[0]
    return path if (path / "model.json").is_file() else None


def is_changed(file: NetworkFile, record: Record) -> bool:
    """Whether a frozen graph has another digest than all that its record names."""
    named = record.file("pb") if file.path.suffix == ".pb" else None
    known = named.sha256 if named else ()
    return bool(known) and file.sha256 not in known


def vouched(file: NetworkFile) -> frozenset[str]:
    """The digests that the catalog, or the store's manifest, knows for a file of this name."""
    from catalog.index import in_catalog
    from catalog.store import Store

    id = _id(file.path)
    known, manifest = in_catalog(id), Store.default().manifest(id)
    digests = {file.sha256 for file in manifest.files} if manifest else set()
    return frozenset(digests.union(*(file.sha256 for file in known.files) if known else ()))


def description(file: NetworkFile) -> Record | None:
    """The record that an export carries; or that beside a graph, and what the catalog adds.

    Raises
    ------
    IntegrityError
        It is no record, or one whose values have wrong types.
    """
    graph = file.path
    if own := file.record:
        require_readable(own.document, f"What {graph} says of itself")
        return own
    beside = _place(graph).with_name(f"{_id(graph)}.json")
    if not beside.is_file():
        return _of_history(file)
    own = Record.load(beside)
    if sha256_of(beside) not in vouched(file):
        require_readable(own.document, str(beside), f"See all that is wrong: zoo validate {beside}")
    try:
        known = _find(_id(graph))
    except (UnknownModelError, AmbiguousNameError):
        known = own
    if known.id == _id(graph) and known is not own:
        from catalog.upstream import with_upstream

        return with_upstream(known, own.document)
    return Record({"zoo": {"id": _id(graph)}, **own.document})


def _of_history(file: NetworkFile) -> Record | None:
    """What a history says of itself; None of another file."""
    from freeze.formats.gaia.history import classifier
    from freeze.network_file import HistoryFile

    if not isinstance(file, HistoryFile):
        return None
    last = classifier(file.history)
    classes = last.params.get("classMapping") if last else None
    named = {"classes": list(classes)} if isinstance(classes, tuple) else {}
    return Record({**named, "zoo": {"id": _id(file.path), "kind": "svm", "family": "gaia"}})


def _place(graph: Path) -> Path:
    """The file or folder that bears a model's name."""
    place = graph.parent if graph.name == "model.json" else graph
    return place.resolve() if place.is_dir() else place


def _id(graph: Path) -> str:
    """The identity of a model as its file or folder is called."""
    place = _place(graph)
    return place.name.removesuffix(place.suffix if place.is_file() else "").removesuffix("-tfjs")


def _find(name: str) -> Record:
    from catalog.index import found

    return found(name)


def assumed(file: NetworkFile) -> Record:
    """A record for a graph without metadata: the catalog's, if it has its layers, or a guess."""
    from catalog.index import in_catalog
    from predictors.runtimes import notes
    from predictors.runtimes.graph import digest

    id = _id(file.path)
    known = in_catalog(id)
    wanted = {each.name for each in _layers(known)} if known and known.outputs else set()
    has_them = digest("layers", file.sha256, sorted(wanted))
    if known and wanted and notes.is_made(has_them):
        return known
    from freeze.analysis.summary import schema_of
    from freeze.formats import graphdef
    from freeze.formats.fused import split
    from freeze.graph.inference import training_flags
    from zoo.freezing.draft import inference_of

    nodes = graphdef.by_name(split(file.graph) if file.kind == "tfjs" else file.graph)
    names = {name.removesuffix(":0") for name in nodes}
    if known and wanted and names >= wanted:
        notes.make(has_them)
        return known
    block = {"id": id, "training_flags": training_flags(nodes)}
    document = {"schema": schema_of(file.summary), "inference": inference_of(file.summary)}
    return Record({**document, "zoo": block})


def _layers(record: Record) -> tuple[Layer, ...]:
    return (*record.inputs, *record.outputs)


def assumption(graph: Path, record: Record) -> str:
    """What was made up for metadata that are not there."""
    from predictors.features.families import EMBEDDINGS

    missing = f"{graph.absolute().name} has no metadata beside it."
    if record.classes:
        return f"{missing} It is taken for the catalog's {record.id}, whose layers it has."
    layers = (f"{layer.purpose or 'output'} {layer.name}" for layer in record.outputs)
    features = (
        "It is taken for a head, which reads embeddings"
        if record.algorithm == EMBEDDINGS
        else "The shape of its input decides on its features"
    )
    return (
        f"{missing} {features}, its classes are numbered, "
        f"and these are taken for its layers: {', '.join(layers)}."
    )
