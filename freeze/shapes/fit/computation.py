"""Conditions of operations that compute: of layers, and of each value."""

from __future__ import annotations

from collections.abc import Sequence

from freeze.shapes.fit.requirements import (
    alike,
    axis,
    broadcasts,
    equal,
    fit,
    items,
    ranked,
    require,
    scalar,
    scalars,
)
from freeze.shapes.rules import Call
from freeze.shapes.shape import Dimension


@fit(
    *("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "DivNoNan", "FloorDiv", "FloorMod", "Mod"),
    *("Maximum", "Minimum", "Pow", "SquaredDifference", "Atan2", "TruncateDiv", "Xdivy", "Xlogy"),
    *("Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "Complex"),
)
def binary(call: Call) -> None:
    broadcasts(call.shape(0), call.shape(1))


@fit("Equal", "NotEqual")
def comparison(call: Call) -> None:
    if "incompatible_shape_error" not in call.node.attr or call.flag("incompatible_shape_error"):
        binary(call)


@fit("Select")
def select(call: Call) -> None:
    condition, chosen = call.shape(0), call.shape(1)
    equal(chosen, call.shape(2))
    if condition and chosen is not None:
        if len(condition) == 1 and len(chosen) > 0:
            require(alike(condition[0], chosen[0]), condition, chosen)
        else:
            equal(condition, chosen)


@fit("SelectV2")
def select_v2(call: Call) -> None:
    for left, right in ((0, 1), (0, 2), (1, 2)):
        broadcasts(call.shape(left), call.shape(right))


@fit("AddN")
def add_n(call: Call) -> None:
    equal(*(tensor.shape for tensor in call.inputs))


@fit("MatMul", "SparseMatMul")
def matmul(call: Call) -> None:
    ranked(call, 0, 2, 2)
    ranked(call, 1, 2, 2)
    _inner(call, call.flag("transpose_a"), call.flag("transpose_b"))


@fit("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(call: Call) -> None:
    ranked(call, 0, 2)
    ranked(call, 1, 2)
    _inner(call, call.flag("adj_x"), call.flag("adj_y"))
    left, right = call.shape(0), call.shape(1)
    if left is not None and right is not None:
        (equal if call.node.op == "BatchMatMul" else broadcasts)(left[:-2], right[:-2])


def _inner(call: Call, turn_left: bool, turn_right: bool) -> None:
    left, right = call.shape(0), call.shape(1)
    if left is not None and right is not None:
        inner = left[-2 if turn_left else -1], right[-1 if turn_right else -2]
        require(alike(*inner), left, right)


def channels(call: Call) -> Dimension:
    """The size of the axis of channels."""
    shape = call.shape()
    first = call.text("data_format")[:2] == "NC"
    return None if not shape else shape[1 if first and len(shape) > 1 else -1]


@fit("BiasAdd")
def bias_add(call: Call) -> None:
    ranked(call, 0, 3 if call.text("data_format") == "NCHW" else 2)
    ranked(call, 1, 1, 1)
    bias = call.shape(1)
    require(not bias or alike(channels(call), bias[0]), call.shape(), bias)


@fit("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def batch_norm(call: Call) -> None:
    ranked(call, 0, 4, 5 if call.node.op == "FusedBatchNormV3" else 4)
    for index in (1, 2) if _trains(call) else (1, 2, 3, 4):
        ranked(call, index, 1, 1)
        sizes = call.shape(index)
        require(not sizes or alike(channels(call), sizes[0]), call.shape(), sizes)


def _trains(call: Call) -> bool:
    return "is_training" not in call.node.attr or call.flag("is_training")


def window(call: Call, kernel: Sequence[Dimension]) -> None:
    """Require strides that move a window, and room for it."""
    first = call.text("data_format") == "NCHW"
    strides = call.integers("strides")
    dilations = call.integers("dilations") or [1] * 4
    require(len(strides) == len(dilations) == 4 and min(*strides, *dilations) > 0)
    outer = (0, 1) if first else (0, 3)
    require(all(strides[each] == 1 == dilations[each] for each in outer))
    explicit = call.integers("explicit_paddings")
    padding = call.text("padding")
    require(bool(explicit) == (padding == "EXPLICIT"))
    shape = call.shape()
    if shape is None or padding != "VALID":
        return
    for each, extent in zip((2, 3) if first else (1, 2), kernel, strict=True):
        size = shape[each]
        if size is not None and extent is not None:
            require(size >= (extent - 1) * dilations[each], shape)


@fit("Conv2D")
def conv2d(call: Call) -> None:
    ranked(call, 0, 4, 4)
    ranked(call, 1, 4, 4)
    kernel = call.shape(1) or (None,) * 4
    require(0 not in kernel, call.shape(1))
    window(call, kernel[:2])
    given, taken = channels(call), kernel[2]
    if given is not None and taken is not None:
        require(taken > 0 and given % taken == 0, call.shape(), call.shape(1))
        if kernel[3] is not None:
            require(kernel[3] % max(1, given // taken) == 0, call.shape(), call.shape(1))


@fit("DepthwiseConv2dNative")
def depthwise(call: Call) -> None:
    ranked(call, 0, 4, 4)
    ranked(call, 1, 4, 4)
    kernel = call.shape(1) or (None,) * 4
    strides = call.integers("strides")
    require(len(strides) == 4 and min(strides) > 0)
    window(call, kernel[:2])
    require(alike(channels(call), kernel[2]), call.shape(), call.shape(1))
    require(0 not in kernel, call.shape(1))


@fit("MaxPool", "AvgPool")
def pool(call: Call) -> None:
    ranked(call, 0, 4, 4)
    kernel, strides = call.integers("ksize"), call.integers("strides")
    require(len(kernel) == len(strides) == 4 and min(*kernel, *strides) > 0)
    require((call.text("padding") == "EXPLICIT") == bool(call.integers("explicit_paddings")))
    first = call.text("data_format") == "NCHW"
    require(kernel[0] == 1 and strides[0] == 1)
    shape = call.shape()
    if shape is not None and call.text("padding") == "VALID":
        for each in (2, 3) if first else (1, 2):
            size = shape[each]
            require(size is None or size >= kernel[each], shape)


@fit("Mean", "Sum", "Max", "Min", "Prod", "Any", "All", "EuclideanNorm")
def reduce(call: Call) -> None:
    ranked(call, 1, 0, 1)
    shape, axes = call.shape(), items(call, 1)
    for number in axes:
        axis(call, number, shape)
    if shape and None not in axes:
        turned = [(number or 0) % len(shape) for number in axes]
        require(len(turned) == len(set(turned)), shape)


@fit("ReverseV2")
def reverse(call: Call) -> None:
    ranked(call, 1, 1, 1)
    reduce(call)


@fit("ArgMax", "ArgMin")
def arg(call: Call) -> None:
    scalars(call, 1)
    ranked(call, 0, 1)
    axis(call, scalar(call, 1), call.shape())


@fit("Cumsum", "Cumprod")
def cumulative(call: Call) -> None:
    scalars(call, 1)
    axis(call, scalar(call, 1), call.shape())


@fit("TopK", "TopKV2")
def top(call: Call) -> None:
    ranked(call, 0, 1)
    number, shape = call.integer("k"), call.shape()
    if call.node.op == "TopKV2":
        scalars(call, 1)
        number = scalar(call, 1) or 0
    require(number >= 0)
    if shape:
        require(shape[-1] is None or number <= shape[-1], shape)


@fit("Softmax", "LogSoftmax")
def softmax(call: Call) -> None:
    ranked(call, 0, 1)


@fit("RFFT")
def rfft(call: Call) -> None:
    ranked(call, 0, 1)
    ranked(call, 1, 1, 1)
    require(alike((call.shape(1) or (None,))[0], 1), call.shape(1))
    require(all(size is None or size >= 0 for size in items(call, 1)))


@fit("Einsum")
def einsum(call: Call) -> None:
    left, arrow, result = call.text("equation").replace(" ", "").partition("->")
    terms = left.split(",")
    require(bool(arrow) and "->" not in result and len(terms) == len(call.inputs))
    if "." in left:
        return
    sizes: dict[str, Dimension] = {}
    for term, tensor in zip(terms, call.inputs, strict=True):
        require(all(letter.isascii() and letter.isalpha() for letter in term))
        if tensor.shape is None:
            continue
        require(len(term) == len(tensor.shape), tensor.shape)
        for letter, size in zip(term, tensor.shape, strict=True):
            require(alike(sizes.get(letter), size), tensor.shape)
            sizes[letter] = sizes.get(letter) if size is None else size
    require(set(result) <= set(left) and len(set(result)) == len(result))


@fit("Switch")
def switch(call: Call) -> None:
    scalars(call, 1)


@fit("Assert", "Case", "If", "LoopCond", "StatelessCase", "StatelessIf")
def condition(call: Call) -> None:
    scalars(call, 0)


@fit("LRN")
def lrn(call: Call) -> None:
    ranked(call, 0, 4, 4)
