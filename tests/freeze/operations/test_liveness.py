"""Outputs that never get a value, and loops, are judged as TensorFlow executes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef, tensors
from freeze.formats.messages import NodeDef
from freeze.operations.judgement import judge
from tests.support import graphs

BRANCHES = """
    x = Placeholder
    s = Switch x flag
    off = Relu s
    on = Sigmoid s:1
    m = Merge off on
    y = Neg m
"""


def _branches(flag: str) -> Any:
    graph = graphs.graph(f"flag = {flag}\n{BRANCHES.strip()}")
    graphdef.by_name(graph)["m"].attr["N"].i = 2
    return graph


def _found(graph: Any, *outputs: str) -> dict[str, list[str]]:
    return {family: wrong for family, wrong in judge(graph, outputs).items() if wrong}


@pytest.mark.parametrize("flag", ["Const false", "Const true", "Flag"])
def test_a_merge_has_a_value_whichever_branch_is_taken(flag: str) -> None:
    assert _found(_branches(flag), "y") == {}


def test_an_output_in_a_branch_that_is_never_taken_is_told() -> None:
    never = {"outputs": ["on in a branch that is never taken"]}
    assert _found(_branches("Const false"), "on") == never
    assert _found(_branches("Const true"), "on") == {}
    assert _found(_branches("Flag"), "on") == {}


def test_an_output_among_others_may_be_in_a_branch_that_is_never_taken() -> None:
    assert _found(_branches("Const false"), "on", "y") == {}


@pytest.mark.parametrize("reference", ["on", "^on"])
def test_a_node_that_reads_a_branch_that_is_never_taken_has_no_value(reference: str) -> None:
    graph = _branches("Const false")
    graphdef.by_name(graph)["y"].input.append(reference)
    graphdef.by_name(graph)["y"].op = "Neg" if reference[0] == "^" else "Add"
    assert "outputs" in _found(graph, "y")


def test_both_sides_of_a_branch_have_no_value_together() -> None:
    graph = _branches("Const true")
    graphdef.by_name(graph)["m"].op = "Add"
    assert "outputs" in _found(graph, "y")


def _node(name: str, op: str, *inputs: str, **kinds: int) -> Any:
    node = NodeDef(name=name, op=op, input=inputs)
    for key, kind in kinds.items():
        node.attr[key].type = kind
    return node


def _loop(first: Any = 0, step: Any = 1, last: Any = 3, factor: Any = 0.5) -> dict[str, Any]:
    """The nodes of ``for i in range(first, last, step): y *= factor``."""
    constants = {"first": first, "step": step, "last": last}
    made = [tensors.constant(name, np.int32(value)) for name, value in constants.items()]
    made.append(tensors.constant("factor", np.float32(factor)))
    made.append(graphs.nodes("x = Placeholder")[0])
    made[-1].attr["shape"].shape.dim.add(size=4)
    made += [
        _node("i", "Enter", "first", T=3),
        _node("a", "Enter", "x", T=1),
        _node("im", "Merge", "i", "in", T=3),
        _node("am", "Merge", "a", "an", T=1),
        _node("less", "Less", "im", "last", T=3),
        _node("goes_on", "LoopCond", "less"),
        _node("is", "Switch", "im", "goes_on", T=3),
        _node("as", "Switch", "am", "goes_on", T=1),
        _node("ii", "Identity", "is:1", T=3),
        _node("more", "AddV2", "ii", "step", T=3),
        _node("product", "Mul", "as:1", "factor", T=1),
        _node("in", "NextIteration", "more", T=3),
        _node("an", "NextIteration", "product", T=1),
        _node("y", "Exit", "as", T=1),
    ]
    nodes = {node.name: node for node in made}
    for name in ("i", "a"):
        nodes[name].attr["frame_name"].s = b"loop"
    for name, after in (("last", "im"), ("step", "ii"), ("factor", "ii")):
        nodes[name].input.append(f"^{after}")
    for name in ("im", "am"):
        nodes[name].attr["N"].i = 2
    return nodes


def _judged(nodes: dict[str, Any]) -> dict[str, list[str]]:
    graph = graphs.graph("z = Placeholder")
    graph.node.extend(nodes.values())
    return _found(graph, "y")


@pytest.mark.parametrize("rounds", [0, 1, 3, 100, 10**6])
def test_a_loop_that_counts_is_sound(rounds: int) -> None:
    assert _judged(_loop(last=rounds)) == {}


@pytest.mark.parametrize("step", [0, -1])
def test_a_loop_that_counts_away_from_its_end_is_told(step: int) -> None:
    assert _judged(_loop(step=step)) == {"bounds": ["the loop at goes_on without end"]}


@pytest.mark.parametrize("last", [0, 1])
def test_a_node_that_waits_for_what_comes_only_once_is_told(last: int) -> None:
    nodes = _loop(last=last)
    nodes["product"].input.append("^a")
    assert _judged(nodes) == {}  # TensorFlow needs no second round
    nodes = _loop(last=3)
    nodes["product"].input.append("^a")
    assert _judged(nodes) == {"outputs": ["y behind a loop that waits for itself"]}
    nodes["a"].attr["is_constant"].b = True
    assert "outputs" not in _judged(nodes)
    for name, reads in (("y", "^a"), ("an", "^in")):
        nodes = _loop()
        nodes[name].input.append(reads)
        assert "outputs" in _judged(nodes)


def test_a_loop_whose_count_begins_anew_in_each_round_is_told() -> None:
    nodes = _loop()
    nodes["i"].attr["is_constant"].b = True
    assert _judged(nodes) == {"bounds": ["the loop at goes_on without end"]}


def test_a_loop_that_begins_in_parts_is_sound() -> None:
    """One of its values waits for another one's end, which TensorFlow allows."""
    nodes = _loop()
    nodes["count"] = _node("count", "Exit", "is", T=3)
    nodes["a"].input.append("^count")
    assert _judged(nodes) == {}


def test_shapes_are_followed_into_the_rounds_of_a_loop() -> None:
    assert _judged(_loop(factor=[1, 2, 3, 4])) == {}
    assert "shapes" in _judged(_loop(factor=[1, 2, 3]))
    assert "shapes" in _judged(_loop(step=[1, 1]))  # the condition of the second round is no scalar
    assert "shapes" in _judged(_loop(last=[3]))


def test_a_loop_without_a_round_at_a_time_is_told() -> None:
    nodes = _loop()
    nodes["i"].attr["parallel_iterations"].i = 0
    assert "acyclic" in _judged(nodes)


def test_an_exit_of_no_loop_is_told() -> None:
    assert "acyclic" in _found(graphs.graph("x = Placeholder\ny = Exit x"), "y")


def test_loops_in_loops_do_not_take_long() -> None:
    text, last = ["x = Placeholder", "t = Const true"], "x"
    for depth in range(40):
        text += [f"e{depth} = Enter {last}", f"m{depth} = Merge e{depth} n{depth}"]
        last = f"m{depth}"
    for depth in reversed(range(40)):
        text += [f"n{depth} = NextIteration {last}", f"o{depth} = Exit {last}"]
        last = f"o{depth}"
    graph = graphs.graph("\n".join([*text, f"y = Relu {last}"]))
    for node in graph.node:
        if node.op == "Enter":
            node.attr["frame_name"].s = node.name.encode()
        elif node.op == "Merge":
            node.attr["N"].i = 2
    judge(graph, ["y"])
