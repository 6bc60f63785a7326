"""Write into a metadata file what its network knows better, and touch nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

from catalog.errors import ZooError
from catalog.fields import Layer
from catalog.json_text import Place, edited
from catalog.storage import save
from freeze.analysis.summary import axes, operation, schema_of, type_of
from validate.agreement import DescribedGraph, ranks_fit
from validate.graph import TensorInfo, dtype_of


def fix(path: Path, described: DescribedGraph) -> str:
    """Correct and fill in what a network tells: layers, element types, widths; size, digest.

    Parameters
    ----------
    path : Path
        The file, which is replaced as a whole. Its layout stays as it is.
    described : DescribedGraph
        Its record, and the network.

    Returns
    -------
    str
        A unified diff; empty if nothing was to be corrected.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    data = path.read_bytes()
    encoding = json.detect_encoding(data)
    before = data.decode(encoding)
    after = edited(before, dict(corrections(described)))
    if after == before:
        return ""
    save(path, after.encode(encoding))
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(unified_diff(old, new, str(path), f"{path} (fixed)", n=2))


def corrections(described: DescribedGraph) -> Iterator[tuple[Place, Any]]:
    """What the network says otherwise, or alone: places in the metadata, and their values."""
    yield from _layers(described)
    if "zoo" in described.record.document:
        yield from _block(described)


def _layers(described: DescribedGraph) -> Iterator[tuple[Place, Any]]:
    """The block ``schema``: all of it where there is none."""
    record = described.record
    schema = record.document.get("schema") or {}
    if not (schema.get("inputs") and schema.get("outputs")):
        drafted = schema_of(described.graph.summary)
        stated = {side: layers for side, layers in schema.items() if layers}
        yield ("schema",), {**drafted, **stated}
        return
    for side, layers in (("inputs", record.inputs), ("outputs", record.outputs)):
        for index, layer in enumerate(layers):
            place = ("schema", side, index)
            tensor = described.tensor(layer)
            if tensor is None:
                tensor = _meant(layer, side, described)
                if tensor is None:
                    continue
                yield (*place, "name"), tensor.name
            stated = schema[side][index]
            if tensor.dtype and ("type" not in stated or dtype_of(layer) != tensor.dtype):
                yield (*place, "type"), type_of(tensor.dtype)
            if tensor.shape and not layer.shape:
                yield (*place, "shape"), axes(tensor.shape)
            yield from _shape((*place, "shape"), layer, tensor)
            if side == "outputs" and "op" not in stated:
                yield (*place, "op"), operation(described.graph.operation(tensor.name))


def _block(described: DescribedGraph) -> Iterator[tuple[Place, Any]]:
    """The block ``zoo``: the file, training flags, the number of parameters."""
    block, graph = described.record.zoo, described.graph
    yield from _file(described)
    flags = [name for name in graph.flags if name not in block.get("training_flags", ())]
    if flags:
        yield ("zoo", "training_flags"), [*block.get("training_flags", ()), *flags]
    parameters = graph.summary.parameters
    if graph.kind == "graph" and parameters and parameters != block.get("parameters"):
        yield ("zoo", "parameters"), parameters


def _file(described: DescribedGraph) -> Iterator[tuple[Place, Any]]:
    """Size and SHA-256 of the network, in the record's entry of its kind."""
    record, summary = described.record, described.graph.summary
    kind = {"graph": "pb", "onnx": "onnx"}.get(described.graph.kind)
    if not kind or (record.recipe and record.recipe.sha256 == summary.sha256):
        return
    listed = record.zoo.get("files", [])
    found = [index for index, file in enumerate(listed) if file["kind"] == kind]
    if not found and kind == "pb":
        entry = {"kind": kind, "size": summary.size, "sha256": summary.sha256}
        yield ("zoo", "files"), [entry, *listed]
    for index in found[:1]:
        stated = record.files[index]
        if summary.sha256 not in stated.sha256:
            several = isinstance(listed[index].get("sha256"), list)
            digests = [summary.sha256, *stated.sha256] if several else summary.sha256
            yield ("zoo", "files", index, "sha256"), digests
        if summary.size != stated.size:
            yield ("zoo", "files", index, "size"), summary.size


def _meant(layer: Layer, side: str, described: DescribedGraph) -> TensorInfo | None:
    """The only tensor that a name which the network lacks can mean."""
    graph, named = described.graph, {each.name for each in described.layers}
    if graph.kind == "onnx":  # it has names of its own
        return None
    if side == "inputs":
        try:
            reached = graph.reached(described.outputs)
        except ZooError:  # damaged: nothing can be known from it
            return None
        found = [t for t in graph.placeholders if t.name in reached and t.dtype != "bool"]
    elif layer.purpose == "predictions":
        found = [tensor for name in graph.ends if (tensor := graph.tensor(name))]
    else:
        return None
    free = [tensor for tensor in found if tensor.name not in named]
    return free[0] if len(free) == 1 else None


def _shape(place: Place, layer: Layer, tensor: TensorInfo) -> Iterator[tuple[Place, Any]]:
    """The axes whose sizes differ, or the whole shape where even their number does."""
    if not layer.shape or not tensor.shape:
        return
    if not ranks_fit(layer.shape, tensor.shape):
        sizes = tensor.shape[1:] or tensor.shape
        if None not in sizes:
            yield place, list(sizes)
        return
    count = len(layer.shape)
    for back in range(1, min(count, len(tensor.shape)) + 1):
        stated, true = layer.shape[-back], tensor.shape[-back]
        batch = back == len(tensor.shape) and stated == 1
        if isinstance(stated, int) and true is not None and stated != true and not batch:
            yield (*place, count - back), true
