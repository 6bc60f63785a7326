"""One node of a graph and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from freeze.analysis.inspection import Inspection
from freeze.formats import dtypes, graphdef
from freeze.formats.graphdef import source
from freeze.shapes.propagation import infer
from freeze.shapes.shape import Shape, declared, sizes

LONGEST = 16
"""Elements of a list that are shown."""

_IRRELEVANT = ("use_cudnn_on_gpu", "N", "num_args")


@dataclass(frozen=True)
class Node:
    """A node and its neighbours.

    Attributes
    ----------
    name, op : str
    attributes : dict
        Those that decide what it computes.
    shapes : tuple
        One shape an output, as far as they are known.
    inputs, consumers : tuple of str
        As the graph writes them; ``^`` marks those that only come before.
    """

    name: str
    op: str
    attributes: dict[str, Any]
    shapes: tuple[Shape, ...]
    inputs: tuple[str, ...]
    consumers: tuple[str, ...]


def describe(inspection: Inspection, name: str) -> Node:
    """Describe a node.

    Parameters
    ----------
    inspection : Inspection
    name : str
        With or without ``:0``.

    Raises
    ------
    NotFoundError
        With the names that come near.
    """
    graph = inspection.graph
    nodes = graphdef.by_name(graph)
    node = graphdef.find(nodes, name if name in nodes else source(name).node)
    shapes = infer(graph) if inspection.shapes is None else inspection.shapes
    return Node(
        name=node.name,
        op=node.op,
        attributes={
            key: value for key in sorted(node.attr) if (value := _attribute(key, node)) is not None
        },
        shapes=tuple(shapes.get(node.name, ())),
        inputs=tuple(node.input),
        consumers=tuple(
            other.name
            for other in graph.node
            if any(source(reference).node == node.name for reference in other.input)
        ),
    )


def _attribute(key: str, node: Any) -> Any:
    """An attribute's value, or None if it does not matter to the computation."""
    value = node.attr[key]
    kind = value.WhichOneof("value")
    if key.startswith("_") or key in _IRRELEVANT or (kind == "type" and key != "dtype"):
        return None
    if kind == "list":
        fields = value.list.ListFields()
        items = list(fields[0][1])[:LONGEST] if fields else []
        return [_text(item) for item in items if isinstance(item, bytes | int | float)] or None
    if kind == "tensor":
        shape = declared(value.tensor.tensor_shape)
        return f"{dtypes.name(value.tensor.dtype)} {list(shape or ())}"
    if kind == "shape":
        return sizes(declared(value.shape)) or []
    if kind == "func":
        return value.func.name
    if kind == "type":
        return dtypes.name(value.type)
    return None if kind is None else _text(getattr(value, kind))


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
