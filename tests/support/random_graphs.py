"""Graphs of real operations that are wired and set at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from freeze.formats.messages import GraphDef
from freeze.shapes.rules import RULES
from tests.support.fuzzing import NUMBERS

NAMES = st.sampled_from(["n0", "n1", "n2", "n3", "n4", "n5"])
ATTRIBUTES = (
    *("T", "dtype", "shape", "value", "N", "num", "num_split", "axis", "strides", "padding"),
    *("ksize", "data_format", "squeeze_dims", "equation", "f", "Tout", "begin_mask", "end_mask"),
    *("ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "keep_dims", "transpose_a"),
)
CONTROL = ("PartitionedCall", "NextIteration", "Enter", "Exit", "LoopCond", "NoOp", "f0", "f1")


def _shape(draw: st.DrawFn, shape: Any) -> None:
    shape.unknown_rank = draw(st.integers(0, 9)) == 0
    for size in draw(st.lists(NUMBERS, max_size=5)):
        shape.dim.add(size=size)


def _attribute(draw: st.DrawFn, value: Any) -> None:
    match draw(st.integers(0, 7)):
        case 0:
            value.type = draw(st.integers(-1, 130))
        case 1:
            value.i = draw(NUMBERS)
        case 2:
            value.s = draw(st.sampled_from([b"SAME", b"VALID", b"NCHW", b"ij,jk->ik", b"\xff"]))
        case 3:
            value.list.i.extend(draw(st.lists(NUMBERS, max_size=5)))
        case 4:
            _shape(draw, value.shape)
        case 5:
            value.tensor.dtype = draw(st.sampled_from([1, 3, 7, 9, 10, 19, 99]))
            _shape(draw, value.tensor.tensor_shape)
            value.tensor.int_val.extend(draw(st.lists(st.integers(-9, 9), max_size=4)))
            value.tensor.tensor_content = draw(st.binary(max_size=12))
        case 6:
            value.func.name = draw(st.sampled_from(["f0", "f1", "f2"]))
        case 7:
            value.list.type.extend(draw(st.lists(st.integers(0, 12), max_size=3)))


def _node(draw: st.DrawFn, node: Any, name: str) -> None:
    node.name = name
    node.op = draw(st.sampled_from([*sorted(RULES), *CONTROL]))
    for reference in draw(st.lists(NAMES, max_size=4)):
        form = draw(st.sampled_from(["{}", "{}", "{}", "{}:0", "{}:1", "^{}", "{}:output:0"]))
        node.input.append(form.format(reference))
    for key in draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=5)):
        _attribute(draw, node.attr[key])


@st.composite
def random_graphs(draw: st.DrawFn) -> Any:
    """Graphs of real operations, wired and set at random: circles, calls, wrong attributes."""
    graph = GraphDef()
    for index in range(draw(st.integers(1, 6))):
        _node(draw, graph.node.add(), f"n{index}")
    for index in range(draw(st.integers(0, 2))):
        function = graph.library.function.add()
        function.signature.name = f"f{index}"
        function.signature.input_arg.add(name="n5", type=1)
        function.signature.output_arg.add(name="r", type=1)
        for inner in range(draw(st.integers(0, 3))):
            _node(draw, function.node_def.add(), f"n{inner}")
        function.ret["r"] = draw(st.sampled_from(["n0:output:0", "n1:y:0", "n5", ""]))
    return graph
