"""Hostile graphs: what outputs can reach is judged, wherever it hides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import graphs
from validate import ops

SECRET = """
x = Placeholder
path = Const 1
read = ReadFile path
write = WriteFile path read
"""


def _told(graph: Any, *also: str, outputs: tuple[str, ...] = ("y",)) -> dict[str, str]:
    checks = ops.check(graph, outputs, also)
    return {check.id: check.found or "" for check in checks if check.status != "passed"}


def test_a_graph_that_only_computes_passes() -> None:
    assert _told(graphs.graph("x = Placeholder\ny = Relu x")) == {}


def test_file_operations_behind_a_control_edge_are_found() -> None:
    told = _told(graphs.graph(f"{SECRET}y = Relu x ^write"))
    assert told == {"graph-ops": "ReadFile (read), WriteFile (write)"}


def test_file_operations_inside_a_called_function_are_found() -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x")
    graphs.function(graph, "body a", "read = ReadFile a", {"out": "read:contents:0"})
    graphs.call(graph.node[1], "body", 1)
    assert _told(graph) == {"graph-ops": "ReadFile (body/read)"}


def test_file_operations_inside_a_function_in_a_function_are_found() -> None:
    graph = graphs.graph("x = Placeholder\ny = StatefulPartitionedCall x")
    graphs.function(graph, "outer a", "call = PartitionedCall a", {"out": "call:output:0"})
    graphs.function(graph, "inner a", "write = WriteFile a a\nz = Relu a ^write", {"out": "z:0"})
    graphs.call(graph.node[1], "outer", 1)
    graphs.call(graph.library.function[0].node_def[0], "inner", 1)
    assert _told(graph) == {"graph-ops": "WriteFile (inner/write)"}


@pytest.mark.parametrize("attribute", ["then_branch", "else_branch", "cond", "body", "anything"])
def test_a_function_that_any_attribute_names_is_judged(attribute: str) -> None:
    graph = graphs.graph("x = Placeholder\ny = StatelessIf x x")
    graphs.function(graph, "branch a", "read = ReadFile a", {"out": "read:contents:0"})
    graph.node[1].attr[attribute].func.name = "branch"
    assert _told(graph) == {"graph-ops": "ReadFile (branch/read)"}


def test_a_function_in_a_list_of_branches_is_judged() -> None:
    graph = graphs.graph("x = Placeholder\ny = StatelessCase x")
    graphs.function(graph, "branch a", "read = ReadFile a", {"out": "read:contents:0"})
    graph.node[1].attr["branches"].list.func.add(name="branch")
    assert _told(graph) == {"graph-ops": "ReadFile (branch/read)"}


def test_a_function_that_hides_behind_the_name_of_an_operation_is_judged() -> None:
    graph = graphs.graph("x = Placeholder\ny = Relu x")
    graphs.function(graph, "Relu a", "read = ReadFile a", {"out": "read:contents:0"})
    assert _told(graph) == {"graph-ops": "ReadFile (Relu/read)"}


def test_a_function_that_is_called_by_its_name_is_judged_by_its_body() -> None:
    graph = graphs.graph("x = Placeholder\ny = swish x")
    graphs.function(graph, "swish a", "s = Sigmoid a\nz = Mul a s:y:0", {"out": "z:z:0"})
    assert _told(graph) == {}


def test_a_node_cannot_hide_another_by_its_name() -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x body/read\nbody/read = Relu x")
    graphs.function(graph, "body a b", "read = ReadFile a", {"out": "read:contents:0"})
    graphs.call(graph.node[1], "body", 1)
    assert _told(graph) == {"graph-ops": "ReadFile (body/read)"}


def test_functions_that_call_each_other_forever_are_judged_once() -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x")
    for name, other in (("ping", "pong"), ("pong", "ping")):
        graphs.function(graph, f"{name} a", "call = PartitionedCall a", {"out": "call:output:0"})
        graphs.call(graph.library.function[-1].node_def[0], other, 1)
    graphs.call(graph.node[1], "ping", 1)
    assert _told(graph) == {}


def test_what_no_output_reaches_is_only_warned_of() -> None:
    graph = graphs.graph(f"{SECRET}y = Relu x")
    graphs.function(graph, "save a", "save = SaveV2 a", {})
    assert _told(graph) == {"graph-unreachable-ops": "ReadFile, SaveV2, WriteFile"}


def test_an_operation_can_be_allowed() -> None:
    graph = graphs.graph("x = Placeholder\ny = MyRelu x")
    assert _told(graph) == {"graph-ops": "MyRelu (y)"}
    assert _told(graph, "MyRelu") == {}


@pytest.mark.parametrize("variable", ["VariableV2", "VarHandleOp"])
def test_a_variable_that_outputs_reach_is_not_frozen(variable: str) -> None:
    graph = graphs.graph(f"x = Placeholder\nw = {variable}\nv = {variable}\ny = Add x w")
    assert _told(graph) == {
        "graph-frozen": f"w ({variable})",
        "graph-unreachable-ops": variable,
    } or _told(graph) == {"graph-frozen": f"w ({variable})"}


@pytest.mark.parametrize(
    "op", ["PyFunc", "PyFuncStateless", "ImmutableConst", "Copy", "DebugIdentity", "Abort", "Print"]
)
def test_operations_that_reach_outside_fail(op: str) -> None:
    assert _told(graphs.graph(f"x = Placeholder\ny = {op} x")) == {"graph-ops": f"{op} (y)"}


@pytest.mark.parametrize("op", ["Einsum", "Erf", "GatherV2", "BatchMatMulV2", "RFFT", "Split"])
def test_operations_of_transformers_and_front_ends_pass(op: str) -> None:
    assert _told(graphs.graph(f"x = Placeholder\ny = {op} x")) == {}
