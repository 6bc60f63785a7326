"""Conditions of operations that make tensors, join them, cut them and turn them."""

from __future__ import annotations

from math import prod

from freeze.shapes.fit.requirements import (
    alike,
    axis,
    equal,
    fit,
    items,
    known,
    ranked,
    require,
    scalar,
    scalars,
)
from freeze.shapes.rules import Call
from freeze.shapes.shape import declared


@fit("Pack")
def pack(call: Call) -> None:
    equal(*(tensor.shape for tensor in call.inputs))
    axis(call, call.integer("axis"), call.shape(), 1)


@fit("Concat", "ConcatV2")
def concat(call: Call) -> None:
    last = call.node.op == "ConcatV2"
    where = len(call.inputs) - 1 if last else 0
    parts = [tensor.shape for tensor in (call.inputs[:-1] if last else call.inputs[1:])]
    scalars(call, where)
    shapes = [shape for shape in parts if shape is not None]
    number = scalar(call, where)
    for shape in shapes:
        require(bool(shape) and len(shape) == len(shapes[0]), shapes[0], shape)
        axis(call, number, shape)
    if shapes and number is not None:
        number %= len(shapes[0])
        equal(*((*shape[:number], *shape[number + 1 :]) for shape in shapes))


@fit("Reshape")
def reshape(call: Call) -> None:
    ranked(call, 1, 0, 1)
    source, value = call.shape(), call[1].value
    if value is None:
        return
    require(not isinstance(value, int) or value in (0, 1, -1))
    wanted = items(call, 1)
    require(wanted.count(-1) <= 1 and all(size is None or size >= -1 for size in wanted))
    if source is None or None in source or None in wanted:
        return
    total = prod(size or 0 for size in source)
    fixed = prod(size for size in wanted if size is not None and size != -1)
    fits = (fixed and total % fixed == 0) or total == fixed == 0 if -1 in wanted else total == fixed
    require(bool(fits), source, tuple(wanted))


@fit("Transpose")
def transpose(call: Call) -> None:
    ranked(call, 1, 1, 1)
    shape, order = call.shape(), items(call, 1)
    if known(call, 1) and shape is not None:
        require(len(order) == len(shape), shape)
        for number in order:
            axis(call, number, shape)
        if shape and None not in order:
            require(len({(number or 0) % len(shape) for number in order}) == len(shape), shape)


@fit("ExpandDims")
def expand_dims(call: Call) -> None:
    axis(call, scalar(call, 1), call.shape(), 1)
    require((call.shape(1) or (1,)) == (1,) or call.shape(1) == (None,), call.shape(1))


@fit("Squeeze")
def squeeze(call: Call) -> None:
    shape = call.shape()
    for number in call.integers("squeeze_dims"):
        axis(call, number, shape)
        if shape is not None:
            require(shape[number] in (1, None), shape)


@fit("Split")
def split(call: Call) -> None:
    shape, number = call.shape(1), scalar(call, 0)
    scalars(call, 0)
    ranked(call, 1, 1)
    axis(call, number, shape)
    if shape is not None and number is not None:
        size = shape[number]
        require(size is None or size % call.integer("num_split") == 0, shape)


@fit("SplitV")
def split_v(call: Call) -> None:
    shape, number, sizes = call.shape(), scalar(call, 2), items(call, 1)
    ranked(call, 1, 1, 1)
    axis(call, number, shape)
    if known(call, 1):
        require(len(sizes) == call.integer("num_split"), call.shape(1))
    whole = shape[number] if shape is not None and number is not None else None
    if whole is not None and sizes and None not in sizes:
        given = sum(size for size in sizes if size and size > 0)
        require(given <= whole if -1 in sizes else given == whole, shape)


@fit("Unpack")
def unpack(call: Call) -> None:
    shape, number = call.shape(), call.integer("axis")
    axis(call, number, shape)
    if shape is not None:
        require(alike(shape[number], call.integer("num")), shape)


