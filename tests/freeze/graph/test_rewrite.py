"""The node rewrite, one rule at a time."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.formats.messages import AttrValue
from freeze.graph.rewrite import rewrite
from tests.support import graphs


def _rewritten(text: str) -> dict[str, Any]:
    graph = graphs.graph(text)
    for node in graph.node:
        for attribute in ("use_locking", "validate_shape"):
            node.attr[attribute].CopyFrom(AttrValue(b=True))
    rewrite(graph)
    return {node.name: node for node in graph.node}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AssignSub v x", "Sub v x"),
        ("AssignAdd v x", "Add v x"),
        ("Assign v x", "Identity x"),
        ("Assign v x ^c", "Identity x ^c"),
        ("RefSwitch v p", "Switch v p"),
        ("RefMerge v w", "Merge v w"),
        ("RefIdentity v", "Identity v"),
        ("Neg x", "Neg x"),
        ("Assign", "Identity"),
    ],
)
def test_an_operation_on_a_reference_becomes_one_on_a_value(before: str, after: str) -> None:
    node = _rewritten(f"node = {before}")["node"]
    assert " ".join([node.op, *node.input]) == after
    changed = before != after
    assert ("use_locking" not in node.attr and "validate_shape" not in node.attr) == changed
    assert "T" in node.attr


def test_moving_averages_come_through_their_read_node() -> None:
    nodes = _rewritten(
        """
        bn/moving_mean = VariableV2
        bn/moving_mean/read = Identity bn/moving_mean
        bn/gamma = VariableV2
        bn/gamma/read = Identity bn/gamma
        lone/moving_variance = VariableV2
        mean = RefSwitch bn/moving_mean p
        gamma = RefSwitch bn/gamma p
        variance = RefSwitch lone/moving_variance p
        """,
    )
    assert list(nodes["mean"].input) == ["bn/moving_mean/read", "p"]
    assert list(nodes["gamma"].input) == ["bn/gamma", "p"]
    assert list(nodes["variance"].input) == ["lone/moving_variance", "p"]
