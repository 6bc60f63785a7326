"""A network in two parts, of which overlapping patches share the first.

The first part is local in time: it is computed over all frames once. Only near its edges a
patch sees its own padding, so these frames are computed for each patch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from freeze.formats import graphdef
from freeze.formats.graphdef import Source
from freeze.formats.messages import GraphDef
from freeze.graph import walk
from freeze.graph.cut import cut
from freeze.graph.excerpt import Excerpt, Span, excerpt, needed, resize
from freeze.graph.local_operations import Local
from freeze.graph.locality import locality
from freeze.graph.prune import prune
from freeze.shapes.propagation import inferred

COPYING = 32
"""Multiplications in the time that it takes to hand on a value from one part to the other."""

LEAST = 16
"""Parts of a network's multiplications, of which one must be saved."""

MOST_CUTS = 64
"""That are compared."""

FAR = 1 << 30
"""A frame of a stream that no padding is near."""


@dataclass(frozen=True)
class Sharing:
    """Where a network is cut, for patches that overlap.

    Attributes
    ----------
    graph : GraphDef
        The network, its placeholder as large as a patch.
    input : str
        The placeholder.
    outputs : tuple of str
    region : dict of str to Local
        The first part, by its nodes.
    tensors : tuple of str
        Nodes of the first part that the second one reads.
    frames, hop : int
        Length and distance of the patches.
    saved : int
        Multiplications for each patch, less what copying takes.
    """

    graph: Any
    input: str
    outputs: tuple[str, ...]
    region: dict[str, Local]
    tensors: tuple[str, ...]
    frames: int
    hop: int
    saved: int = 0

    @property
    def axis(self) -> int:
        """Of the input's frames."""
        return self.region[self.input].axis

    def inner(self, name: str) -> Span:
        """The frames of a tensor that do not see the padding of a patch."""
        local = self.region[name]
        return local.before, self.frames - local.after

    def stream(self, count: int) -> Excerpt:
        """The first part, for frames of a long input.

        It gives so many frames of each tensor, the last of which sees the input's last frame.
        """
        return excerpt(self.graph, self.region, self._next(count), None)

    def edges(self) -> list[Excerpt]:
        """The first part, for the frames that see the padding before a patch, and after it."""
        wanted = filter(None, (self._heads(), self._tails()))
        return [excerpt(self.graph, self.region, each, self.frames) for each in wanted]

    def second(self) -> Any:
        """The second part, with placeholders named as `tensors`."""
        graph = GraphDef()
        graph.CopyFrom(self.graph)
        cut(graph, self.tensors)
        return prune(graph, self.outputs)

    def work(self, products: Mapping[str, int]) -> int:
        """Count the multiplications of the first part for each patch.

        Parameters
        ----------
        products : mapping of str to int
            By node, those for a patch alone.
        """
        count = 0
        for wanted, frames in (
            (self._next(self.hop), None),
            (self._heads(), self.frames),
            (self._tails(), self.frames),
        ):
            spans = needed(self.graph, self.region, wanted, frames)
            for name, (start, end) in spans.items():
                whole = self.frames + self.region[name].longer
                count += products.get(name, 0) * (end - start) // whole
        return count

    def _next(self, count: int) -> dict[str, Span]:
        ends = {name: FAR - self.region[name].after for name in self.tensors}
        return {name: (end - count, end) for name, end in ends.items()}

    def _heads(self) -> dict[str, Span]:
        return _some({name: (0, self.inner(name)[0]) for name in self.tensors})

    def _tails(self) -> dict[str, Span]:
        ends = {name: self.frames + self.region[name].longer for name in self.tensors}
        return _some({name: (self.inner(name)[1], end) for name, end in ends.items()})


def _some(spans: Mapping[str, Span]) -> dict[str, Span]:
    return {name: (start, end) for name, (start, end) in spans.items() if start < end}


def sharing(
    graph: Any, outputs: Sequence[str], input: str, patch: Sequence[int], axis: int, hop: int
) -> Sharing | None:
    """Cut a network where patches that overlap save most.

    Parameters
    ----------
    graph : GraphDef
        Pruned to the outputs. Not changed.
    outputs : sequence of str
    input : str
        Its placeholder.
    patch : sequence of int
        Shape of one patch.
    axis : int
        Of the frames, in a batch of patches.
    hop : int
        Distance of the patches, in frames.

    Returns
    -------
    Sharing or None
        None where nothing is gained: patches do not overlap enough, or the network mixes
        frames from the beginning, or an output that is asked for would be in the first part.
    """
    if not 0 < hop < patch[axis - 1]:
        return None
    sized = GraphDef()
    sized.CopyFrom(graph)
    resize(graphdef.by_name(sized)[input], (-1, *patch))
    tensors, frames = inferred(sized), patch[axis - 1]
    local, products = locality(sized, tensors, input, axis)
    best, least = None, sum(products.values()) // LEAST
    limits = {(local[n].before, max(0, local[n].after)) for n in products.keys() & local.keys()}
    limits = {limit for limit in limits if sum(limit) < frames - hop}
    cuts = product(sorted(limits, key=sum)[:MOST_CUTS], (False, True))
    for (before, after), joins in cuts:
        region = _region(sized, local, before, after, joins)
        named = _handed_on(sized, outputs, region, products)
        found = Sharing(sized, input, tuple(outputs), region, named, frames, hop)
        copied = sum(prod(tensors[name][0].shape[1:]) for name in named)  # type: ignore
        weight = sum(products.get(name, 0) for name in region)
        saved = weight - found.work(products) - COPYING * copied
        if named and saved > max(least, best.saved if best else 0):
            best = replace(found, saved=saved)
    return best


def _region(
    graph: Any, local: Mapping[str, Local], before: int, after: int, joins: bool
) -> dict[str, Local]:
    """The tensors that see no more than some frames, nor anything that does.

    Parameters
    ----------
    graph : GraphDef
    local : mapping of str to Local
    before, after : int
    joins : bool
        With those made of tensors of which one sees more frames than another one, and which
        need more of these at a patch's edges.
    """
    nodes = graphdef.by_name(graph)
    region: dict[str, Local] = {}
    for name, found in local.items():  # in the order in which they are computed
        reads = [local[read.node] for read in walk.inputs(nodes[name]) if read.node in local]
        fits = found.before <= before and found.after <= after
        alike = len({(read.before, read.after) for read in reads}) < 2
        known = all(read.node in region for read in walk.inputs(nodes[name]) if read.node in local)
        if fits and known and (joins or alike):
            region[name] = found
    return region


def _handed_on(
    graph: Any, outputs: Sequence[str], region: Mapping[str, Local], products: Mapping[str, int]
) -> tuple[str, ...]:
    """What the outputs need of a region, but for what is had from the input as easily.

    Returns
    -------
    tuple of str
        Nothing where the outputs are in the region themselves.
    """
    nodes = graphdef.by_name(graph)
    ends = [graphdef.source(output).node for output in outputs]
    if not region.keys().isdisjoint(ends):
        return ()
    weighty: set[str] = set()
    for name in region:
        if products.get(name) or any(read.node in weighty for read in walk.inputs(nodes[name])):
            weighty.add(name)
    found: dict[Source, None] = {}

    def before(name: str) -> list[str]:
        reads = walk.inputs(nodes[name])
        found.update((read, None) for read in reads if read.node in weighty)
        return [read.node for read in reads if read.node not in weighty]

    walk.closure(ends, before)
    return () if any(read.output for read in found) else tuple(read.node for read in found)
