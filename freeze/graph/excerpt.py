"""A part of a network that computes some frames of some tensors, and nothing in vain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from freeze.graph import walk
from freeze.graph.local_operations import CONVOLUTIONS, Local, padding, spatial
from freeze.graph.nodes import INT, Nodes
from freeze.graph.prune import prune
from freeze.shapes.propagation import inferred
from freeze.shapes.rules import Call
from freeze.shapes.shape import Dimension

Span = tuple[int, int]
"""From one frame up to another one, which is not meant."""


@dataclass(frozen=True)
class Excerpt:
    """A part of a network as a graph of its own.

    Attributes
    ----------
    graph : GraphDef
        Its input is a placeholder of the same name as that of the network.
    wanted : dict of str to Span
        Its outputs, by their nodes, and the frames of each.
    reads : Span
        Frames of the input.
    """

    graph: Any
    wanted: Mapping[str, Span]
    reads: Span


def needed(
    graph: Any, region: dict[str, Local], wanted: Mapping[str, Span], frames: int | None
) -> dict[str, Span]:
    """Tell which frames of each tensor some frames are computed from.

    Parameters
    ----------
    graph : GraphDef
    region : dict of str to Local
        Tensors that are local in time, by their nodes, each after those that it reads.
    wanted : mapping of str to Span
        Of some of them.
    frames : int or None
        Of the input; None if it is endless.

    Returns
    -------
    dict of str to Span
        Of those that are needed, the last one first.
    """
    nodes = graphdef.by_name(graph)
    found = dict(wanted)
    for name in reversed(region):
        if name in found:
            for read in walk.inputs(nodes[name]):
                if read.node in region:
                    start, end = _read(region[name], region[read.node], found[name], frames)[0]
                    others = found.get(read.node, (start, end))
                    found[read.node] = min(start, others[0]), max(end, others[1])
    return {name: found[name] for name in reversed(region) if name in found}


def _read(local: Local, data: Local, span: Span, frames: int | None) -> tuple[Span, Span]:
    """The frames that an operation reads for some of its own, and how many it pads with."""
    start, end = span[0] - local.padding[0], span[1] - local.padding[0] + local.extent
    missing = 0 if frames is None else max(0, end - frames - data.longer)
    return (max(0, start), end - missing), (max(0, -start), missing)


def excerpt(
    graph: Any, region: dict[str, Local], wanted: Mapping[str, Span], frames: int | None
) -> Excerpt:
    """Make a graph of a part.

    Parameters
    ----------
    graph : GraphDef
        Its placeholder is as large as a patch. Not changed.
    region, wanted, frames
        See `needed`.

    Returns
    -------
    Excerpt
    """
    changed = GraphDef()
    changed.CopyFrom(graph)
    nodes, tensors = graphdef.by_name(changed), inferred(graph)
    prefix = "excerpt"
    while any(name.startswith(prefix) for name in nodes):
        prefix += "_"
    added = Nodes(prefix)
    spans = needed(graph, region, wanted, frames)
    for name, span in spans.items():
        node, local, pads = nodes[name], region[name], (0, 0)
        reads = walk.inputs(node)
        call = Call(node, [tensors[read.node][read.output] for read in reads])
        for place, read in enumerate(reads):
            if data := region.get(read.node):
                (start, end), pads = _read(local, data, span, frames)
                first, last = spans[read.node]
                if (start, end) != (first, last):
                    begin, until = (
                        [0] * data.axis + [start - first],
                        [0] * data.axis + [end - first],
                    )
                    node.input[place] = added.part(str(read), begin, until)
        shape = list(tensors[name][0].shape or ())
        shape[local.axis] = span[1] - span[0]
        _change(call, local.axis, shape, pads, added)
    changed.node.extend(added.nodes)
    *_, input = spans
    return Excerpt(prune(changed, tuple(wanted)), wanted, spans[input])


def resize(placeholder: Any, sizes: Sequence[int]) -> None:
    """Give a placeholder another shape, in place; -1 is any size."""
    del placeholder.attr["shape"].shape.dim[:]
    for size in sizes:
        placeholder.attr["shape"].shape.dim.add(size=size)


def _change(call: Call, axis: int, shape: list[Dimension], pads: Span, added: Nodes) -> None:
    """Let a node have another shape, and pad with another number of frames, in place."""
    node = call.node
    sizes = [-1 if size is None else size for size in shape]
    if node.op == "Placeholder":
        resize(node, sizes)
    elif node.op == "Reshape":
        node.input[1] = added.constant(np.array(sizes))
        node.attr["Tshape"].type = INT
    elif node.op in ("Pad", "PadV2"):
        margins = np.array(call.vector(1)).reshape(-1, 2)
        margins[axis] = pads
        node.input[1] = added.constant(margins)
        node.attr["Tpaddings"].type = INT
    elif node.op in CONVOLUTIONS:
        margins = np.zeros((4, 2), int)
        for place, each in enumerate(spatial(call)):
            margins[each] = pads if each == axis else padding(call, each, place)
        if margins.any():  # OpenVINO does not read all kinds of explicit padding
            node.input[0] = added.add("Pad", node.input[0], added.constant(margins))
        node.attr["padding"].s = b"VALID"
