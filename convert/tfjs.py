"""TensorFlow.js graph models, written without TensorFlow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError
from convert.bodies import rewritten
from convert.export_graph import FEATURES
from convert.folding import fold, needed
from convert.lowering import lower, refuse_halves
from convert.overlap import overlap
from convert.place import refusal
from convert.quantization import Quantization, quantized
from convert.unrolling import unroll
from freeze.formats import dtypes, graphdef, tensors
from freeze.graph import walk
from freeze.operations.attributes import complete

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Document
    from convert.export_graph import ExportGraph, TensorSpec

SHARD = 4 << 20
"""Bytes of a weight file: browsers keep files of this size in their caches."""

CONVERTER = "TensorFlow.js graph model, by zoo"

_NAMES = {name: f"DT_{name.upper()}" for name in dtypes.NAMES.values()} | {"float32": "DT_FLOAT"}
"""TensorFlow's names in JSON, of the element types that TensorFlow.js has."""

_NARROWED = {
    **dict.fromkeys(("float64", "float16", "bfloat16"), "float32"),
    **dict.fromkeys(("int64", "int8", "int16", "uint8", "uint16", "uint32", "uint64"), "int32"),
    "complex128": "complex64",
}
"""What TensorFlow.js has in the place of element types that it lacks."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def write(exported: ExportGraph, folder: Path, quantize: Quantization | None = None) -> None:
    """Write a network as a TensorFlow.js graph model; equal networks give equal bytes.

    Parameters
    ----------
    exported : ExportGraph
    folder : Path
        Made if it is not there: ``model.json``, with the weights' digests, and the weights in
        files of 4 MB. Those that make embeddings are a group of their own, which is the same in an
        extractor and in all heads on it, so that a page fetches it once.
    quantize : {"float16", "uint16", "uint8"}, optional
        How to store weights.

    Raises
    ------
    UsageError
        TensorFlow.js lacks an operation, or cannot hold a value.
    """
    exact = _front_end(exported.graph)
    names = [port.name for port in exported.outputs]
    graph = rewritten(exported.graph, names, _rewrite)
    metadata = exported.metadata
    if exported.patches and (common := overlap(graph, names, exported.patches)):
        metadata = {"zoo": {**metadata["zoo"], "overlap": common}}
    stored = [_taken(node, exact, quantize) for node in _constants(graph)]
    shared = _extractor(graph, exported.metadata)
    below = [each for each in stored if each[0]["name"] in shared]
    above = [each for each in stored if each[0]["name"] not in shared]
    folder.mkdir(parents=True, exist_ok=True)
    groups = [
        _write_group(f"group{number}", part, folder)
        for number, part in enumerate([below, above] if below else [above], 1)
    ]
    document = {
        "format": "graph-model",
        "generatedBy": str(exported.graph.versions.producer),
        "convertedBy": CONVERTER,
        "signature": signature(exported),
        "userDefinedMetadata": metadata,
        "modelTopology": _topology(graph),
        "weightsManifest": groups,
    }
    (folder / "model.json").write_text(dump(document), encoding="utf-8")


def dump(document: Document) -> str:
    """``model.json`` as text."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def signature(exported: ExportGraph) -> Document:
    """What a network takes and gives, under the names that the record has for them.

    The predictions alone are an output, as in other people's models: code that names no layer
    gets one tensor of them, not a list. The metadata name all layers, which can be asked for.
    """
    ends = (exported.predictions,)
    return {
        "inputs": {port.name: _described(port) for port in exported.inputs},
        "outputs": {port.name: _described(port) for port in ends},
    }


def archive(folder: Path, path: Path) -> None:
    """Pack a written model into a zip archive; equal models give equal bytes."""
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, file.read_bytes())


@cache
def operations() -> frozenset[str]:
    """The operations that TensorFlow.js 4.22 reads."""
    return frozenset(Path(__file__).with_name("tfjs_ops.txt").read_text("ascii").split())


def _rewrite(graph: Any, outputs: Sequence[str]) -> Any:
    """Write a graph with operations that TensorFlow.js has; the original is as it was."""
    refuse_halves(graph)
    lowered = needed(lower(fold(unroll(graph, outputs), outputs)), outputs)
    for node in lowered.node:
        if node.op not in operations():
            raise refusal(node, "which it lacks")
    return complete(lowered)


def _front_end(graph: Any) -> set[str]:
    """The nodes that make the features: quantized, they would feed the network other ones."""
    nodes = graphdef.by_name(graph)
    return walk.reachable(nodes, [FEATURES]) if FEATURES in nodes else set()


def _extractor(graph: Any, metadata: Document) -> set[str]:
    """The nodes that make embeddings: of the extractor in a head, or for heads to read."""
    told = metadata.get("zoo", {})
    outputs = told.get("outputs", {})
    own = [name for name, purpose in outputs.items() if purpose == "embeddings"]
    ends = [told["extractor"]["node"]] if "extractor" in told else own
    return walk.reachable(graphdef.by_name(graph), ends)


