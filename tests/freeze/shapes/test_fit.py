"""Shapes that operations cannot take are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from freeze.formats import tensors
from freeze.formats.messages import GraphDef, NodeDef
from freeze.shapes.propagation import misfits


def _node(op: str, reads: tuple[Any, ...], **attributes: Any) -> list[str]:
    """What does not fit where a node reads constants, of a shape or of values."""
    values = [
        np.zeros(each, np.float32) if isinstance(each, tuple) else np.int32(each) for each in reads
    ]
    constants = [tensors.constant(f"c{i}", np.asarray(value)) for i, value in enumerate(values)]
    node = NodeDef(name="y", op=op, input=[each.name for each in constants])
    for name, value in attributes.items():
        if isinstance(value, list):
            node.attr[name].list.i.extend(value)
        elif isinstance(value, bytes):
            node.attr[name].s = value
        else:
            node.attr[name].i = value
    return [text for _, text in misfits(GraphDef(node=[*constants, node]))]


IMAGE = (1, 8, 8, 4)
STRIDES = {"strides": [1, 2, 2, 1], "padding": b"SAME"}


@pytest.mark.parametrize(
    ("op", "reads", "attributes"),
    [
        ("AddV2", ((2, 1, 3), (4, 1)), {}),
        ("AddN", ((2,), (2,)), {}),
        ("BatchMatMulV2", ((5, 2, 3), (1, 3, 4)), {}),
        ("BiasAdd", ((2, 3), (3,)), {}),
        ("BroadcastTo", ((1, 3), [2, 4, 3]), {}),
        ("ConcatV2", ((2, 3), (4, 3), 0), {}),
        ("Conv2D", (IMAGE, (3, 3, 4, 2)), STRIDES),
        ("DepthwiseConv2dNative", (IMAGE, (3, 3, 4, 2)), STRIDES),
        ("Einsum", ((2, 3), (3, 4)), {"equation": b"ij,jk->ik"}),
        ("ExpandDims", ((2, 3), -3), {}),
        ("Fill", ([2, 3], ()), {}),
        ("GatherV2", ((2, 3), [0, 1], 0), {}),
        ("MatMul", ((2, 3), (3, 4)), {}),
        ("MaxPool", (IMAGE,), {**STRIDES, "ksize": [1, 2, 2, 1]}),
        ("Mean", ((2, 3), [0, -1]), {}),
        ("OneHot", ([0, 1], 3, (), ()), {"axis": -1}),
        ("Pack", ((2, 3), (2, 3)), {"axis": 2, "N": 2}),
        ("Pad", ((2, 3), [[0, 0], [1, 1]]), {}),
        ("Range", (0, 5, 1), {}),
        ("Reshape", ((2, 6), [-1, 4]), {}),
        ("Select", ((2,), (2, 3), (2, 3)), {}),
        ("Slice", ((4, 3), [1, 0], [-1, 3]), {}),
        ("Split", (1, (2, 6)), {"num_split": 3}),
        ("SplitV", ((2, 6), [2, -1], 1), {"num_split": 2}),
        ("Squeeze", ((2, 1, 3),), {"squeeze_dims": [1]}),
        ("StridedSlice", ((4, 3), [0], [1], [1]), {"shrink_axis_mask": 1}),
        ("StridedSlice", ((4, 3), [0, 0], [1, 1], [0, 1]), {"ellipsis_mask": 1}),
        ("Tile", ((2, 3), [2, 1]), {}),
        ("TopKV2", ((2, 6), 6), {}),
        ("Transpose", ((2, 3), [1, 0]), {}),
        ("Unpack", ((2, 3),), {"num": 3, "axis": 1}),
    ],
)
def test_what_fits_is_left_alone(op: str, reads: tuple[Any, ...], attributes: Any) -> None:
    assert _node(op, reads, **attributes) == []


@pytest.mark.parametrize(
    ("op", "reads", "attributes"),
    [
        ("AddV2", ((1, 2), (3,)), {}),
        ("AddN", ((2,), (3,)), {}),
        ("BatchMatMulV2", ((5, 2, 3), (2, 3, 4)), {}),
        ("BiasAdd", ((2, 3), (2,)), {}),
        ("BiasAdd", ((2, 3), (3, 1)), {}),
        ("BroadcastTo", ((2, 3), [3, 3]), {}),
        ("ConcatV2", ((2, 3), (2, 4), 0), {}),
        ("ConcatV2", ((2, 3), (2, 3), 2), {}),
        ("Conv2D", (IMAGE, (3, 3, 3, 2)), STRIDES),
        ("Conv2D", (IMAGE, (3, 3, 4)), STRIDES),
        ("Conv2D", (IMAGE, (3, 3, 4, 0)), STRIDES),
        ("Conv2D", (IMAGE, (3, 3, 4, 2)), {**STRIDES, "strides": [1, 0, 1, 1]}),
        ("Conv2D", (IMAGE, (3, 3, 4, 2)), {**STRIDES, "strides": [1, 1, 1]}),
        ("Conv2D", (IMAGE, (3, 3, 4, 2)), {**STRIDES, "strides": [2, 1, 1, 1]}),
        ("Conv2D", (IMAGE, (10, 10, 4, 2)), {**STRIDES, "padding": b"VALID"}),
        ("Conv2D", (IMAGE, (3, 3, 4, 2)), {**STRIDES, "padding": b"EXPLICIT"}),
        ("DepthwiseConv2dNative", (IMAGE, (3, 3, 3, 2)), STRIDES),
        ("DepthwiseConv2dNative", (IMAGE, (3, 3, 4, 0)), STRIDES),
        ("Einsum", ((2, 3), (2, 4)), {"equation": b"ij,jk->ik"}),
        ("Einsum", ((2, 3), (3, 4)), {"equation": b"ij,jk"}),
        ("ExpandDims", ((2, 3), 3), {}),
        ("Fill", ([2, -3], ()), {}),
        ("GatherV2", ((2, 3), [0, 2], 0), {}),
        ("MatMul", ((2, 3), (4, 3)), {}),
        ("MaxPool", ((8, 8, 4),), {**STRIDES, "ksize": [1, 2, 2, 1]}),
        ("MaxPool", (IMAGE,), {**STRIDES, "ksize": [1, 9, 2, 1], "padding": b"VALID"}),
        ("Mean", ((2, 3), [2]), {}),
        ("Mean", ((2, 3), [1, -1]), {}),
        ("OneHot", ([0, 1], -3, (), ()), {}),
        ("Pack", ((2, 3), (3, 2)), {"N": 2}),
        ("Pad", ((2, 3), [[1, 1]]), {}),
        ("Pad", ((2,), [[-1, 1]]), {}),
        ("Range", (0, 5, 0), {}),
        ("Range", (0, 5, -1), {}),
        ("Reshape", ((2, 6), [-1, 5]), {}),
        ("Reshape", ((2, 6), [-1, -1]), {}),
        ("Select", ((2,), (2, 3), (2, 4)), {}),
        ("Slice", ((4, 3), [1, 0], [4, 3]), {}),
        ("Split", (1, (2, 5)), {"num_split": 3}),
        ("SplitV", ((2, 6), [2, 5], 1), {"num_split": 2}),
        ("Squeeze", ((2, 1, 3),), {"squeeze_dims": [0]}),
        ("StridedSlice", ((4, 3), [4], [5], [1]), {"shrink_axis_mask": 1}),
        ("StridedSlice", ((4, 3), [0], [5], [0]), {}),
        ("StridedSlice", ((4, 3), [0, 0], [1, 1], [1, 1]), {"ellipsis_mask": -2}),
        ("Tile", ((2, 3), [2]), {}),
        ("TopKV2", ((2, 6), 7), {}),
        ("Transpose", ((2, 3), [1, 1]), {}),
        ("Transpose", ((2, 3), [0]), {}),
        ("Unpack", ((2, 3),), {"num": 2, "axis": 1}),
    ],
)
def test_what_does_not_fit_is_told(op: str, reads: tuple[Any, ...], attributes: Any) -> None:
    (text,) = _node(op, reads, **attributes)
    assert text.startswith(f"y ({op}) reads ")
