"""What is known of the sizes of a tensor."""

from __future__ import annotations

from typing import Any

Dimension = int | None
Shape = tuple[Dimension, ...] | None
"""None for a size, or for all of them, that nothing is known of."""


def declared(proto: Any) -> Shape:
    """A TensorShapeProto as a tuple; -1 is unknown."""
    if proto.unknown_rank:
        return None
    return tuple(int(dim.size) if dim.size >= 0 else None for dim in proto.dim)


def sizes(shape: Shape) -> list[int] | None:
    """A shape as documents have it: -1 for any size, None if even the rank is unknown."""
    return None if shape is None else [-1 if size is None else size for size in shape]


def shape_text(shape: Shape) -> str:
    """A shape as people read it: ``[?, 187, 96]``."""
    if shape is None:
        return "?"
    return f"[{', '.join('?' if size is None else str(size) for size in shape)}]"
