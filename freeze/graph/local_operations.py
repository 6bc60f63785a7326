"""Operations that are local in time: how their frames come from those that they read.

An operation that is not listed here, or not used in a way that is, mixes frames as far as is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

from freeze.shapes.reductions import axes_of
from freeze.shapes.rules import Call, Tensor

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")
PRODUCTS = ("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")


@dataclass(frozen=True)
class Local:
    """How the frames of a tensor come from those of the input.

    Frame i sees the input's frames from ``i - before`` to ``i + after``, and padding where the
    input has no such frames. Batches are the first axis; no row sees another one.

    Attributes
    ----------
    axis : int
        Of the frames.
    before, after : int
    longer : int
        How many frames it has more than the input.
    padding : (int, int)
        Frames that the operation itself adds before the first one and after the last one.
    extent : int
        Frames that it looks at besides the first, of the padded ones.
    """

    axis: int
    before: int = 0
    after: int = 0
    longer: int = 0
    padding: tuple[int, int] = (0, 0)
    extent: int = 0


class MixedError(ValueError):
    """Frames are mixed, or rows."""


Reads = Sequence[Local | None]
"""What a node reads; None is a tensor that does not depend on the input."""

Rule = Callable[[Call, Reads, Tensor], Local]
RULES: dict[str, Rule] = {}
"""By operation; one that is not local in its use raises what `MALFORMED` lists."""


def _rule(*operations: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operations, function))
        return function

    return register


def _require(condition: bool) -> None:
    if not condition:
        raise MixedError


def _data(reads: Reads) -> Local:
    """What is read first, where all else is constant."""
    first, *others = reads
    if first is None or any(others):
        raise MixedError
    return replace(first, padding=(0, 0), extent=0)


def _joined(reads: Reads) -> Local:
    """Tensors whose frames are taken together, one by one."""
    found = [read for read in reads if read]
    _require(len({(read.axis, read.longer) for read in found}) == 1)
    before, after = max(read.before for read in found), max(read.after for read in found)
    return Local(found[0].axis, before, after, found[0].longer)


@_rule(
    *("Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics"),
    *("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Sigmoid", "Tanh", "Softplus", "Softsign"),
    *("Exp", "Expm1", "Log", "Log1p", "Sqrt", "Rsqrt", "Square", "Neg", "Abs", "Sign"),
)
def _same(_: Call, reads: Reads, __: Tensor) -> Local:
    return _data(reads)


@_rule(
    *("Add", "AddV2", "AddN", "Sub", "Mul", "RealDiv", "Div", "Maximum", "Minimum", "Pow"),
    "SquaredDifference",
)
def _together(call: Call, reads: Reads, output: Tensor) -> Local:
    joined, rank = _joined(reads), len(output.shape or ())
    for read, tensor in zip(reads, call.inputs, strict=True):
        shape = tensor.shape
        _require(shape is not None and (len(shape) == rank or (not read and len(shape) < rank)))
        if read is None:  # alike for all frames and rows
            sizes = (1,) * (rank - len(shape or ())) + tuple(shape or ())
            _require(sizes[0] == sizes[joined.axis] == 1)
    return joined


def _channels(call: Call) -> int:
    rank = len(call.shape() or ())
    return 1 if call.text("data_format").startswith("NC") else rank - 1


@_rule("BiasAdd", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def _by_channel(call: Call, reads: Reads, _: Tensor) -> Local:
    data = _data(reads)
    _require(data.axis != _channels(call))
    if call.node.op != "BiasAdd":
        _require("is_training" in call.node.attr and not call.flag("is_training"))
    return data


@_rule("Softmax", "LogSoftmax")
def _over_last_axis(call: Call, reads: Reads, _: Tensor) -> Local:
    data = _data(reads)
    _require(data.axis != len(call.shape() or ()) - 1)
    return data


@_rule(*PRODUCTS)
def _of_rows(call: Call, reads: Reads, output: Tensor) -> Local:
    data = _data(reads)
    _require(data.axis < len(output.shape or ()) - 1 and not call.flag("adj_x"))
    _require(all(size == 1 for size in (call.shape(1) or ())[:-2]))
    return data


@_rule("Pad", "PadV2")
def _pad(call: Call, reads: Reads, _: Tensor) -> Local:
    data, margins = _data(reads), call.vector(1)
    _require(margins[:2] == (0, 0))
    start, end = margins[2 * data.axis : 2 * data.axis + 2]
    return _windowed(data, (start, end), 0)  # type: ignore[arg-type]


def _windowed(data: Local, padding: tuple[int, int], extent: int) -> Local:
    """Pad frames, and let each see `extent` more after it."""
    _require(min(padding) >= 0)
    return Local(
        axis=data.axis,
        before=data.before + padding[0],
        after=data.after - padding[0] + extent,
        longer=data.longer + sum(padding) - extent,
        padding=padding,
        extent=extent,
    )


def spatial(call: Call) -> tuple[int, int]:
    """The axes that a window is slid over."""
    return (2, 3) if call.text("data_format") == "NCHW" else (1, 2)


@_rule(*CONVOLUTIONS)
def _convolution(call: Call, reads: Reads, _: Tensor) -> Local:
    data = _data(reads)
    place = spatial(call).index(data.axis)
    _require(call.integers("strides")[data.axis] == 1)
    return _windowed(data, padding(call, data.axis, place), _extent(call, data.axis, place))


def padding(call: Call, axis: int, place: int) -> tuple[int, int]:
    """What a convolution pads an axis with, at its start and its end (TensorFlow's rules).

    Parameters
    ----------
    call : Call
    axis : int
        Of the data.
    place : int
        Of the same axis in the filter.
    """
    kind, extent = call.text("padding"), _extent(call, axis, place)
    if kind == "EXPLICIT":
        start, end = call.integers("explicit_paddings")[2 * axis : 2 * axis + 2]
        return start, end
    if kind == "VALID":
        return 0, 0
    stride, size = call.integers("strides")[axis], call.shape()[axis]  # type: ignore[index]
    total = max(0, (-(-size // stride) - 1) * stride + extent + 1 - size)  # type: ignore[operator]
    return total // 2, total - total // 2


def _extent(call: Call, axis: int, place: int) -> int:
    """How far a filter reaches along an axis, beyond its first value."""
    dilations = call.integers("dilations") or [1] * 4
    return (call.shape(1)[place] - 1) * dilations[axis]  # type: ignore[index, operator]


@_rule("MaxPool", "AvgPool")
def _pool(call: Call, reads: Reads, _: Tensor) -> Local:
    data = _data(reads)
    windows = call.integers("ksize"), call.integers("strides")
    _require(all(sizes[data.axis] == sizes[0] == 1 for sizes in windows))
    _require(call.text("padding") in ("SAME", "VALID"))
    return data


@_rule("Mean", "Sum", "Max", "Min", "Prod")
def _reduction(call: Call, reads: Reads, _: Tensor) -> Local:
    data = _data(reads)
    axes = set(axes_of(call, 1, len(call.shape() or ())))
    _require(axes.isdisjoint((0, data.axis)))
    lost = 0 if call.flag("keep_dims") else sum(axis < data.axis for axis in axes)
    return replace(data, axis=data.axis - lost)


@_rule("Squeeze")
def _squeeze(call: Call, reads: Reads, _: Tensor) -> Local:
    data, rank = _data(reads), len(call.shape() or ())
    axes = {axis % rank for axis in call.integers("squeeze_dims")}
    _require(bool(axes) and axes.isdisjoint((0, data.axis)))  # without axes, batches of one change
    return replace(data, axis=data.axis - sum(axis < data.axis for axis in axes))


@_rule("ExpandDims")
def _expand_dims(call: Call, reads: Reads, output: Tensor) -> Local:
    data, axis = _data(reads), call.scalar(1) % len(output.shape or ())
    _require(axis > 0)
    return replace(data, axis=data.axis + (axis <= data.axis))


@_rule("Transpose")
def _transpose(call: Call, reads: Reads, _: Tensor) -> Local:
    data, order = _data(reads), call.vector(1)
    _require(order[0] == 0)
    return replace(data, axis=order.index(data.axis))


@_rule("Reshape")
def _reshape(call: Call, reads: Reads, output: Tensor) -> Local:
    data, old, new = _data(reads), call.shape() or (), output.shape or ()
    ahead, frames = _size(old[1 : data.axis]), old[data.axis]
    for axis in range(1, len(new)):
        if new[axis] == frames and _size(new[1:axis]) == ahead:
            _require(_size(new[1:]) == _size(old[1:]))
            return replace(data, axis=axis)
    raise MixedError


def _size(shape: Sequence[int | None]) -> int:
    return prod(shape)  # type: ignore[arg-type]


@_rule("ConcatV2")
def _concatenation(call: Call, reads: Reads, output: Tensor) -> Local:
    *parts, where = reads
    _require(all(parts) and where is None)
    joined = _joined(parts)
    _require(call.scalar(len(parts)) % len(output.shape or ()) not in (0, joined.axis))
    return joined
