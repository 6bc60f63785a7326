"""Shapes of what rearranges, joins and cuts tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod

from freeze.shapes.rules import (
    MOST_VALUES,
    UNKNOWN,
    Call,
    Tensor,
    Value,
    count,
    merge,
    of_rank,
    one,
    rule,
)
from freeze.shapes.shape import Dimension


def add(left: Dimension, right: Dimension) -> Dimension:
    return None if left is None or right is None else left + right


@rule("Reshape")
def reshape(call: Call) -> list[Tensor]:
    if call[1].value is None:
        rank = call.shape(1)
        return one(of_rank(rank[0]) if rank else None)
    wanted = [None if size == -1 else size for size in call.vector(1)]
    source = call.shape()
    if wanted.count(None) == 1 and source is not None and None not in source:
        total, fixed = prod(size or 0 for size in source), prod(filter(None, wanted))
        wanted[wanted.index(None)] = total // fixed
    value = call[0].value
    if isinstance(value, tuple) and not wanted:
        return one((), value[0])
    if isinstance(value, int) and wanted:
        return one(tuple(wanted), (value,))
    return one(tuple(wanted), value)


@rule("Squeeze")
def squeeze(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    axes = [axis % len(shape) for axis in call.integers("squeeze_dims")]
    if not axes and None in shape:
        return one(None)
    dropped = set(axes or [axis for axis, size in enumerate(shape) if size == 1])
    value = call[0].value
    kept = tuple(size for axis, size in enumerate(shape) if axis not in dropped)
    return one(kept, value[0] if isinstance(value, tuple) and not kept else None)


@rule("ExpandDims")
def expand_dims(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    axis = call.scalar(1) % (len(shape) + 1)
    value = call[0].value
    expanded = (*shape[:axis], 1, *shape[axis:])
    return one(expanded, (value,) if isinstance(value, int) else None)


@rule("Transpose")
def transpose(call: Call) -> list[Tensor]:
    shape = call.shape()
    if call[1].value is None:
        return one(None if shape is None else (None,) * len(shape))
    order = call.vector(1)
    if shape is None:
        return one((None,) * len(order))
    return one(tuple(shape[axis] for axis in order if axis is not None))


@rule("Concat", "ConcatV2")
def concat(call: Call) -> list[Tensor]:
    last = call.node.op == "ConcatV2"
    parts = call.inputs[:-1] if last else call.inputs[1:]
    shapes = [part.shape for part in parts]
    if any(shape is None for shape in shapes):
        return one(None)
    axis = call.scalar(len(call.inputs) - 1 if last else 0) % len(shapes[0])  # type: ignore[arg-type]
    along = [shape[axis] for shape in shapes if shape is not None]
    total = None if None in along else sum(size or 0 for size in along)
    rest = merge([(*shape[:axis], 0, *shape[axis + 1 :]) for shape in shapes if shape is not None])
    values = [part.value for part in parts]
    joined: Value = None
    if rest and axis == 0 and len(rest) < 3 and len(values) <= MOST_VALUES and None not in values:
        joined = tuple(item for value in values for item in value)  # type: ignore[union-attr]
    return one(tuple(total if i == axis else size for i, size in enumerate(rest or ())), joined)


@rule("Pack")
def pack(call: Call) -> list[Tensor]:
    shape = merge([tensor.shape for tensor in call.inputs])
    if shape is None:
        return one(None)
    axis = call.integer("axis") % (len(shape) + 1)
    value: Value = None
    items = [tensor.value for tensor in call.inputs]
    if not shape:
        value = tuple(item if isinstance(item, int) else None for item in items)
    elif len(shape) == 1 and axis == 0 and all(isinstance(item, tuple) for item in items):
        value = tuple(chain.from_iterable(items))  # type: ignore[arg-type]
    return one((*shape[:axis], len(call.inputs), *shape[axis:]), value)


@rule("Unpack")
def unpack(call: Call) -> list[Tensor]:
    shape = call.shape()
    number = count(call, "num")
    if shape is None:
        return [UNKNOWN] * number
    axis = call.integer("axis") % len(shape)
    value = call[0].value
    items = value if isinstance(value, tuple) and len(shape) == 1 else (None,) * number
    return [Tensor((*shape[:axis], *shape[axis + 1 :]), item) for item in items]


@rule("Split")
def split(call: Call) -> list[Tensor]:
    shape, number = call.shape(1), count(call, "num_split")
    if shape is None:
        return [UNKNOWN] * number
    axis = call.scalar(0) % len(shape)
    size = shape[axis]
    part = None if size is None else size // number
    return [Tensor((*shape[:axis], part, *shape[axis + 1 :]))] * number


@rule("SplitV")
def split_v(call: Call) -> list[Tensor]:
    shape, sizes = call.shape(), call.vector(1)
    if shape is None:
        return [UNKNOWN] * len(sizes)
    axis = call.scalar(2) % len(shape)
    whole = shape[axis]
    rest = None if whole is None else whole - sum(size for size in sizes if size and size > 0)
    parts = [rest if size == -1 else size for size in sizes]
    values = _split(call[0].value if len(shape) == 1 else None, parts)
    return [
        Tensor((*shape[:axis], part, *shape[axis + 1 :]), value)
        for part, value in zip(parts, values, strict=True)
    ]


def _split(value: Value, sizes: Sequence[Dimension]) -> list[Value]:
    """The content of the parts of a vector, where all is known that they begin with."""
    if not isinstance(value, tuple):
        return [None] * len(sizes)
    parts: list[Value] = []
    begin: Dimension = 0
    for size in sizes:
        end = add(begin, size)
        parts.append(None if end is None else value[begin:end])
        begin = end
    return parts


@rule("Pad", "PadV2", "MirrorPad")
def pad(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    margins = call.vector(1)
    before, after = margins[::2], margins[1::2]
    return one(tuple(map(add, shape, map(add, before, after))))


@rule("Tile")
def tile(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    pairs = zip(shape, call.vector(1), strict=True)
    return one(tuple(None if a is None or b is None else a * b for a, b in pairs))


@rule("Gather", "GatherV2")
def gather(call: Call) -> list[Tensor]:
    shape, indices = call.shape(0), call.shape(1)
    if shape is None or indices is None or call.integer("batch_dims"):
        return one(None)
    axis = call.scalar(2) % len(shape) if call.node.op == "GatherV2" else 0
    table, wanted = call[0].value if len(shape) == 1 else None, call[1].value
    value: Value = None
    if isinstance(table, tuple) and isinstance(wanted, int):
        value = table[wanted]
    elif isinstance(table, tuple) and isinstance(wanted, tuple):
        value = tuple(None if i is None else table[i] for i in wanted)
    return one((*shape[:axis], *indices, *shape[axis + 1 :]), value)


@rule("Slice")
def cut(call: Call) -> list[Tensor]:
    shape, begins, sizes = call.shape(), call.vector(1), call.vector(2)
    if shape is None:
        return one((None,) * len(sizes))
    found: list[Dimension] = []
    for whole, begin, size in zip(shape, begins, sizes, strict=True):
        rest = None if whole is None or begin is None else whole - begin
        found.append(rest if size == -1 else size)
    value = call[0].value
    first, last = begins[0], add(begins[0], found[0])
    if isinstance(value, tuple) and len(shape) == 1 and first is not None and last is not None:
        return one(tuple(found), value[first:last])
    return one(tuple(found))


@rule("StridedSlice")
def strided_slice(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    begins, ends, strides = call.vector(1), call.vector(2), call.vector(3)
    mask = {
        name: call.integer(f"{name}_mask")
        for name in ("begin", "end", "shrink_axis", "new_axis", "ellipsis")
    }
    slices: list[slice | int | None] = []
    sizes: list[Dimension] = []
    axis = 0
    for i, (begin, end, stride) in enumerate(zip(begins, ends, strides, strict=True)):
        bit = 1 << i
        if mask["ellipsis"] & bit:
            following = bin(mask["new_axis"] >> (i + 1)).count("1")
            kept = len(shape) - axis - (len(begins) - i - 1 - following)
            sizes += shape[axis : axis + kept]
            axis += kept
        elif mask["new_axis"] & bit:
            sizes.append(1)
        elif mask["shrink_axis"] & bit:
            slices.append(begin)
            axis += 1
        else:
            first = None if mask["begin"] & bit else begin
            last = None if mask["end"] & bit else end
            unknown = (first is None and not mask["begin"] & bit) or (
                last is None and not mask["end"] & bit
            )
            sizes.append(_sliced(shape[axis], first, last, stride, unknown))
            slices.append(slice(first, last, stride))
            axis += 1
    sizes += shape[axis:]
    value = call[0].value
    if isinstance(value, tuple) and len(shape) == 1 and slices[0] is not None:
        return one(tuple(sizes), value[slices[0]])
    return one(tuple(sizes))


def _sliced(
    size: Dimension, first: Dimension, last: Dimension, stride: Dimension, unknown: bool
) -> Dimension:
    if size is None or stride is None or unknown:
        return None
    return len(range(*slice(first, last, stride).indices(size)))


@rule("Diag", "MatrixDiag")
def diagonal(call: Call) -> list[Tensor]:
    shape = call.shape()
    if shape is None:
        return one(None)
    return one((*shape, *shape) if call.node.op == "Diag" else (*shape, shape[-1]))


@rule("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor")
def resized(call: Call) -> list[Tensor]:
    batch, _, _, channels = call.shape() or (None,) * 4
    height, width = call.vector(1) if call[1].value is not None else (None, None)
    return one((batch, height, width, channels))


@rule("UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd", "UnsortedSegmentSum")
def segments(call: Call) -> list[Tensor]:
    shape, ids, number = call.shape(), call.shape(1), call[2].value
    if shape is None or ids is None:
        return one(None)
    return one((number if isinstance(number, int) else None, *shape[len(ids) :]))


@rule("Bincount")
def bins(call: Call) -> list[Tensor]:
    number = call[1].value
    return one((number if isinstance(number, int) else None,))


@rule("TopK", "TopKV2")
def top(call: Call) -> list[Tensor]:
    shape = call.shape()
    number = call[1].value if call.node.op == "TopKV2" else call.integer("k")
    if not shape:
        return [UNKNOWN, UNKNOWN]
    return [Tensor((*shape[:-1], number if isinstance(number, int) else None))] * 2
