"""TensorFlow.js graph models, read into graphs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any

from catalog.errors import ChecksumError, IntegrityError, NotFoundError, WrongKindError
from catalog.foreign import parse_object
from catalog.record import Document
from freeze.formats import dtypes, graphdef
from freeze.formats.bundle import Bundle, checked
from freeze.formats.fused import split
from freeze.formats.messages import GraphDef

LARGEST_TOPOLOGY = 1 << 23
"""Bytes of ``model.json``; the largest of audio models have a few million."""

MOST_ITEMS = 500_000
"""Of the topology's lists and objects; a node has some twenty."""

MOST_DIMENSIONS = 32
LARGEST_AXIS = 1 << 31

_DTYPES = {f"DT_{name.upper()}": number for number, name in dtypes.NAMES.items()} | {
    "DT_FLOAT": 1,
    "DT_DOUBLE": 1,
    "DT_HALF": 1,
    "DT_INT64": 3,
}
"""By the names of TensorFlow's JSON; wide numbers as those that TensorFlow.js computes with."""

_WEIGHTS = {"float32": (1, 4), "int32": (3, 4), "complex64": (8, 8), "bool": (10, 1)}
_STORED = {"uint8": 1, "uint16": 2, "float16": 2}
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class WebModel:
    """A TensorFlow.js graph model.

    Attributes
    ----------
    graph : GraphDef
        Its weights are constants; fused operations are left as they are.
    size : int
        Of ``model.json`` and the weights, in bytes.
    sha256 : str
        Of ``model.json``, and then the weights.
    undeclared : tuple of str
        Weight files in the folder that the manifest does not name.
    outputs : tuple of str
        Its layers: those that the record of an export names; else what its signature declares.
    metadata : dict
        What its writer has to say of it: ``userDefinedMetadata``; often nothing.
    """

    graph: Any
    size: int
    sha256: str
    undeclared: tuple[str, ...]
    outputs: tuple[str, ...]
    metadata: Document


def is_tfjs(path: Path) -> bool:
    """Tell whether a path can only mean a TensorFlow.js model, by its name."""
    return path.is_dir() or path.suffix in (".json", ".zip")


def read(path: Path) -> Any:
    """Read the graph of a model (see `load`) with its fused operations taken apart."""
    return split(load(path).graph)


def metadata(path: Path) -> Document:
    """What the writer of a model has to say of it, without reading its weights.

    Raises
    ------
    NotFoundError, IntegrityError
    """
    bundle, topology = _find(path)
    try:
        return _metadata(parse_object(bundle.read(topology, LARGEST_TOPOLOGY)))
    except _MALFORMED as error:
        raise _damaged(str(bundle.path / topology), error) from None


def _layers(metadata: Document) -> list[str]:
    """The layers that an export says it has: its signature declares the predictions alone."""
    zoo = metadata.get("zoo")
    named = zoo.get("outputs") if isinstance(zoo, dict) else None
    return list(named) if isinstance(named, dict) else []


def _signed(document: Document) -> list[str]:
    declared = (document.get("signature") or {}).get("outputs") or {}
    return [tensor["name"].removesuffix(":0") for tensor in declared.values()]


def _metadata(document: Document) -> Document:
    told = document.get("userDefinedMetadata")
    return told if isinstance(told, dict) else {}


def load(path: Path) -> WebModel:
    """Read a TensorFlow.js graph model.

    Parameters
    ----------
    path : Path
        Its ``model.json``, the folder or a zip archive of it.

    Returns
    -------
    WebModel

    Raises
    ------
    NotFoundError
        No such file, or nothing of the kind in the folder.
    WrongKindError
        Another kind of model.
    IntegrityError
        It is damaged or hostile: weights are missing, disagree with the manifest, were
        changed after they were exported by zoo, or lie outside the folder.
    """
    bundle, topology = _find(path)
    text = bundle.read(topology, LARGEST_TOPOLOGY)
    name = str(bundle.path / topology)
    digest = hashlib.sha256(text)
    try:
        document = parse_object(text)
        topology_keys = document["modelTopology"].keys()
        legacy = "layers-model" if "model_config" in topology_keys else "graph-model"
        if (kind := document.get("format", legacy)) != "graph-model":
            raise WrongKindError(
                f"{name} is not a graph model.",
                why=f"It is a {kind} of TensorFlow.js: Keras layers instead of a graph.",
                hint="Convert it with: tensorflowjs_converter --output_format tfjs_graph_model",
            )
        graph = _graph(document["modelTopology"])
        metadata = _metadata(document)
        outputs = _layers(metadata) or _signed(document)
        constants = {node.name: node for nodes in _bodies(graph) for node in nodes}
        size, named = len(text), set[str]()
        folder = PurePosixPath(topology).parent
        for group in document.get("weightsManifest") or []:
            files = [str(folder / checked(file)) for file in group["paths"]]
            if len({*files, *named}) < len(files) + len(named):
                raise ValueError("a weight file is named twice")
            named.update(files)
            size += _fill(constants, group, bundle, files, digest)
    except _MALFORMED as error:
        raise _damaged(name, error) from None
    for node in constants.values():
        if node.op == "Const" and not _has_value(node):
            raise IntegrityError(
                f"{name} is not whole.", why=f"No weights are named for {node.name}."
            )
    graphdef.check(graph, name)
    undeclared = [file for file in bundle.names if file.endswith(".bin") and file not in named]
    nodes = graphdef.by_name(graph)
    there = tuple(name for name in outputs if graphdef.source(name).node in nodes)
    return WebModel(graph, size, digest.hexdigest(), tuple(undeclared), there, metadata)


