"""A head and its extractor as one network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from convert.nodes import Nodes, copy_node, renamed
from freeze import graphdef
from freeze.messages import GraphDef

if TYPE_CHECKING:
    from convert.portable import Portable
    from freeze.shapes.rules import Shape


def join(head: Portable, extractor: Portable, layer: str) -> Portable:
    """Let a head read a layer of its extractor in the same graph.

    Parameters
    ----------
    head : Portable
        Its layers keep their names.
    extractor : Portable
        Its input is that of the whole; its nodes are put under ``extractor/`` where the head
        has nodes of the same name.
    layer : str
        The extractor's, that the head reads.

    Returns
    -------
    Portable

    Raises
    ------
    UsageError
        The head has more inputs than one, or reads rows of another width.
    """
    if len(head.inputs) != 1:
        raise UsageError("The head cannot be joined.", why=f"It has {len(head.inputs)} inputs.")
    (port,) = head.inputs
    below = next(output for output in extractor.outputs if output.name == layer)
    names = graphdef.by_name(head.graph)
    new = {
        node.name: f"extractor/{node.name}"
        for node in extractor.graph.node
        if node.name in names and node.name != port.name
    }
    graph = GraphDef(versions=extractor.graph.versions)
    for node in extractor.graph.node:
        copy_node(graph, node, new)
    nodes = Nodes("head")
    reads = renamed(layer, new)
    own = port.name if port.name not in graphdef.by_name(graph) else f"head/{port.name}"
    rows = _rows(reads, below.shape, port.shape, nodes)
    nodes.add("Identity", rows, name=own)
    graph.node.extend(nodes.nodes)
    for node in head.graph.node:
        if node.name != port.name:
            copy_node(graph, node, {port.name: own})
    inputs = tuple(replace(each, name=renamed(each.name, new)) for each in extractor.inputs)
    fed = {key: value for key, value in extractor.metadata["zoo"].items() if key in _OF_INPUT}
    zoo = {**head.metadata["zoo"], **fed, "input": inputs[0].name}
    return replace(head, graph=graph, inputs=inputs, metadata={"zoo": zoo})


_OF_INPUT = ("algorithm", "sample_rate", "frontend", "patch", "normalize")


def _rows(layer: str, found: Shape, wanted: Shape, nodes: Nodes) -> str:
    """Bring embeddings into the shape that a head reads, as `Predictor.follow` does.

    A head reads all rows of a patch at once, or one after the other.

    Raises
    ------
    UsageError
        They have another width.
    """
    if found is None or wanted is None or len(found) == len(wanted):
        _agree(found, wanted)
        return layer
    _agree(found[-1:], wanted[-1:])
    if found[-1] is None:
        raise UsageError("The head cannot be joined.", why="The width of what it reads is unknown.")
    return nodes.reshape(layer, -1, *(1 for _ in wanted[2:]), found[-1])


def _agree(found: Shape, wanted: Shape) -> None:
    for here, there in zip((found or ())[1:], (wanted or ())[1:], strict=False):
        if None not in (here, there) and here != there:
            raise UsageError(
                "The head does not fit its extractor.",
                why=f"It reads {list(wanted or ())}, the extractor gives {list(found or ())}.",
            )
