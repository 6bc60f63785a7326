"""Is a network's file what it should be, and can it be read."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from catalog.errors import ZooError
from catalog.record import Record
from catalog.storage import reading
from catalog.store import sha256_of
from freeze.analysis.summary import summarize
from freeze.formats import graphdef, onnx, tfjs
from validate.graph import GraphFile
from validate.report import Check, failed, listed, not_applicable, passed, warned

BY_SUFFIX = {".pb": "graph", ".onnx": "onnx", ".zip": "tfjs", ".json": "tfjs"}
WORDS = {
    **graphdef.KINDS,
    "graph": "a frozen graph",
    "folder": "a folder",
    "tfjs": "a TensorFlow.js model",
}


def kind(path: Path) -> str:
    """Tell what a path is, by its content: see `freeze.formats.graphdef.kind`; or ``folder``."""
    if path.is_dir():
        return "tfjs" if (path / "model.json").is_file() else "folder"
    with reading(path), path.open("rb") as file:
        found = graphdef.kind(file.read(1024))
    return "tfjs" if found == "zip" else found


def read(path: Path) -> GraphFile:
    """Read a network.

    Raises
    ------
    ZooError
        It is no network, damaged or hostile.
    """
    found = kind(path)
    if found == "tfjs":
        web = tfjs.load(path)
        summary = summarize(web.graph, outputs=web.outputs)
        return GraphFile(web.graph, summary, found, undeclared=web.undeclared)
    if found == "onnx":
        model = onnx.read(path)
        summary = summarize(model.graph, outputs=model.outputs, shapes=model.shapes)
        return GraphFile(model.graph, summary, found, model.shapes, model.foreign)
    definition = graphdef.read(path)
    return GraphFile(definition, summarize(definition))


def carried(path: Path) -> Record | None:
    """The record that an export carries, if it does.

    Raises
    ------
    ZooError
        It is damaged or hostile.
    """
    told: object = None
    found = kind(path)
    if found == "tfjs":
        told = tfjs.metadata(path).get("zoo")
    elif found == "onnx":
        with suppress(ValueError, RecursionError):
            told = json.loads(onnx.read(path).metadata.get("zoo", ""))
    record = told.get("record") if isinstance(told, dict) else None
    if isinstance(record, dict) and isinstance(record.get("zoo"), dict):
        return Record(record)
    return None


def check(path: Path, record: Record, known: Record | None) -> tuple[list[Check], GraphFile | None]:
    """Judge a network's file.

    Parameters
    ----------
    path : Path
        A ``.pb``, ``.onnx`` or ``.zip``, or a TensorFlow.js folder or ``model.json``.
    record : Record
        What describes it.
    known : Record or None
        The catalog's record of this name: a file of another content is told as a warning.

    Returns
    -------
    list of Check
    GraphFile or None
        None if it cannot be read.
    """
    found = kind(path)
    expected = BY_SUFFIX.get(path.suffix.lower(), "tfjs") if path.is_file() else "tfjs"
    if found != expected:
        return [failed("file-kind", WORDS[expected], WORDS[found])], None
    checks = [passed("file-kind"), *_bytes(path, expected, record, known)]
    try:
        graph = read(path)
    except ZooError as error:
        return [*checks, failed("file-whole", "a whole network", _sentence(error))], None
    checks.append(passed("file-whole"))
    if graph.kind == "tfjs":
        checks.append(_weights(graph))
    return checks, graph


def _weights(graph: GraphFile) -> Check:
    """Find weight files that a TensorFlow.js model's manifest does not name."""
    if graph.undeclared:
        return warned("file-weights", "files that model.json names", listed(graph.undeclared))
    return passed("file-weights")


def _sentence(error: ZooError) -> str:
    return " ".join(filter(None, (error.message, error.why)))


def _bytes(path: Path, kind: str, record: Record, known: Record | None) -> list[Check]:
    """Compare size and digest with those of the record, or else of the catalog."""
    kind = {"graph": "pb"}.get(kind, kind)
    for model, told in ((record, failed), (known, warned)):
        file = model.file(kind) if model else None
        if not model or not file or not path.is_file():
            continue
        recipe = model.recipe if kind == "pb" else None
        sizes = [size for size in (file.size, recipe and recipe.size) if size]
        digests = [*file.sha256, *([recipe.sha256] if recipe else [])]
        size, sha256 = path.stat().st_size, sha256_of(path)
        if recipe and sha256 == recipe.sha256:
            sizes = [recipe.size]
        return [
            _one_of("file-size", [f"{size} bytes" for size in sizes], f"{size} bytes", told),
            _one_of("file-digest", digests, sha256, told),
        ]
    return []


def _one_of(id: str, expected: Collection[str], found: str, told: object) -> Check:
    if not expected:
        return not_applicable(id, "No record says it.")
    if found in expected:
        return passed(id)
    return (failed if told is failed else warned)(id, listed(expected), found)
