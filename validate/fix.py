"""Write into a metadata file what its network knows better, and touch nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

from catalog.errors import ZooError
from catalog.fields import Layer
from catalog.storage import save
from validate.agreement import DescribedGraph, ranks_fit
from validate.graph import TensorInfo, dtype_of

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
Place = tuple[str | int, ...]


def fix(path: Path, described: DescribedGraph) -> str:
    """Correct names, element types and widths in a metadata file.

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
    """What the network says otherwise: places in the metadata, and their values."""
    record = described.record
    for side, layers in (("inputs", record.inputs), ("outputs", record.outputs)):
        for index, layer in enumerate(layers):
            place = ("schema", side, index)
            tensor = described.tensor(layer)
            if tensor is None:
                tensor = _meant(layer, side, described)
                if tensor is None:
                    continue
                yield (*place, "name"), tensor.name
            if tensor.dtype and dtype_of(layer) != tensor.dtype:
                yield (*place, "type"), "float" if tensor.dtype == "float32" else tensor.dtype
            yield from _shape((*place, "shape"), layer, tensor)


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


def edited(text: str, values: dict[Place, Any]) -> str:
    """Replace values in JSON text and leave all else as it is.

    Places that the text does not have are passed over.
    """
    spans = {place: span for place in values if (span := _span(text, place))}
    for place, (start, end) in sorted(spans.items(), key=lambda item: item[1], reverse=True):
        text = text[:start] + json.dumps(values[place]) + text[end:]
    return text


def _span(text: str, place: Place) -> tuple[int, int] | None:
    """Where in JSON text a value stands."""
    start = _after_space(text, text.startswith("\ufeff"))
    end = len(text)
    for wanted in place:
        if text[start] not in "{[":
            return None
        found = [(at, to) for key, at, to in _members(text, start) if key == wanted]
        if not found:
            return None
        start, end = found[-1]  # of equal keys the last one counts
    return start, end


def _members(text: str, start: int) -> Iterator[tuple[str | int, int, int]]:
    """Keys or indices of an object's or array's values, with their places."""
    at, index = _after_space(text, start + 1), 0
    while text[at] not in "}]":
        key: str | int = index
        if text[start] == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, at, end
        at, index = _after_space(text, end), index + 1
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
