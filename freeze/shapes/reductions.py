"""Shapes of reductions and spectra, and of questions about shapes."""

from __future__ import annotations

from math import prod

from freeze.shapes.rules import Call, Tensor, of_rank, one, rule


def axes_of(call: Call, index: int, rank: int) -> list[int]:
    return [axis % rank for axis in call.vector(index) if axis is not None]


@rule("Mean", "Sum", "Max", "Min", "Prod", "Any", "All", "EuclideanNorm")
def reduce(call: Call) -> list[Tensor]:
    shape = call.shape()
    keep = call.flag("keep_dims")
    if shape is None:
        return one(None)
    if call[1].value is None:
        return one((None,) * len(shape) if keep else None)
    axes = axes_of(call, 1, len(shape)) if shape else []
    value = call[0].value
    if call.node.op == "Prod" and isinstance(value, tuple) and None not in value and not keep:
        return one((), prod(item or 0 for item in value))
    if keep:
        return one(tuple(1 if axis in axes else size for axis, size in enumerate(shape)))
    return one(tuple(size for axis, size in enumerate(shape) if axis not in axes))


@rule("ArgMax", "ArgMin")
def arg(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    axis = call.scalar(1) % len(shape)
    return one((*shape[:axis], *shape[axis + 1 :]))


@rule("Shape")
def shape_of(call: Call) -> list[Tensor]:
    shape = call.shape()
    return one((None,)) if shape is None else one((len(shape),), shape)


@rule("Size")
def size_of(call: Call) -> list[Tensor]:
    shape = call.shape()
    known = shape is not None and None not in shape
    return one((), prod(size or 0 for size in shape or ()) if known else None)


@rule("Rank")
def rank_of(call: Call) -> list[Tensor]:
    shape = call.shape()
    return one((), None if shape is None else len(shape))


@rule("OneHot")
def one_hot(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    depth = call[1].value
    axis = call.integer("axis") % (len(shape) + 1)
    return one((*shape[:axis], depth if isinstance(depth, int) else None, *shape[axis:]))


@rule("Where")
def where(call: Call) -> list[Tensor]:
    shape = call.shape()
    return one((None, None if shape is None else len(shape)))


@rule("SparseToDense")
def sparse_to_dense(call: Call) -> list[Tensor]:
    if call[1].value is not None:
        return one(call.vector(1))
    rank = call.shape(1)
    return one(of_rank(rank[0]) if rank else None)


@rule("RFFT", "IRFFT")
def rfft(call: Call) -> list[Tensor]:
    shape = call.shape()
    length = call.vector(1)[0]
    bins = length if length is None or call.node.op == "IRFFT" else length // 2 + 1
    return one(None if shape is None else (*shape[:-1], bins))
