"""TensorFlow.js graph models, read into graphs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from catalog.errors import IntegrityError, NotFoundError, WrongKindError
from catalog.foreign import parse_object
from catalog.record import Document
from freeze.formats import dtypes, graphdef
from freeze.formats.bundle import Bundle, checked
from freeze.formats.fused import split
from freeze.formats.messages import GraphDef
from freeze.formats.tfjs_weights import fill, has_value

LARGEST_TOPOLOGY = 1 << 23
"""Bytes of ``model.json``; the largest of audio models have a few million."""

MOST_ITEMS = 500_000
"""Of the topology's lists and objects; a node has some twenty."""

_DTYPES = {f"DT_{name.upper()}": number for number, name in dtypes.NAMES.items()} | {
    "DT_FLOAT": 1,
    "DT_DOUBLE": 1,
    "DT_HALF": 1,
    "DT_INT64": 3,
}
"""By the names of TensorFlow's JSON; wide numbers as those that TensorFlow.js computes with."""

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
            size += fill(constants, group, bundle, files, digest)
    except _MALFORMED as error:
        raise _damaged(name, error) from None
    for node in constants.values():
        if node.op == "Const" and not has_value(node):
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
