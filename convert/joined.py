"""A head and its extractor as one network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import Nodes, copy_node, renamed

if TYPE_CHECKING:
    from catalog.record import Document
    from convert.export_graph import ExportGraph, TensorSpec
    from freeze.shapes.shape import Shape


def join(head: ExportGraph, extractor: ExportGraph, layer: str) -> ExportGraph:
    """Let a head read a layer of its extractor in the same graph.

    Parameters
    ----------
    head : ExportGraph
        Its layers keep their names.
    extractor : ExportGraph
        Its input is that of the whole; its nodes are put under ``extractor/`` where the head
        has nodes of the same name.
    layer : str
        The extractor's, that the head reads.

    Returns
    -------
    ExportGraph

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
    above = extractor.metadata["zoo"]["record"].get("zoo", {}).get("id", "")
    told = {"id": above, "layer": layer, "node": reads}
    zoo = {**head.metadata["zoo"], **fed, "input": inputs[0].name, "extractor": told}
    zoo["record"] = _record(zoo["record"], extractor.metadata["zoo"]["record"], inputs)
    return replace(head, graph=graph, inputs=inputs, metadata={"zoo": zoo})


_OF_INPUT = ("algorithm", "sample_rate", "frontend", "patch", "normalize")


def _record(head: Document, extractor: Document, inputs: tuple[TensorSpec, ...]) -> Document:
    """The record of both: that of the head, but fed like its extractor."""
    fed = extractor.get("inference", {})
    inference = {**head.get("inference", {}), **{key: fed[key] for key in _FED if key in fed}}
    inference.pop("embedding_model", None)
    patch = {"patch": extractor["zoo"]["patch"]} if "patch" in extractor.get("zoo", {}) else {}
    zoo = {**head.get("zoo", {}), **patch, "kind": "end-to-end"}
    zoo.pop("extractor", None)
    reads = extractor.get("schema", {}).get("inputs") or [{}]
    schema = {**head.get("schema", {}), "inputs": [{**reads[0], "name": inputs[0].name}]}
    return {**head, "schema": schema, "inference": inference, "zoo": zoo}


_FED = ("algorithm", "sample_rate")


def _rows(layer: str, found: Shape, wanted: Shape, nodes: Nodes) -> str:
    """Bring embeddings into the shape that a head reads, as `Predictor.follow` does.

    A head reads all rows of a patch at once, or one after the other.

    Raises
    ------
    UsageError
        They have another width.
    """
    if found is None or wanted is None:
        return layer
    rows = found if len(found) == len(wanted) else (None, *(1 for _ in wanted[2:]), found[-1])
    pairs = zip(rows[1:], wanted[1:], strict=False)
    if len(rows) != len(wanted) or any(a != b for a, b in pairs if None not in (a, b)):
        raise UsageError(
            "The head does not fit its extractor.",
            why=f"It reads {list(wanted[1:])} values per row; "
            f"the extractor gives {list(found[1:])}.",
        )
    width = wanted[-1] or found[-1]
    if rows is found or width is None:
        return layer
    return nodes.reshape(layer, -1, *(1 for _ in wanted[2:]), width)
