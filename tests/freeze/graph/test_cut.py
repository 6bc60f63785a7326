"""Graphs cut at nodes that become their inputs."""

from __future__ import annotations

import pytest

from catalog.errors import UsageError
from freeze.formats.graphdef import by_name, serialize
from freeze.graph import walk
from freeze.graph.cut import cut
from freeze.graph.prune import prune
from tests.support import graphs

BODY = """
    x = Placeholder
    kernel = VariableV2
    conv = Conv2D x kernel
    hidden = BiasAdd conv kernel
    flat = Reshape hidden kernel
    inner = MatMul flat kernel
    inner/BiasAdd = BiasAdd inner kernel
    relu = Relu inner/BiasAdd
    outer = MatMul relu kernel
    outer/BiasAdd = BiasAdd outer kernel
"""


def test_a_cut_makes_a_node_an_input_and_drops_what_it_needed() -> None:
    graph = graphs.graph(BODY)
    cut(graph, ["inner/BiasAdd:0"])
    node = by_name(graph)["inner/BiasAdd"]
    assert (node.op, list(node.input), node.attr["dtype"].type) == (
        "Placeholder",
        [],
        graphs.FLOAT,
    )
    assert [axis.size for axis in node.attr["shape"].shape.dim] == [-1, -1]
    kept = by_name(prune(graph, ["outer/BiasAdd"]))
    assert "relu" in kept and not {"x", "conv", "hidden"} & kept.keys()


def test_what_has_no_output_cannot_be_an_input() -> None:
    graph = graphs.graph(BODY + "    nothing = NoOp")
    with pytest.raises(UsageError, match="nothing cannot be an input"):
        cut(graph, ["nothing"])


def test_a_graph_that_is_cut_nowhere_is_not_looked_into() -> None:
    graph = graphs.graph("x = Placeholder\na = Add x gone")
    before = serialize(graph)
    cut(graph, [])
    assert serialize(graph) == before


@pytest.mark.parametrize("operation", walk.PLACEHOLDERS)
def test_an_input_of_any_kind_becomes_a_plain_placeholder(operation: str) -> None:
    graph = graphs.graph("default = Const 1\nx = Placeholder\ny = Neg x")
    node = graph.node[1]
    node.op = operation
    if operation == "PlaceholderWithDefault":
        node.input.append("default")
    for size in (-1, 5):
        node.attr["shape"].shape.dim.add(size=size)
    cut(graph, ["x"])
    assert (node.op, list(node.input), node.attr["dtype"].type) == ("Placeholder", [], graphs.FLOAT)
    assert [axis.size for axis in node.attr["shape"].shape.dim] == [-1, 5]


def test_an_input_of_unknown_rank_stays_so() -> None:
    graph = graphs.graph("x = Placeholder\nmystery = FancyOp x\ny = Neg mystery")
    cut(graph, ["mystery"])
    assert graph.node[1].attr["shape"].shape.unknown_rank


@pytest.mark.parametrize(
    ("variable", "read", "assign"),
    [
        ("VariableV2", "Identity", "Assign"),
        ("VarHandleOp", "ReadVariableOp", "AssignVariableOp"),
    ],
)
def test_a_variable_becomes_an_input_and_is_not_assigned_to(
    variable: str, read: str, assign: str
) -> None:
    text = f"x = Placeholder\nm = {variable}\nr = {read} m\ny = Add x r\nk = {assign} m y ^x"
    graph = graphs.graph(text)
    graph.node[1].attr["shape"].shape.dim.add(size=4)
    cut(graph, ["m"])
    nodes = by_name(graph)
    assert nodes["m"].op == "Placeholder" and nodes["m"].attr["dtype"].type == graphs.FLOAT
    assert [axis.size for axis in nodes["m"].attr["shape"].shape.dim] == [4]
    assert (nodes["r"].op, nodes["k"].op) == ("Identity", "Identity")
    assert list(nodes["k"].input) == ["y", "^x"]
