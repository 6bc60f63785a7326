"""The weights of TensorFlow.js models: groups of files, and the constants that they become."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from math import prod
from typing import Any

from catalog.errors import ChecksumError
from freeze.formats import dtypes
from freeze.formats.bundle import Bundle

MOST_DIMENSIONS = 32
LARGEST_AXIS = 1 << 31

_WEIGHTS = {"float32": (1, 4), "int32": (3, 4), "complex64": (8, 8), "bool": (10, 1)}
_STORED = {"uint8": 1, "uint16": 2, "float16": 2}


def fill(
    constants: dict[str, Any], group: Any, bundle: Bundle, files: list[str], digest: Any
) -> int:
    """Give constants the values of one group of weights; return the bytes read.

    Parameters
    ----------
    constants : dict of str to NodeDef
        Nodes by their names; those that are no constants are left alone.
    group : dict
        Of the manifest in ``model.json``.
    bundle : Bundle
    files : list of str
        In it, those of the group in their order.
    digest : hash
        Updated with the bytes.

    Raises
    ------
    KeyError, TypeError, ValueError
        The group is malformed, or disagrees with its files or with the graph.
    IntegrityError
        A file is missing, or was changed after zoo exported it.
    """
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


def has_value(node: Any) -> bool:
    """Whether a constant has been given its value, or has no elements."""
    tensor = node.attr["value"].tensor if "value" in node.attr else None
    if tensor is None:
        return False
    return 0 in [dim.size for dim in tensor.tensor_shape.dim] or any(
        field.name not in ("dtype", "tensor_shape", "version_number")
        for field, _ in tensor.ListFields()
    )
