"""Branches that a constant predicate decides."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source, by_name
from freeze.formats.messages import GraphDef
from freeze.graph.branches import resolve
from tests.support import graphs

CHOICE = """
x = Placeholder
flag = Const false
switch = Switch x flag
low = Neg switch
high = Exp switch:1
merge = Merge low high
"""


def _resolved(graph: Any) -> tuple[Any, set[str]]:
    survivors, dead = resolve(by_name(graph))
    return survivors.get(Source("merge", 0)), dead


def _flag(graph: Any) -> Any:
    return graph.node[1].attr["value"].tensor


@pytest.mark.parametrize(("byte", "left", "gone"), [(b"\0", "low", "high"), (b"\1", "high", "low")])
def test_a_predicate_in_raw_bytes_decides(byte: bytes, left: str, gone: str) -> None:
    graph = graphs.graph(CHOICE)
    _flag(graph).ClearField("bool_val")
    _flag(graph).tensor_content = byte
    assert _resolved(graph) == (Source(left, 0), {gone})


def test_a_predicate_without_values_is_false() -> None:
    graph = graphs.graph(CHOICE)
    _flag(graph).ClearField("bool_val")
    assert _resolved(graph) == (Source("low", 0), {"high"})


def test_a_predicate_that_is_turned_round_decides_for_the_other_branch() -> None:
    text = CHOICE.replace("Switch x flag", "Switch x not") + "not = LogicalNot flag"
    assert _resolved(graphs.graph(text)) == (Source("high", 0), {"low"})


@pytest.mark.parametrize("change", ["number", "vector", "placeholder"])
def test_what_is_no_constant_truth_decides_nothing(change: str) -> None:
    graph = graphs.graph(CHOICE)
    if change == "number":
        _flag(graph).dtype = BOOL + 1
    elif change == "vector":
        _flag(graph).tensor_shape.dim.add(size=1)
    else:
        graph.node[1].op = "Placeholder"
    assert _resolved(graph) == (None, set())


def test_a_merge_of_three_waits_until_one_input_is_live() -> None:
    graph = graphs.graph(CHOICE.replace("Merge low high", "Merge low high x"))
    assert _resolved(graph) == (None, {"high"})


def test_a_merge_whose_inputs_are_all_dead_is_dead() -> None:
    graph = graphs.graph(CHOICE.replace("Merge low high", "Merge high high"))
    assert _resolved(graph) == (None, {"high", "merge"})


def test_a_node_that_only_waits_for_a_dead_one_is_dead_but_no_merge() -> None:
    text = CHOICE.replace("Merge low high", "Merge low high ^after") + "after = Neg x ^high"
    assert _resolved(graphs.graph(text)) == (Source("low", 0), {"high", "after"})


@pytest.mark.tensorflow
def test_a_merge_of_tensorflow_runs_whatever_dead_node_it_waits_for() -> None:
    from tensorflow.compat import v1

    with v1.Graph().as_default() as graph:
        low, high = v1.raw_ops.Switch(data=v1.placeholder(v1.float32, [], "x"), pred=False)
        branches = [v1.negative(low), v1.exp(high)]
        with v1.control_dependencies([v1.negative(branches[1])]):
            merged = v1.raw_ops.Merge(inputs=branches).output
    with v1.Session(graph=graph) as session:
        assert session.run(merged, {"x:0": 2.0}) == -2


def test_a_switch_without_a_predicate_decides_nothing() -> None:
    assert resolve(by_name(GraphDef(node=graphs.nodes("x = Placeholder\ny = Switch x")))) == (
        {},
        set(),
    )
