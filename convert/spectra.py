"""Complex numbers as pairs of real tensors, and Fourier transforms as products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from convert.place import refusal, value_of
from freeze.formats import graphdef
from freeze.formats.messages import NodeDef
from freeze.graph.nodes import FLOAT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from convert.place import Place

    Pair = tuple[str, str]

COMPLEX = "of complex numbers, which its wasm backend lacks"

_COMPLEX_64 = 8  # of TensorFlow's enumeration DataType

ROOTS = ("Complex", "FFT", "IFFT", "RFFT")
"""Operations that give spectra."""

_FOR_EACH = {
    **dict.fromkeys(("AddV2", "Add", "Sub", "AddN", "Neg", "Pack", "ConcatV2"), "T"),
    **dict.fromkeys(("ExpandDims", "Identity", "Pad", "Reshape", "Slice", "Squeeze"), "T"),
    **dict.fromkeys(("StridedSlice", "Tile", "Transpose", "ReverseV2"), "T"),
    **dict.fromkeys(("Mean", "PadV2", "Sum"), "T"),
}
"""Operations that do the same to both parts, with the attribute for the type of these."""


def is_complex(place: Place) -> bool:
    """Whether a node reads or gives complex numbers."""
    node = place.node
    if node.op == "Const":
        return graphdef.type_of(node, "dtype") == _COMPLEX_64
    if node.op == "Cast" and graphdef.type_of(node, "DstT") == _COMPLEX_64:
        return True
    return node.op in ROOTS or any(graphdef.source(name).node in place.pairs for name in node.input)


def part(place: Place) -> None:
    """Give the parts of what a node gives; where that is real, the node itself."""
    node = place.node
    if node.op in _PAIRS:
        place.pairs[node.name] = _PAIRS[node.op](place)
    elif node.op in _ENDS:
        _ENDS[node.op](place)
    elif node.op in _FOR_EACH:
        place.pairs[node.name] = _for_each(place)
    else:
        raise refusal(node, COMPLEX)


def _given(place: Place, index: int = 0) -> Pair:
    name = graphdef.source(place.node.input[index]).node
    if name not in place.pairs:
        raise refusal(place.node, COMPLEX)
    return place.pairs[name]


def _for_each(place: Place) -> Pair:
    """The same operation on the real parts, and on the imaginary ones."""
    node = place.node
    parts = []
    for index, key in enumerate(("real", "imaginary")):
        copy = NodeDef()
        copy.CopyFrom(node)
        copy.name = f"{node.name}/lowered/{key}"
        read = map(graphdef.source, node.input)
        copy.input[:] = [
            place.pairs[each.node][index] if each.node in place.pairs else str(each)
            for each in read
        ]
        copy.attr[_FOR_EACH[node.op]].type = FLOAT
        place.nodes.nodes.append(copy)
        parts.append(copy.name)
    return parts[0], parts[1]


def _constant(place: Place) -> Pair:
    values = value_of(place.node)
    real, imaginary = np.real(values), np.imag(values)
    return place.nodes.constant(np.float32(real)), place.nodes.constant(np.float32(imaginary))


def _cast(place: Place) -> Pair:
    real = place.node.input[0]
    if graphdef.type_of(place.node, "SrcT") != FLOAT:
        raise refusal(place.node, "of other numbers than float32")
    return real, place.nodes.add("Sub", real, real)


def _product(place: Place) -> Pair:
    (a, b), (c, d) = _given(place, 0), _given(place, 1)
    add = place.nodes.add
    real = add("Sub", add("Mul", a, c), add("Mul", b, d))
    return real, add("AddV2", add("Mul", a, d), add("Mul", b, c))


def _conjugate(place: Place) -> Pair:
    real, imaginary = _given(place)
    return real, place.nodes.add("Neg", imaginary)


def _exponential(place: Place) -> Pair:
    real, imaginary = _given(place)
    add = place.nodes.add
    size = add("Exp", real)
    return add("Mul", size, add("Cos", imaginary)), add("Mul", size, add("Sin", imaginary))


def _times(place: Place, values: str, matrix: NDArray[np.float64]) -> str:
    by = place.nodes.constant(matrix)
    return place.nodes.add("BatchMatMulV2", values, by, adj_x=False, adj_y=False)


def _length(place: Place) -> int:
    width = place.sizes(0)[-1]
    if width is None:
        raise refusal(place.node, "of frames of any length")
    return width


def _angles(rows: int, columns: int, length: int) -> NDArray[np.float64]:
    turns = np.outer(np.arange(rows), np.arange(columns)) % length
    return np.asarray(2 * np.pi * turns / length)


def _real_transform(place: Place) -> Pair:
    """The transform of real samples: frames are cut, or go on with zeros."""
    width, length = _length(place), int(place.value(1)[0])
    kept = (np.arange(width) < length).astype(np.float64)[:, None]
    angles = _angles(width, length // 2 + 1, length)
    samples = place.node.input[0]
    real = _times(place, samples, np.cos(angles) * kept)
    return real, _times(place, samples, -np.sin(angles) * kept)


def _transform(place: Place) -> Pair:
    """The transform of complex samples, or its inverse."""
    length = _length(place)
    back = place.node.op == "IFFT"
    angles = _angles(length, length, length) * (1 if back else -1)
    scale = 1 / length if back else 1
    cosines, sines = scale * np.cos(angles), scale * np.sin(angles)
    (a, b), add = _given(place), place.nodes.add
    real = add("Sub", _times(place, a, cosines), _times(place, b, sines))
    return real, add("AddV2", _times(place, a, sines), _times(place, b, cosines))


def _to_samples(place: Place) -> None:
    """The inverse transform of the spectrum of real samples."""
    width, length = _length(place), int(place.value(1)[0])
    bins = length // 2 + 1
    if width < bins:
        raise refusal(place.node, "of a spectrum with too few bins")
    counts = np.full(width, 2.0)
    counts[0] = 1
    if length % 2 == 0:
        counts[length // 2] = 1
    counts[bins:] = 0
    angles = _angles(width, length, length)
    scale = counts[:, None] / length
    real, imaginary = _given(place)
    place.end(
        "Sub",
        _times(place, real, scale * np.cos(angles)),
        _times(place, imaginary, scale * np.sin(angles)),
    )


def _size(place: Place) -> None:
    real, imaginary = _given(place)
    add = place.nodes.add
    place.end("Sqrt", add("AddV2", add("Square", real), add("Square", imaginary)))


_PAIRS: dict[str, Callable[[Place], Pair]] = {
    "Cast": _cast,
    "Complex": lambda place: (place.node.input[0], place.node.input[1]),
    "Conj": _conjugate,
    "Const": _constant,
    "Exp": _exponential,
    "FFT": _transform,
    "IFFT": _transform,
    "Mul": _product,
    "RFFT": _real_transform,
}
_ENDS: dict[str, Callable[[Place], None]] = {
    "Angle": lambda place: place.end("Atan2", *reversed(_given(place))),
    "ComplexAbs": _size,
    "IRFFT": _to_samples,
    "Imag": lambda place: place.end("Identity", _given(place)[1]),
    "Real": lambda place: place.end("Identity", _given(place)[0]),
}
