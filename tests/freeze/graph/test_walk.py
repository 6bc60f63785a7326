"""Closures, orders and called functions of graphs."""

from __future__ import annotations

import pytest

from catalog.errors import IntegrityError, NotFoundError
from freeze.analysis.summary import summarize
from freeze.formats import graphdef
from freeze.graph import walk
from freeze.graph.datapath import trace
from freeze.shapes.propagation import infer
from tests.support import graphs

LOOP = """
x = Placeholder
enter = Enter x
merge = Merge enter next
more = LoopCond merge
switch = Switch merge more
body = Relu switch:1
next = NextIteration body
exit = Exit switch
y = Neg exit
"""


def _order(text: str, *ends: str) -> list[str]:
    nodes = graphdef.by_name(graphs.graph(text))
    return walk.in_order(nodes, ends or nodes, lambda name: walk.before(nodes, name))


def test_reachable_nodes_include_control_edges() -> None:
    nodes = graphdef.by_name(
        graphs.graph("a = NoOp\nb = NoOp ^a\nc = Neg b\nd = Neg c:0\ne = NoOp")
    )
    assert walk.reachable(nodes, ["d"]) == {"a", "b", "c", "d"}


def test_an_unknown_output_gets_the_nearest_name() -> None:
    nodes = graphdef.by_name(graphs.graph("model/Sigmoid = NoOp"))
    with pytest.raises(NotFoundError, match="model/Sigmoid"):
        walk.reachable(nodes, ["model/sigmoid"])


def test_a_node_that_reads_nothing_there_is_named() -> None:
    nodes = graphdef.by_name(graphs.graph("a = Neg b"))
    with pytest.raises(IntegrityError) as refused:
        walk.reachable(nodes, ["a"])
    assert refused.value.why == "a reads b, which does not exist."


def test_nodes_stand_after_those_that_they_read_else_as_the_ends_do() -> None:
    assert _order("c = Add a b\nb = Neg a\na = NoOp\nd = Neg a") == ["a", "b", "c", "d"]
    assert _order("a = NoOp\nb = NoOp\nc = NoOp", "c", "a") == ["c", "a"]


def test_in_a_loop_only_its_beginning_stands_before_what_it_reads() -> None:
    nodes = graphdef.by_name(graphs.graph(LOOP))
    order = _order(LOOP, "y")
    early = [
        name
        for place, name in enumerate(order)
        if not set(walk.before(nodes, name)) <= set(order[:place])
    ]
    assert sorted(order) == sorted(nodes) and early == ["merge"]


@pytest.mark.parametrize("text", ["a = Neg a", "a = Neg b\nb = Neg ^a", LOOP.replace("Next", "No")])
def test_a_circle_that_is_no_loop_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError):
        _order(text)


def test_functions_are_called_by_operations_attributes_and_lists_and_by_each_other() -> None:
    graph = graphs.graph("a = ByName\nb = Case")
    for name, body in {"ByName": "x = Inner", "Inner": "x = ByName", "One": "x = NoOp"}.items():
        graphs.function(graph, name, body, {})
    graphs.function(graph, "Idle", "x = NoOp", {})
    graph.node[1].attr["branches"].list.func.add(name="One")
    assert walk.called(graph.node, walk.functions(graph)) == {"ByName", "Inner", "One"}


@pytest.mark.parametrize("operation", walk.PLACEHOLDERS)
def test_placeholders_of_all_kinds_are_inputs(operation: str) -> None:
    graph = graphs.graph("w = Const 2\nx = Placeholder\ny = Mul x w")
    graph.node[1].op = operation
    graph.node[1].attr["shape"].shape.dim.add(size=7)
    summary = summarize(graph)
    assert [(each.name, each.role) for each in summary.inputs] == [("x", "input")]
    assert [each.name for each in summary.layers] == ["y"]
    assert trace(graph).order == ("x", "y")
    assert infer(graph)["x"] == [(7,)]
