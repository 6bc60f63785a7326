"""A network that hears a signal in segments, cut into parts: before, within and behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from freeze.formats import graphdef
from freeze.formats.messages import GraphDef, NodeDef
from freeze.graph import walk
from freeze.graph.dependence import SHAPES
from freeze.graph.excerpt import resize
from freeze.graph.locality import WEIGHTED
from freeze.graph.nodes import FLOAT
from freeze.shapes.propagation import infer_nodes

Sizes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Segments:
    """Where a network is cut.

    Attributes
    ----------
    graph : GraphDef
    outputs : tuple of str
    heard, made : dict of str to tuple of int
        Nodes before the layers with weights, and behind them, that have a row for each segment,
        with their shapes for a signal.
    """

    graph: Any
    outputs: tuple[str, ...]
    heard: Sizes
    made: Sizes

    def parts(self) -> tuple[Any, Any, Any]:
        """Graphs that make `heard` of the signal, `made` of it, and the outputs of both ends.

        What one reads of another one is its placeholder.
        """
        before, within = _part(self.graph, (), self.heard), _part(self.graph, self.heard, self.made)
        return before, within, _part(self.graph, self.made, self.outputs)


def segments(
    graph: Any, outputs: Sequence[str], input: str, shape: Sequence[int], segment: int
) -> Segments | None:
    """Cut a network where a signal that is longer by a segment has one row more.

    That rows do not depend on each other is for a trial to tell.

    Parameters
    ----------
    graph : GraphDef
        Pruned to the outputs. Not changed.
    outputs : sequence of str
    input : str
        Its placeholder.
    shape : sequence of int
        Of a signal, its length first.
    segment : int
        The length of a segment.

    Returns
    -------
    Segments or None
        None where no layer with weights reads segments, or not only these.
    """
    nodes, readers = graphdef.by_name(graph), defaultdict(list)
    rows = _rows(graph, input, shape, segment)
    for node in graph.node:
        for read in walk.inputs(node):
            readers[read.node].append(node.name)
            if read.output:  # a placeholder has one alone
                rows.pop(read.node, None)

    def after(name: str) -> list[str]:
        return [] if nodes[name].op in SHAPES else readers[name]

    weighty = [name for name in rows if nodes[name].op in WEIGHTED]
    fed, behind = walk.closure([input], after), walk.closure(weighty, after)

    def nearest(ends: Iterable[str], wanted: set[str]) -> Sizes:
        """The first of some tensors on each way back from ends."""

        def before(name: str) -> list[str]:
            return [] if name in wanted else walk.before(nodes, name)

        return {name: rows[name] for name in sorted(walk.closure(ends, before) & wanted)}

    def narrowed(name: str) -> str:
        """The smallest tensor that is all that one is made of."""
        while reads := {read.node for read in walk.inputs(nodes[name])} & behind:
            read = min(reads)
            if len(reads) > 1 or prod(rows.get(read, rows[name])) >= prod(rows[name]):
                break
            name = read
        return name

    ends = nearest([graphdef.source(output).node for output in outputs], rows.keys() & behind)
    made = {name: rows[name] for name in map(narrowed, ends)}
    heard = nearest(made, rows.keys() & fed - behind)
    past = walk.closure(made, lambda name: [] if name in heard else walk.before(nodes, name))
    return Segments(graph, tuple(outputs), heard, made) if made and input not in past else None


def _rows(graph: Any, input: str, shape: Sequence[int], segment: int) -> Sizes:
    """The tensors that have a row more for a signal that is longer by a segment."""

    def sized(length: int) -> dict[str, list[Any]]:
        placeholder = NodeDef()
        placeholder.CopyFrom(graphdef.by_name(graph)[input])
        resize(placeholder, (length, *shape[1:]))
        nodes = [placeholder if node.name == input else node for node in graph.node]
        return infer_nodes(nodes, graph.library.function)

    longer, found = sized(shape[0] + segment), sized(shape[0])
    return {
        node.name: sizes
        for node in graph.node
        if graphdef.output_type(node) == FLOAT
        for sizes, more in zip(found[node.name][:1], longer[node.name][:1], strict=False)
        if sizes and None not in sizes and more == (sizes[0] + 1, *sizes[1:])
    }


def _part(graph: Any, inputs: Iterable[str], outputs: Iterable[str]) -> Any:
    """What lies between tensors, the first of which become placeholders."""
    nodes, cut = graphdef.by_name(graph), set(inputs)

    def before(name: str) -> list[str]:
        return [] if name in cut else walk.before(nodes, name)

    ends = [graphdef.source(output).node for output in outputs]
    needed = walk.closure(ends, before)
    part = GraphDef(versions=graph.versions, library=graph.library)
    for node in graph.node:
        if node.name in needed - cut:
            part.node.append(node)
        elif node.name in needed:
            placeholder = part.node.add(name=node.name, op="Placeholder")
            placeholder.attr["dtype"].type = FLOAT
    return part
