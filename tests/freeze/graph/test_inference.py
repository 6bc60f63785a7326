"""Graphs as they run at inference: flags that are off, branches that are taken."""

from __future__ import annotations

import pytest

from freeze.formats.graphdef import by_name
from freeze.graph.inference import at_inference, training_flags
from tests.support import graphs

CHOICE = """
x = Placeholder
flag = Flag
switch = Switch x flag
train = Exp switch:1
infer = Neg switch
merge = Merge infer train
y = Relu merge
"""


@pytest.mark.parametrize(
    "line",
    [
        "a = Switch x flag",
        "a = RefSwitch x flag",
        "a = If flag x",
        "a = StatelessIf flag x",
        "not = LogicalNot flag\nsame = Identity not\na = Switch x same",
    ],
)
def test_a_boolean_that_decides_a_branch_is_a_training_flag(line: str) -> None:
    nodes = by_name(graphs.graph(f"x = Placeholder\nflag = Flag\nidle = Flag\n{line}"))
    assert training_flags(nodes) == ["flag"]


def test_a_boolean_that_is_computed_or_selects_values_is_none() -> None:
    text = "x = Placeholder\nflag = Flag\nodd = Greater x x\na = Switch x odd\nb = Select flag x x"
    assert training_flags(by_name(graphs.graph(text))) == []


@pytest.mark.parametrize(("negated", "left"), [("", "infer"), ("not", "train")])
def test_flags_are_off_and_merges_hand_on_the_branch_that_is_taken(negated: str, left: str) -> None:
    text = CHOICE
    if negated:
        text = text.replace("Switch x flag", "Switch x not") + "not = LogicalNot flag"
    nodes = at_inference(graphs.graph(text), ["y"])
    assert ({"infer", "train"} & nodes.keys()) == {left}
    assert (nodes["merge"].op, list(nodes["merge"].input)) == ("Identity", [left])
    assert (nodes["switch"].op, list(nodes["switch"].input)) == ("Identity", ["x"])
    assert list(nodes[left].input) == ["x"]
