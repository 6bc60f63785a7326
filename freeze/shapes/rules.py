"""A node as a shape rule sees it, and the register of all rules.

The rules are TensorFlow's documented semantics, for the operations of the
catalog's families. An operation that is not listed has unknown outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from freeze.formats.messages import AttrValue
from freeze.operations.table import operation
from freeze.shapes.shape import Dimension, Shape

Value = int | tuple[Dimension, ...] | None

LIMIT = 1 << 63
MOST_VALUES = 64
"""Axes of a tensor, and elements of one whose content is followed: it is a shape."""

MOST_OUTPUTS = 1 << 12
"""Of one node."""


@dataclass(frozen=True)
class Tensor:
    """What is known of a tensor before it is computed.

    Attributes
    ----------
    shape : tuple of (int or None), or None
    value : int, tuple of (int or None), or None
        The content of a small integer tensor, flat, where it is known.
    number : float or None
        The content of a scalar of floating point, where it is known.
    """

    shape: Shape = None
    value: Value = None
    number: float | None = None

    def bounded(self) -> Tensor:
        """Forget what no real tensor has: endless shapes, sizes below zero, huge numbers."""
        shape, value = self.shape, self.value
        if shape is not None:
            sizes = tuple(None if size is None or not 0 <= size < LIMIT else size for size in shape)
            shape = sizes if len(sizes) <= MOST_VALUES else None
        items = value if isinstance(value, tuple) else (value,)
        known = len(items) <= MOST_VALUES and all(abs(item or 0) < LIMIT for item in items)
        return Tensor(shape, value if known else None, self.number)


UNKNOWN = Tensor()
_ABSENT = AttrValue()


class Call:
    """A node with its inputs, as a rule sees it."""

    def __init__(self, node: Any, inputs: list[Tensor]) -> None:
        self.node = node
        self.inputs = inputs

    def __getitem__(self, index: int) -> Tensor:
        return self.inputs[index]

    def shape(self, index: int = 0) -> Shape:
        return self.inputs[index].shape

    def attribute(self, name: str) -> Any:
        """An attribute of the node; asking the node itself would add it."""
        return self.node.attr.get(name, _ABSENT)

    def flag(self, name: str) -> bool:
        return bool(self.attribute(name).b)

    def integer(self, name: str) -> int:
        if name not in self.node.attr:
            known = operation(self.node.op)
            told = known.attributes.get(name) if known else None
            return int((told and told.default) or 0)
        return int(self.attribute(name).i)

    def text(self, name: str) -> str:
        return bytes(self.attribute(name).s).decode("utf-8", "replace")

    def integers(self, name: str) -> list[int]:
        return list(self.attribute(name).list.i)

    def vector(self, index: int) -> tuple[Dimension, ...]:
        """The content of an integer tensor, flat; TypeError where it is unknown."""
        value = self.inputs[index].value
        return (value,) if isinstance(value, int) else tuple(value)  # type: ignore[arg-type]

    def scalar(self, index: int) -> int:
        """The content of an integer scalar; TypeError where it is unknown."""
        (value,) = self.vector(index)
        if value is None:
            raise TypeError
        return value


Rule = Callable[[Call], list[Tensor]]
RULES: dict[str, Rule] = {}


def rule(*operations: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operations, function))
        return function

    return register


def one(shape: Shape, value: Value = None) -> list[Tensor]:
    return [Tensor(shape, value)]


def of_rank(rank: Dimension) -> Shape:
    """A shape of which only the number of axes is known."""
    return (None,) * rank if rank is not None and rank <= MOST_VALUES else None


def count(call: Call, name: str) -> int:
    """An attribute that says how many outputs a node has."""
    number = call.integer(name)
    if not 0 <= number <= MOST_OUTPUTS:
        raise ValueError
    return number


def broadcast(left: Shape, right: Shape) -> Shape:
    """NumPy's rule; an unknown size beside one larger than 1 must become that one."""
    if left is None or right is None:
        return None
    sizes: list[Dimension] = []
    for a, b in zip_longest(reversed(left), reversed(right), fillvalue=1):
        if a == 1 or a == b:
            sizes.append(b)
        elif b == 1 or b is None:
            sizes.append(a)
        elif a is None:
            sizes.append(b)
        else:
            raise ValueError
    return tuple(reversed(sizes))


def merge(shapes: list[Shape]) -> Shape:
    """What several descriptions of one shape say together."""
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return None
    columns = zip(*known, strict=True)
    return tuple(next((size for size in column if size is not None), None) for column in columns)
