"""Loops, branches and calls, written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.errors import UsageError
from convert.bodies import rewritten
from convert.unrolling import unroll
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef, NodeDef

FLOAT, INT, BOOL = 1, 3, 10


def function(
    graph: Any, name: str, given: dict[str, int], gives: dict[str, str], *nodes: Any
) -> None:
    """Add a library function; all that it gives has the type of what it is given by that name."""
    made = graph.library.function.add()
    made.signature.name = name
    for argument, kind in given.items():
        made.signature.input_arg.add(name=argument, type=kind)
    for result, value in gives.items():
        made.signature.output_arg.add(name=result, type=given.get(result, BOOL))
        made.ret[result] = value
    made.node_def.extend(nodes)


def node(name: str, op: str, *reads: str) -> Any:
    return NodeDef(name=name, op=op, input=reads)


def doubling(limit: Any) -> Any:
    """``x`` doubled until the count of turns is no longer below a limit."""
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = FLOAT
    graph.node.append(tensors.constant("zero", np.array(0, np.int32)))
    graph.node.append(limit)
    loop = graph.node.add(name="loop", op="StatelessWhile", input=["zero", limit.name, "x"])
    loop.attr["cond"].func.name, loop.attr["body"].func.name = "more", "double"
    given = {"turn": INT, "limit": INT, "x": FLOAT}
    one = tensors.constant("one", np.array(1, np.int32))
    function(graph, "more", given, {"more": "less:z:0"}, node("less", "Less", "turn", "limit"))
    gives = {"turn": "next:z:0", "limit": "limit", "x": "sum:z:0"}
    add, count = node("sum", "AddV2", "x", "x"), node("next", "AddV2", "turn", "one:output:0")
    function(graph, "double", given, gives, one, add, count)
    graph.node.add(name="y", op="Identity", input=["loop:2"])
    return graph


def test_a_loop_of_known_length_is_its_turns_one_after_the_other() -> None:
    unrolled = unroll(doubling(tensors.constant("limit", np.array(3, np.int32))), ["y"])
    nodes = graphdef.by_name(unrolled)
    sums = [each for each in unrolled.node if each.op == "AddV2"]
    assert [list(each.input) for each in sums] == [
        ["x", "x"],
        *([name] * 2 for name in ("loop/0/sum", "loop/1/sum")),
    ]
    assert list(nodes["y"].input) == ["loop/2/sum"]
    assert not unrolled.library.function and len(unrolled.node) == 5


def test_a_loop_that_data_decide_stays() -> None:
    limit = NodeDef(name="limit", op="Placeholder")
    unrolled = unroll(doubling(limit), ["y"])
    assert [each.op for each in unrolled.node].count("StatelessWhile") == 1
    assert {each.signature.name for each in unrolled.library.function} == {"more", "double"}


def test_the_functions_of_a_loop_that_stays_are_rewritten_with_names_of_their_own() -> None:
    graph = doubling(NodeDef(name="limit", op="Placeholder"))
    double, more = rewritten(graph, ["y"], unroll).library.function
    assert [each.name for each in double.node_def] == [
        *("double/one", "double/next", "double/sum", "double//0", "double//1", "double//2")
    ]
    assert dict(double.ret) == {
        "turn": "double//0:output:0",
        "limit": "double//1:output:0",
        "x": "double//2:output:0",
    }
    reads = {each.name: list(each.input) for each in double.node_def}
    assert reads["double/next"] == ["turn", "double/one:output:0"]
    assert reads["double//1"] == ["limit"]
    assert [each.op for each in more.node_def] == ["Less", "Identity"]


def test_what_tensorflowjs_would_take_for_another_output_is_refused() -> None:
    """In functions it counts from the first output of a node on, whatever its name."""
    graph = doubling(NodeDef(name="limit", op="Placeholder"))
    body = graph.library.function[1]
    body.node_def.append(node("best", "TopKV2", "x", "one:output:0"))
    body.ret["turn"] = "best:indices:0"
    with pytest.raises(UsageError) as caught:
        rewritten(graph, ["y"], unroll)
    assert "double/best is a TopKV2, whose indices" in caught.value.why


def test_a_loop_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.unrolling.MOST_NODES", 100)
    with pytest.raises(UsageError) as caught:
        unroll(doubling(tensors.constant("limit", np.array(1 << 30, np.int32))), ["y"])
    assert "grows beyond 100 nodes" in caught.value.why


def test_a_branch_that_data_decide_is_a_choice() -> None:
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = FLOAT
    graph.node.add(name="loud", op="Placeholder").attr["dtype"].type = BOOL
    branch = graph.node.add(name="branch", op="StatelessIf", input=["loud", "x"])
    branch.attr["then_branch"].func.name, branch.attr["else_branch"].func.name = "square", "sqrt"
    branch.attr["Tcond"].type = BOOL
    branch.attr["Tout"].list.type.append(FLOAT)
    function(graph, "square", {"x": FLOAT}, {"x": "a:y:0"}, node("a", "Square", "x"))
    function(graph, "sqrt", {"x": FLOAT}, {"x": "a:y:0"}, node("a", "Sqrt", "x"))
    unrolled = unroll(graph, ["branch"])
    nodes = graphdef.by_name(unrolled)
    assert list(nodes["branch"].input) == ["branch/choice_0"]
    assert list(nodes["branch/choice_0"].input) == ["loud", "branch/1/a", "branch/0/a"]
    assert nodes["branch/1/a"].op == "Square"
    branch.attr["Tcond"].type = INT
    with pytest.raises(UsageError, match="cannot be written out"):
        unroll(graph, ["branch"])
