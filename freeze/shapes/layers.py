"""Shapes of convolution, pooling, normalization and matrix products."""

from __future__ import annotations

from math import prod

from freeze.shapes.rules import Call, Tensor, broadcast, one, rule
from freeze.shapes.shape import Dimension


def window(size: Dimension, kernel: int, stride: int, padding: str, dilation: int = 1) -> Dimension:
    """Output size along one axis (TensorFlow's SAME and VALID)."""
    if size is None:
        return None
    if padding == "SAME":
        return -(-size // stride)
    if padding == "VALID":
        return (size - (kernel - 1) * dilation - 1) // stride + 1
    raise ValueError(padding)


def spatial(call: Call, kernel: list[Dimension], channels: Dimension) -> list[Tensor]:
    """Slide a window over the two inner axes of an image batch."""
    shape = call.shape()
    if shape is None:
        shape = (None,) * 4
    channels_first = call.text("data_format") == "NCHW"
    axes = (2, 3) if channels_first else (1, 2)
    strides = call.integers("strides")
    dilations = call.integers("dilations") or [1, 1, 1, 1]
    sizes = list(shape)
    for axis, extent in zip(axes, kernel, strict=True):
        if extent is None:
            sizes[axis] = None
        else:
            padding = call.text("padding")
            sizes[axis] = window(sizes[axis], extent, strides[axis], padding, dilations[axis])
    sizes[1 if channels_first else 3] = channels
    return one(tuple(sizes))


@rule("Conv2D", "_FusedConv2D")
def conv2d(call: Call) -> list[Tensor]:
    height, width, _, channels = call.shape(1) or (None,) * 4
    return spatial(call, [height, width], channels)


@rule("DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
def depthwise(call: Call) -> list[Tensor]:
    height, width, channels, multiplier = call.shape(1) or (None,) * 4
    known = channels is not None and multiplier is not None
    return spatial(call, [height, width], channels * multiplier if known else None)  # type: ignore[operator]


@rule("MaxPool", "AvgPool")
def pool(call: Call) -> list[Tensor]:
    channels_first = call.text("data_format") == "NCHW"
    kernel = call.integers("ksize")
    shape = call.shape()
    channels = None if shape is None else shape[1 if channels_first else 3]
    return spatial(call, list(kernel[2:] if channels_first else kernel[1:3]), channels)


@rule("Conv2DBackpropInput")
def transposed_convolution(call: Call) -> list[Tensor]:
    return one(call.vector(0))


@rule("SpaceToBatchND", "BatchToSpaceND")
def dilation(call: Call) -> list[Tensor]:
    # Around a convolution, as TensorFlow writes a dilated one over sizes that it did not know.
    shape, blocks, margins = call.shape(), call.vector(1), call.vector(2)
    if shape is None or None in shape or None in blocks or None in margins:
        return one(None)
    ratio = prod(blocks)  # type: ignore[arg-type]
    sizes = []
    for size, block, *edges in zip(shape[1:], blocks, margins[::2], margins[1::2], strict=False):
        opens = call.node.op == "BatchToSpaceND"
        sizes.append(size * block - sum(edges) if opens else (size + sum(edges)) // block)  # type: ignore
    batch = shape[0] // ratio if call.node.op == "BatchToSpaceND" else shape[0] * ratio  # type: ignore
    return one((batch, *sizes, *shape[1 + len(blocks) :]))


@rule("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def batch_norm(call: Call) -> list[Tensor]:
    # The reserved outputs differ between versions and devices: only the statistics are certain.
    return [Tensor(call.shape())] + [Tensor(call.shape(1))] * 2


@rule("MatMul", "SparseMatMul", "_FusedMatMul")
def matmul(call: Call) -> list[Tensor]:
    left = call.shape(0) or (None, None)
    right = call.shape(1) or (None, None)
    rows = left[1] if call.flag("transpose_a") else left[0]
    columns = right[0] if call.flag("transpose_b") else right[1]
    return one((rows, columns))


@rule("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(call: Call) -> list[Tensor]:
    left, right = call.shape(0), call.shape(1)
    if left is None or right is None:
        return one(None)
    batch = broadcast(left[:-2], right[:-2])
    if batch is None:
        return one(None)
    rows = left[-1] if call.flag("adj_x") else left[-2]
    columns = right[-2] if call.flag("adj_y") else right[-1]
    return one((*batch, rows, columns))


@rule("Einsum")
def einsum(call: Call) -> list[Tensor]:
    terms, _, result = call.text("equation").replace(" ", "").partition("->")
    if "." in terms:
        return one(None)
    sizes: dict[str, Dimension] = {}
    for term, tensor in zip(terms.split(","), call.inputs, strict=True):
        for letter, size in zip(term, tensor.shape or (None,) * len(term), strict=True):
            sizes[letter] = size if size is not None else sizes.get(letter)
    return one(tuple(sizes[letter] for letter in result))
