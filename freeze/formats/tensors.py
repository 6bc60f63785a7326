"""TensorProto to NumPy and back."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError
from freeze.formats.messages import NodeDef, TensorProto

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_FILL = 1 << 26
"""Bytes that a tensor may claim beyond the values that it holds."""

MOST_DIMENSIONS = 32
MOST_ELEMENTS = 1 << 40

TYPED_UP_TO = 16
"""Elements; larger tensors are written as raw bytes."""


@dataclass(frozen=True)
class DType:
    """An element type.

    Attributes
    ----------
    number : int
        TensorFlow's, of the enumeration ``DataType``.
    name : str
        TensorFlow's.
    numpy : numpy.dtype
        Little-endian, as tensors are stored.
    field : str
        Where TensorProto keeps single values.
    """

    number: int
    name: str
    numpy: np.dtype[Any]
    field: str


DTYPES = {
    number: DType(number, name, np.dtype(name if name != "string" else object).newbyteorder("<"), f)
    for number, name, f in (
        (1, "float32", "float_val"),
        (2, "float64", "double_val"),
        (3, "int32", "int_val"),
        (4, "uint8", "int_val"),
        (5, "int16", "int_val"),
        (6, "int8", "int_val"),
        (7, "string", "string_val"),
        (8, "complex64", "scomplex_val"),
        (9, "int64", "int64_val"),
        (10, "bool", "bool_val"),
        (17, "uint16", "int_val"),
        (18, "complex128", "dcomplex_val"),
        (19, "float16", "half_val"),
        (22, "uint32", "uint32_val"),
        (23, "uint64", "uint64_val"),
    )
}

BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES.values()}

_AS_STORED = {"float16": np.uint16, "complex64": np.float32, "complex128": np.float64}


def dtype(number: int, name: str) -> DType:
    """Look up an element type; reference types are taken as what they refer to.

    Raises
    ------
    IntegrityError
        A type that no audio network uses.
    """
    try:
        return DTYPES[number - 100 if number > 100 else number]
    except KeyError:
        raise IntegrityError(f"{name} has the unsupported element type {number}.") from None


def shape(proto: Any, name: str) -> tuple[int, ...]:
    """A TensorShapeProto that must be complete.

    Raises
    ------
    IntegrityError
        A size is unknown or negative, or there are more than any memory holds.
    """
    sizes = tuple(axis.size for axis in proto.dim)
    if proto.unknown_rank or any(size < 0 for size in sizes):
        raise IntegrityError(f"{name} has no complete shape.", why=f"It has {list(sizes[:8])}.")
    if len(sizes) > MOST_DIMENSIONS or prod(size or 1 for size in sizes) > MOST_ELEMENTS:
        raise IntegrityError(f"{name} has an impossible shape.", why=f"It has {list(sizes[:8])}.")
    return sizes


def array(proto: Any, name: str = "A tensor") -> NDArray[Any]:
    """Read a TensorProto.

    A tensor that holds fewer values than its shape says repeats the last one, and
    one that holds none is zero, as in TensorFlow.

    Parameters
    ----------
    proto : TensorProto
    name : str
        For messages.

    Returns
    -------
    numpy.ndarray
        Read-only where it can share memory with the proto.

    Raises
    ------
    IntegrityError
        Values, shape and element type disagree, or the shape is far larger than
        the values.
    """
    kind, sizes = dtype(proto.dtype, name), shape(proto.tensor_shape, name)
    count = prod(sizes)
    if proto.tensor_content:
        return raw(proto.tensor_content, kind, sizes, name)
    values = _values(getattr(proto, kind.field), kind, name)[:count]
    missing = count - len(values)
    if missing * kind.numpy.itemsize > LARGEST_FILL:
        raise IntegrityError(
            f"{name} claims {count} elements but holds {len(values)}.",
            why="This is larger than any tensor that is filled with one value should be.",
        )
    last = values[-1] if len(values) else (b"" if kind.name == "string" else 0)
    return np.concatenate([values, np.full(missing, last, kind.numpy)]).reshape(sizes)


def raw(data: Any, kind: DType, sizes: tuple[int, ...], name: str) -> NDArray[Any]:
    """View little-endian bytes as a tensor.

    Raises
    ------
    IntegrityError
        Another number of bytes than the shape says, or a type that has no such form.
    """
    if kind.name == "string":
        raise IntegrityError(f"{name} holds text as raw bytes.")
    if len(data) != prod(sizes) * kind.numpy.itemsize:
        raise IntegrityError(
            f"{name} holds {len(data)} bytes.",
            why=f"{kind.name} {list(sizes)} needs {prod(sizes) * kind.numpy.itemsize}.",
        )
    return np.frombuffer(data, kind.numpy).reshape(sizes)


def _values(field: Any, kind: DType, name: str) -> NDArray[Any]:
    """The typed values of a TensorProto, flat."""
    held = np.array(field, object if kind.name == "string" else None)
    stored = held.astype(_AS_STORED.get(kind.name, kind.numpy))
    if stored.dtype.kind in "iu" and not np.array_equal(stored, held):
        raise IntegrityError(f"{name} holds values that are not {kind.name}.")
    if kind.name in ("complex64", "complex128") and len(stored) % 2:
        raise IntegrityError(f"{name} holds a real part without its imaginary one.")
    return stored.view(kind.numpy) if kind.name in _AS_STORED else stored


def proto(values: NDArray[Any]) -> Any:
    """Write an array as a TensorProto.

    Small tensors are written as typed values: OpenVINO reads the raw bytes of a
    scalar as 0.

    Parameters
    ----------
    values : numpy.ndarray

    Returns
    -------
    TensorProto
    """
    kind = BY_NUMPY[values.dtype.newbyteorder("<")]
    tensor = TensorProto(dtype=kind.number)
    for size in values.shape:
        tensor.tensor_shape.dim.add(size=size)
    flat = np.ascontiguousarray(values, kind.numpy).reshape(-1)
    if kind.name == "string" or values.size <= TYPED_UP_TO:
        stored = flat.view(_AS_STORED[kind.name]) if kind.name in _AS_STORED else flat
        getattr(tensor, kind.field).extend(stored.tolist())
    else:
        tensor.tensor_content = flat.tobytes()
    return tensor


def constant(name: str, values: NDArray[Any]) -> Any:
    """Make a Const node.

    Parameters
    ----------
    name : str
    values : numpy.ndarray

    Returns
    -------
    NodeDef
    """
    node = NodeDef(name=name, op="Const")
    node.attr["value"].tensor.CopyFrom(proto(values))
    node.attr["dtype"].type = node.attr["value"].tensor.dtype
    return node
