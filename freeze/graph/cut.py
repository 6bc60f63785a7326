"""Graphs cut at nodes that become their inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.errors import UsageError
from freeze.formats import graphdef
from freeze.graph.datapath import trace


def cut(graph: Any, inputs: Sequence[str]) -> None:
    """Make plain placeholders of nodes, in place; what only they needed is not needed any more.

    Those of other kinds become plain ones, too: runtimes take a default for a constant.

    Parameters
    ----------
    graph : GraphDef
    inputs : sequence of str
        Nodes.

    Raises
    ------
    NotFoundError
        No such node.
    UsageError
        A node whose output has no known element type.
    """
    nodes = graphdef.by_name(graph)
    named = [graphdef.find(nodes, name.removesuffix(":0")) for name in inputs]
    found = [node for node in named if node.op != "Placeholder"]
    if not found:
        return
    path = trace(graph, [node.name for node in found])
    for node in found:
        kind, shape = graphdef.output_type(node), path.shape(node.name)
        if not kind:
            raise UsageError(f"{node.name} cannot be an input.", why=f"It is a {node.op}.")
        node.op = "Placeholder"
        del node.input[:]
        node.attr.clear()
        node.attr["dtype"].type = kind
        declared = node.attr["shape"].shape
        declared.unknown_rank = shape is None
        for size in shape or ():
            declared.dim.add(size=-1 if size is None else size)
