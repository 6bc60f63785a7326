"""Graphs cut at nodes that become their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import UsageError
from freeze.formats import graphdef
from freeze.graph.datapath import PIPELINES, trace
from freeze.graph.inference import VARIABLES
from freeze.graph.state import assigned
from freeze.shapes.shape import Shape, declared


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
    _take_out(graph, {node.name for node in found if node.op in VARIABLES})
    path = trace(graph, [node.name for node in found])
    for node in found:
        kind, shape = graphdef.output_type(node), path.shape(node.name)
        if node.op in VARIABLES:
            kind, shape = graphdef.type_of(node, "dtype"), declared(node.attr["shape"].shape)
        if node.op in PIPELINES:
            kind, shape = _first(node, nodes)
        if not kind:
            raise UsageError(f"{node.name} cannot be an input.", why=f"It is a {node.op}.")
        node.op = "Placeholder"
        del node.input[:]
        node.attr.clear()
        node.attr["dtype"].type = kind
        sizes = node.attr["shape"].shape
        sizes.unknown_rank = shape is None
        for size in shape or ():
            sizes.dim.add(size=-1 if size is None else size)


def _first(node: Any, nodes: Mapping[str, Any]) -> tuple[int, Shape]:
    """The element type and the shape of the first of the tensors that a pipeline gives."""
    is_queue = node.op != "IteratorGetNext"
    types = node.attr["component_types" if is_queue else "output_types"].list.type
    holder = nodes.get(graphdef.source(node.input[0]).node, node) if is_queue else node
    shapes = holder.attr["shapes" if is_queue else "output_shapes"].list.shape
    shape = declared(shapes[0]) if shapes else None
    if shape is not None and ("Many" in node.op or "UpTo" in node.op):
        shape = (None, *shape)
    return types[0] if types else 0, shape


def _take_out(graph: Any, variables: set[str]) -> None:
    """Let nodes that read variables, or assign to them, hand on values instead, in place."""
    assigning = assigned(graphdef.by_name(graph))
    for node in graph.node:
        values = list(node.input)
        if assigning.get(node.name) in variables and node.op in ("Assign", "AssignVariableOp"):
            kind = graphdef.type_of(node, "dtype") or graphdef.type_of(node, "T")
            del values[0]
        elif node.op == "ReadVariableOp" and graphdef.source(values[0]).node in variables:
            kind = graphdef.type_of(node, "dtype")
        else:
            continue
        node.op, node.input[:] = "Identity", values
        node.attr.clear()
        node.attr["T"].type = kind
