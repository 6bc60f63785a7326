"""What the graphs of all classifiers have in common: the names of Essentia's heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freeze.formats.messages import GraphDef
from freeze.graph.prune import prune

if TYPE_CHECKING:
    from freeze.graph.nodes import Nodes

INPUT, SOFTMAX, SIGMOID, IDENTITY = (
    f"model/{name}" for name in ("Placeholder", "Softmax", "Sigmoid", "Identity")
)

PRODUCER = 716
"""The version of graphs that TensorFlow 2.5 writes, which Essentia has."""


def finished(nodes: Nodes, output: str) -> Any:
    """The graph of an output, without what it does not need."""
    graph = GraphDef(node=nodes.nodes)
    graph.versions.producer = PRODUCER
    return prune(graph, [output])