def _damaged(name: str, error: Exception) -> IntegrityError:
    return IntegrityError(f"{name} is damaged.", why=f"{type(error).__name__}: {error}"[:200])


def _find(path: Path) -> tuple[Bundle, str]:
    """Open what a path means; tell where the topology is."""
    if path.suffix == ".json":
        return Bundle(path.parent), path.name
    bundle = Bundle(path)
    found = [name for name in bundle.names if PurePosixPath(name).name == "model.json"]
    if not found:
        raise NotFoundError(f"There is no model.json in {path}.")
    return bundle, min(found, key=lambda name: (name.count("/"), name))


def _graph(topology: Any) -> Any:
    """A GraphDef from its form in JSON."""
    from google.protobuf.json_format import ParseDict, ParseError

    _number_types(topology)
    try:
        return ParseDict(topology, GraphDef(), ignore_unknown_fields=True)
    except ParseError as error:
        raise ValueError(str(error)) from None


def _number_types(value: Any) -> None:
    """Replace the names of element types by their numbers, in place."""
    waiting, count = [value], 0
    while waiting:
        value = waiting.pop()
        count += len(value)
        if count > MOST_ITEMS:
            raise ValueError(f"it has more than {MOST_ITEMS} items, unlike any network")
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(items):
            if isinstance(item, str) and item.startswith("DT_"):
                value[key] = _DTYPES.get(item, 0)
            elif isinstance(item, dict | list):
                waiting.append(item)


def _bodies(graph: Any) -> Iterator[Any]:
    yield graph.node
    for function in graph.library.function:
        yield function.node_def


def _fill(
    constants: dict[str, Any], group: Any, bundle: Bundle, files: list[str], digest: Any
) -> int:
    """Give constants the values of one group of weights; return the bytes read."""
    weights = group["weights"]
    sizes = [bundle.size(file) for file in files]
    needed = [_stored_size(weight) for weight in weights]
    known = sum(size for size in needed if size is not None)
    if known > sum(sizes) or (None not in needed and known != sum(sizes)):
        raise ValueError(f"{', '.join(files)} have {sum(sizes)} bytes, the weights {known}")
    data = memoryview(
        b"".join(bundle.read(file, size) for file, size in zip(files, sizes, strict=True))
    )
    if group.get("sha256") not in (None, hashlib.sha256(data).hexdigest()):
        raise ChecksumError(
            f"{', '.join(files)} is not what was exported.",
            why="Its SHA-256 is not the one that model.json names.",
        )
    digest.update(data)
    at = 0
    for weight, size in zip(weights, needed, strict=True):
        node = constants.get(weight["name"])
        size = _text_size(data[at:], prod(weight["shape"])) if size is None else size
        if node is not None and node.op == "Const":
            _set(node, weight, data[at : at + size])
        at += size
    return len(data)


def _stored_size(weight: Any) -> int | None:
    """How many bytes a weight takes in its file; None for text, which says it itself."""
    shape = weight["shape"]
    if len(shape) > MOST_DIMENSIONS or not all(
        isinstance(size, int) and 0 <= size < LARGEST_AXIS for size in shape
    ):
        raise ValueError(f"{weight['name']} has the shape {shape[:MOST_DIMENSIONS]}"[:100])
    count: int = prod(shape)
    if weight["dtype"] == "string":
        return None
    if "quantization" in weight:
        return count * _STORED[weight["quantization"]["dtype"]]
    return count * _WEIGHTS[weight["dtype"]][1]


def _text_size(data: memoryview, count: int) -> int:
    """The bytes of so many texts, each with its length in four bytes before it."""
    at = 0
    for _ in range(count):
        at += 4 + int.from_bytes(data[at : at + 4], "little")
        if at > len(data):
            raise ValueError("text goes on beyond the end of its file")
    return at


def _set(node: Any, weight: Any, data: memoryview) -> None:
    """Make a weight the value of a constant."""
    tensor = node.attr["value"].tensor
    said = [dim.size for dim in tensor.tensor_shape.dim]
    if (said and said != weight["shape"]) or tensor.tensor_shape.unknown_rank:
        raise ValueError(f"{node.name} is {said} in the graph and {weight['shape']} in its weights")
    if weight["dtype"] == "string":
        tensor.dtype = dtypes.STRING
        tensor.string_val.extend(_texts(data, prod(weight["shape"])))
    else:
        tensor.dtype = _WEIGHTS[weight["dtype"]][0]
        tensor.tensor_content = _dequantized(weight, data)
    del tensor.tensor_shape.dim[:]
    for size in weight["shape"]:
        tensor.tensor_shape.dim.add(size=size)


def _texts(data: memoryview, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        yield bytes(data[at + 4 : end])
        at = end


def _dequantized(weight: Any, data: memoryview) -> bytes:
    """The values of a weight, little-endian: ``stored * scale + min`` if it is quantized."""
    if "quantization" not in weight:
        return bytes(data)
    import numpy as np

    rule = weight["quantization"]
    values = np.frombuffer(data, np.dtype(rule["dtype"]).newbyteorder("<"))
    if rule["dtype"] != "float16":  # in double precision, as JavaScript's numbers are
        values = values * float(rule["scale"]) + float(rule["min"])
    if weight["dtype"] == "int32":
        values = np.floor(values + 0.5)  # as JavaScript's Math.round
    return values.astype({"float32": "<f4", "int32": "<i4"}[weight["dtype"]]).tobytes()


def _has_value(node: Any) -> bool:
    tensor = node.attr["value"].tensor if "value" in node.attr else None
    if tensor is None:
        return False
    return 0 in [dim.size for dim in tensor.tensor_shape.dim] or any(
        field.name not in ("dtype", "tensor_shape", "version_number")
        for field, _ in tensor.ListFields()
    )
