"""What a network changes by being run is its state; what training changes is not."""

from __future__ import annotations

import pytest

from catalog.errors import UsageError
from freeze.formats.dtypes import RESOURCE
from freeze.graph.state import refuse_state, state
from tests.support import graphs

NETWORK = """
x = Placeholder
memory = VariableV2
memory/read = Identity memory
now = Add x memory/read
keep = Assign memory now
y = Neg now ^keep
"""


def test_a_variable_that_the_output_reads_and_changes_is_state() -> None:
    assert state(graphs.graph(NETWORK), ["y"]) == {"memory": "keep"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y = Neg now ^keep", "y = Neg now"),  # only another node's business
        ("now = Add x memory/read", "now = Neg x"),  # never read: a statistic
        ("memory = VariableV2", "memory = Placeholder"),  # an input
    ],
)
def test_what_is_not_read_or_not_changed_is_no_state(old: str, new: str) -> None:
    assert state(graphs.graph(NETWORK.replace(old, new)), ["y"]) == {}


def test_what_only_a_training_flag_changes_is_no_state() -> None:
    text = NETWORK.replace("now ^keep", "merge")
    text += """\
flag = Flag
switch = Switch now flag
train = Exp switch:1 ^keep
infer = Exp switch
merge = Merge train infer
"""
    text = text.replace("Assign memory now", "Assign memory switch:1")
    assert state(graphs.graph(text), ["y"]) == {"memory": "keep"}
    assert state(graphs.graph(text), ["y"], ["flag"]) == {}


def test_a_variable_that_a_function_changes_is_state() -> None:
    graph = graphs.graph("x = Placeholder\nmemory = VarHandleOp\ny = PartitionedCall x memory")
    body = (
        "read = ReadVariableOp m\nnow = Add a read:value:0\n"
        "keep = AssignVariableOp m now:z:0\nout = Identity now:z:0 ^keep"
    )
    graphs.function(graph, "body a m", body, {"out": "out:output:0"})
    graph.library.function[0].signature.input_arg[1].type = RESOURCE
    graphs.call(graph.node[2], "body", 1)
    assert state(graph, ["y"]) == {"memory": "y/keep"}


def test_a_refusal_names_every_variable_and_what_to_do() -> None:
    refuse_state("m", [], "")
    with pytest.raises(UsageError, match="m has a state") as refused:
        refuse_state("m", [("h", "a"), ("c", "b")], "Do this")
    assert "a changes h; b changes c" in refused.value.why and refused.value.hint == "Do this"
