"""Conditions on constants, computed in advance."""

from __future__ import annotations

from typing import Any

import numpy as np

from convert.folding import fold
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef


def _graph() -> Any:
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    graph.node.append(tensors.constant("values", np.array([3, 0, 5], np.float32)))
    graph.node.append(tensors.constant("zero", np.float32(0)))
    graph.node.add(name="positive", op="Greater", input=["values", "zero"])
    graph.node.add(name="where", op="Where", input=["positive"])
    graph.node.add(name="y", op="Identity", input=["where"])
    graph.node.add(name="z", op="Neg", input=["x"])
    return graph


def test_where_constants_hold_is_a_constant_and_inputs_stay() -> None:
    graph = _graph()
    before = graph.SerializeToString(deterministic=True)
    folded = graphdef.by_name(fold(graph, ["y"]))
    assert {name: node.op for name, node in folded.items()} == {"x": "Placeholder", "y": "Const"}
    assert tensors.array(folded["y"].attr["value"].tensor, "y").tolist() == [[0], [2]]
    assert graph.SerializeToString(deterministic=True) == before


def test_a_graph_without_where_is_as_it_was() -> None:
    graph = _graph()
    del graph.node[4:6]
    assert fold(graph, ["z"]) is graph