def _constants(graph: Any) -> Iterator[Any]:
    nodes = chain(graph.node, *(function.node_def for function in graph.library.function))
    return (node for node in nodes if node.op == "Const")


def _taken(node: Any, exact: set[str], quantize: Quantization | None) -> tuple[Document, bytes]:
    """What the manifest says of a constant, and its bytes, which the node does not keep."""
    name = node.name
    values = _narrowed(tensors.array(node.attr["value"].tensor, name), name)
    number = tensors.BY_NUMPY[values.dtype].number
    node.Clear()
    node.name, node.op = name, "Const"
    node.attr["dtype"].type = number
    tensor = node.attr["value"].tensor
    tensor.dtype = number
    for size in values.shape:
        tensor.tensor_shape.dim.add(size=size)
    return _weight(name, values, None if name in exact else quantize)


def _narrowed(values: NDArray[Any], name: str) -> NDArray[Any]:
    """The values in an element type that TensorFlow.js has."""
    kind = values.dtype.name
    if kind not in _NARROWED:
        return values
    with np.errstate(over="ignore"):
        narrow = values.astype(np.dtype(_NARROWED[kind]).newbyteorder("<"))
    exact = narrow if values.dtype.kind in "iu" else np.isfinite(narrow)
    if not np.array_equal(exact, values if values.dtype.kind in "iu" else np.isfinite(values)):
        raise UsageError(
            f"TensorFlow.js cannot store {name}.", why=f"Its {kind} go beyond 32 bits."
        )
    return narrow


def _weight(
    name: str, values: NDArray[Any], quantize: Quantization | None
) -> tuple[Document, bytes]:
    """What the manifest says of a weight, and its bytes."""
    entry: Document = {"name": name, "shape": list(values.shape), "dtype": values.dtype.name}
    if values.dtype == object:
        texts = (bytes(text) for text in values.ravel())
        stored = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
        return entry | {"dtype": "string"}, stored
    is_matrix = values.size > max(values.shape, default=1)  # vectors weigh nothing
    found = quantized(values, quantize) if quantize and is_matrix and values.dtype == "f4" else None
    if found is None:
        return entry, values.tobytes()
    rule, small = found
    return entry | {"quantization": rule}, small.tobytes()


def _write_group(name: str, weights: Sequence[tuple[Document, bytes]], folder: Path) -> Document:
    """Write weights into files that lie one behind the other."""
    data = b"".join(stored for _, stored in weights)
    count = max(1, -(-len(data) // SHARD))
    paths = [f"{name}-shard{place + 1}of{count}.bin" for place in range(count)]
    for place, path in enumerate(paths):
        (folder / path).write_bytes(data[place * SHARD : (place + 1) * SHARD])
    return {
        "paths": paths,
        "weights": [entry for entry, _ in weights],
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _described(port: TensorSpec) -> Document:
    """An input or output, as signatures describe it."""
    sizes = [{"size": str(-1 if size is None else size)} for size in port.shape or ()]
    dtype = _NARROWED.get(port.dtype, port.dtype)
    shape: Mapping[str, Any] = {"unknownRank": True} if port.shape is None else {"dim": sizes}
    name = graphdef.tensor_name(port.name)
    return {"name": name, "dtype": _NAMES[dtype], "tensorShape": shape}


def _topology(graph: Any) -> Document:
    """A graph as JSON, with element types that TensorFlow.js has, by their names."""
    from google.protobuf.json_format import MessageToDict

    def named(number: int) -> str:
        name = dtypes.name(number) or ""
        return _NAMES.get(_NARROWED.get(name, name), "DT_INVALID")

    def renamed(nodes: Iterable[Document]) -> None:
        for node in nodes:
            attributes = node.get("attr", {})
            for value in attributes.values():
                if "type" in value:
                    value["type"] = named(value["type"])
                if "type" in value.get("list", {}):
                    value["list"]["type"] = list(map(named, value["list"]["type"]))
                if "tensor" in value:
                    value["tensor"]["dtype"] = named(value["tensor"]["dtype"])
                    value["tensor"].setdefault("tensorShape", {})
            node["attr"] = dict(sorted(attributes.items()))  # protobuf keeps them in no order

    document: Document = MessageToDict(graph)
    renamed(document["node"])
    for function in document.get("library", {}).get("function", []):
        renamed(function.get("nodeDef", []))
        told = function["signature"]
        for argument in chain(told.get("inputArg", []), told.get("outputArg", [])):
            argument["type"] = named(argument["type"])
        function["ret"] = dict(sorted(function.get("ret", {}).items()))
    return document
