"""Do the shapes that a node reads fit its operation.

The conditions are those of TensorFlow's shape functions and kernels, for the operations whose
shapes are inferred. What is not known for sure fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from math import prod

from freeze.shapes.rules import Call
from freeze.shapes.shape import Dimension, Shape, declared, shape_text


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


@fit("Pack")
def pack(call: Call) -> None:
    add_n(call)
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


@fit("PlaceholderWithDefault")
def placeholder_with_default(call: Call) -> None:
    equal(call.shape(), declared(call.attribute("shape").shape))


@fit("Switch")
def switch(call: Call) -> None:
    scalars(call, 1)


@fit("Assert", "Case", "If", "LoopCond", "StatelessCase", "StatelessIf")
def condition(call: Call) -> None:
    scalars(call, 0)


@fit("LRN")
def lrn(call: Call) -> None:
    ranked(call, 0, 4, 4)