@fit("Slice")
def cut(call: Call) -> None:
    shape = call.shape()
    ranked(call, 1, 1, 1)
    ranked(call, 2, 1, 1)
    equal(call.shape(1), call.shape(2))
    if shape is not None and known(call, 1) and known(call, 2):
        begins, sizes = items(call, 1), items(call, 2)
        require(len(begins) == len(shape) == len(sizes), shape)
        for whole, begin, size in zip(shape, begins, sizes, strict=True):
            if whole is not None and begin is not None and size is not None:
                require(0 <= begin <= whole and -1 <= size <= whole - begin, shape)


@fit("StridedSlice")
def strided_slice(call: Call) -> None:
    shape = call.shape()
    for index in (1, 2, 3):
        ranked(call, index, 1, 1)
    equal(call.shape(1), call.shape(2), call.shape(3))
    strides = items(call, 3)
    masks = [call.integer(f"{name}_mask") for name in ("ellipsis", "new_axis", "shrink_axis")]
    require(masks[0] & (masks[0] - 1) == 0)
    unread = masks[0] | masks[1]
    require(all(step != 0 or unread >> index & 1 for index, step in enumerate(strides)))
    if shape is None or not known(call, 3) or masks[0] or masks[1]:
        return
    require(len(strides) <= len(shape), shape)
    begins = items(call, 1) or [None] * len(strides)
    for index, (begin, size) in enumerate(zip(begins, shape, strict=False)):
        if masks[2] >> index & 1 and begin is not None and size is not None:
            ignored = call.integer("begin_mask") >> index & 1
            require(bool(ignored) or -size <= begin < size, shape)
            require((strides[index] or 1) > 0)


@fit("Pad", "PadV2", "MirrorPad")
def pad(call: Call) -> None:
    shape, margins = call.shape(), call.shape(1)
    if margins is not None:
        require(len(margins) == 2 and alike(margins[1], 2), margins)
        require(shape is None or alike(margins[0], len(shape)), shape, margins)
    require(all(size is None or size >= 0 for size in items(call, 1)))


@fit("Tile")
def tile(call: Call) -> None:
    shape, times = call.shape(), items(call, 1)
    ranked(call, 1, 1, 1)
    require(shape is None or not known(call, 1) or len(times) == len(shape), shape, call.shape(1))
    require(all(size is None or size >= 0 for size in times))


@fit("Gather", "GatherV2")
def gather(call: Call) -> None:
    shape, number = call.shape(), scalar(call, 2) if call.node.op == "GatherV2" else 0
    if call.node.op == "GatherV2":
        scalars(call, 2)
    ranked(call, 0, 1)
    axis(call, number, shape)
    if shape is None or number is None or call.integer("batch_dims"):
        return
    size = shape[number]
    for wanted in items(call, 1) if call[1].value is not None else ():
        require(size is None or wanted is None or 0 <= wanted < size, shape)


@fit("OneHot")
def one_hot(call: Call) -> None:
    scalars(call, 1, 2, 3)
    require((scalar(call, 1) or 0) >= 0)
    shape, number = call.shape(), call.integer("axis")
    require(shape is None or -1 <= number <= len(shape), shape)


@fit("Range")
def span(call: Call) -> None:
    scalars(call, 0, 1, 2)
    start, limit, step = (
        scalar(call, index) if call[index].number is None else call[index].number
        for index in range(3)
    )
    require(step != 0)
    if start is not None and limit is not None and step is not None:
        require(start <= limit if step > 0 else start >= limit)


@fit("Fill")
def fill(call: Call) -> None:
    ranked(call, 0, 1, 1)
    scalars(call, 1)
    require(all(size is None or size >= 0 for size in items(call, 0)))


@fit("BroadcastTo")
def broadcast_to(call: Call) -> None:
    ranked(call, 1, 1, 1)
    shape, wanted = call.shape(), items(call, 1)
    if shape is not None and known(call, 1):
        require(len(shape) <= len(wanted), shape)
        tail = wanted[len(wanted) - len(shape) :]
        require(all(a == 1 or alike(a, b) for a, b in zip(shape, tail, strict=True)), shape)


@fit("PlaceholderWithDefault")
def placeholder_with_default(call: Call) -> None:
    equal(call.shape(), declared(call.attribute("shape").shape))
