"""Is a network's file what it should be, and can it be read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from catalog.errors import ZooError, listed
from catalog.record import Record
from catalog.store import sha256_of
from freeze.formats import savedmodel
from freeze.formats.kinds import KINDS
from freeze.network_file import NetworkFile, SavedModelFile
from predictors.audio.containers import sniff
from validate.graph import ReadGraph
from validate.report import Check, failed, not_applicable, passed, warned

BY_SUFFIX = {".pb": "graph", ".onnx": "onnx", ".zip": "tfjs", ".json": "tfjs"}
WORDS = {
    **KINDS,
    "audio": "a file of audio",
    "graph": "a frozen graph",
    "folder": "a folder",
    "savedmodel": "a SavedModel",
    "tfjs": "a TensorFlow.js model",
}

TAKEN = (
    "a .pb, .onnx or .history; the model.json, .zip or folder of a TensorFlow.js model; the "
    "folder of a SavedModel; or a record, .json"
)
"""What can be judged, in words."""


def read(file: NetworkFile) -> ReadGraph:
    """Read a network.

    Raises
    ------
    ZooError
        It is no network, damaged or hostile.
    """
    found = file.content
    graph = ReadGraph(
        found.graph, file.summary, file.kind, found.shapes, found.foreign, found.undeclared
    )
    if isinstance(file, SavedModelFile):
        return replace(graph, initializers=file.model.initializers, saver=file.model.saver)
    return graph


def check(
    file: NetworkFile, record: Record, known: Record | None
) -> tuple[list[Check], ReadGraph | None]:
    """Judge a network's file.

    Parameters
    ----------
    file : NetworkFile
    record : Record
        What describes it.
    known : Record or None
        The catalog's record of this name: a file of another content is told as a warning.

    Returns
    -------
    list of Check
    ReadGraph or None
        None if it cannot be read.
    """
    found, path = file.kind, file.path
    if found == "unknown":
        with path.open("rb") as opened:
            found = "audio" if sniff(opened) else found
    if path.is_file() and found not in BY_SUFFIX.values() and path.suffix.lower() not in BY_SUFFIX:
        return [failed("file-kind", TAKEN, WORDS[found])], None
    expected = BY_SUFFIX.get(path.suffix.lower(), "tfjs") if path.is_file() else "tfjs"
    if isinstance(file, SavedModelFile):
        expected = found
    if found != expected:
        return [failed("file-kind", WORDS[expected], WORDS[found])], None
    checks = [passed("file-kind"), *compared_bytes(file, expected, record, known)]
    try:
        graph = read(file)
        if isinstance(file, SavedModelFile):
            savedmodel.check_variables(file.file, graph.definition)
    except ZooError as error:
        return [*checks, failed("file-whole", "a whole network", sentence(error))], None
    checks.append(passed("file-whole"))
    if graph.kind == "tfjs":
        checks.append(_weights(graph))
    return checks, graph


def _weights(graph: ReadGraph) -> Check:
    """Find weight files that a TensorFlow.js model's manifest does not name."""
    if graph.undeclared:
        return warned("file-weights", "files that model.json names", listed(graph.undeclared))
    return passed("file-weights")


def sentence(error: ZooError) -> str:
    return " ".join(filter(None, (error.message, error.why)))


def compared_bytes(
    file: NetworkFile, kind: str, record: Record, known: Record | None
) -> list[Check]:
    """Compare size and digest with those of the record, or else of the catalog."""
    kind, path = {"graph": "pb"}.get(kind, kind), file.path
    for model, told in ((record, failed), (known, warned)):
        named = model.file(kind) if model else None
        if not model or not named or not path.is_file():
            continue
        recipe = model.recipe if kind == "pb" else None
        sizes = [size for size in (named.size, recipe and recipe.size) if size]
        digests = [*named.sha256, *([recipe.sha256] if recipe else [])]
        size = path.stat().st_size
        sha256 = sha256_of(path) if kind == "tfjs" else file.sha256
        if recipe and sha256 == recipe.sha256:
            sizes = [recipe.size]
        return [
            _one_of("file-size", [f"{size} bytes" for size in sizes], f"{size} bytes", told),
            _one_of("file-digest", digests, sha256, told),
        ]
    return []


def _one_of(id: str, expected: Collection[str], found: str, told: object) -> Check:
    if not expected:
        return not_applicable(id, "No record states it.")
    if found in expected:
        return passed(id)
    return (failed if told is failed else warned)(id, listed(expected), found)
