"""What operations may require of the shapes that they read, and the register of who does.

The conditions are those of TensorFlow's shape functions and kernels, for the operations whose
shapes are inferred. What is not known for sure fits.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from freeze.shapes.rules import Call
from freeze.shapes.shape import Dimension, Shape, shape_text


class MisfitError(ValueError):
    """Shapes that no computation can follow."""


Fit = Callable[[Call], None]
FITS: dict[str, Fit] = {}


def fit(*operations: str) -> Callable[[Fit], Fit]:
    def register(function: Fit) -> Fit:
        FITS.update(dict.fromkeys(operations, function))
        return function

    return register


def check(call: Call) -> None:
    """Raise MisfitError where a node's inputs do not fit its operation."""
    if call.node.op in FITS:
        FITS[call.node.op](call)


def require(holds: bool, *shapes: Shape) -> None:
    if not holds:
        raise MisfitError(" and ".join(map(shape_text, shapes)) or "its attributes")


def ranked(call: Call, index: int, least: int, most: int | None = None) -> None:
    """Require a number of axes, or a range of it."""
    shape = call.shape(index)
    if shape is not None:
        require(least <= len(shape) <= (255 if most is None else most), shape)


def scalars(call: Call, *indices: int) -> None:
    for index in indices:
        ranked(call, index, 0, 0)


def axis(call: Call, number: Dimension, shape: Shape, more: int = 0) -> None:
    """Require that an axis exists; that of a new tensor with so many more axes."""
    if number is not None and shape is not None:
        rank = len(shape) + more
        require(-rank <= number < rank, shape)


def alike(left: Dimension, right: Dimension) -> bool:
    return left is None or right is None or left == right


def equal(*shapes: Shape) -> None:
    """Require that shapes may be the same."""
    known = [shape for shape in shapes if shape is not None]
    for other in known[1:]:
        same = len(known[0]) == len(other) and all(map(alike, known[0], other))
        require(same, known[0], other)


def broadcasts(left: Shape, right: Shape) -> None:
    """Require that shapes can be stretched to each other."""
    if left is not None and right is not None:
        pairs = zip_longest(reversed(left), reversed(right), fillvalue=1)
        require(all(1 in pair or alike(*pair) for pair in pairs), left, right)


def items(call: Call, index: int) -> list[Dimension]:
    """The content of an integer tensor; of unknown items where nothing is known of them."""
    value, shape = call[index].value, call.shape(index)
    if value is not None:
        return [value] if isinstance(value, int) else list(value)
    return [None] * ((shape[0] or 0) if shape and len(shape) == 1 else 0)


def known(call: Call, index: int) -> bool:
    """Whether it is known how many items an integer tensor has."""
    shape = call.shape(index)
    return call[index].value is not None or bool(shape and len(shape) == 1 and shape[0] is not None)


def scalar(call: Call, index: int) -> Dimension:
    value = call[index].value
    return value if isinstance(value, int) else None
