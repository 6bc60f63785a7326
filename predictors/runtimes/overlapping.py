"""A network that computes once what overlapping patches have in common."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError
from predictors.runtimes.network import independent_rows
from predictors.runtimes.openvino_engine import part

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from freeze.graph.excerpt import Excerpt
    from freeze.graph.sharing import Sharing
    from predictors.runtimes.openvino_engine import Infer

    Array = NDArray[np.float32]


class OverlappingNetwork:
    """A network in parts, compiled by OpenVINO; see `freeze.graph.sharing`.

    Parameters
    ----------
    sharing : Sharing
    batch : int
        Patches run at once.
    keep : bool
        See `predictors.runtimes.openvino_engine.part`.

    Raises
    ------
    UsageError
        OpenVINO cannot run a part.
    """

    def __init__(self, sharing: Sharing, batch: int, keep: bool = False) -> None:
        self.sharing = sharing
        self.batch = batch
        hops = max(1, min(batch, sharing.frames // 2 // sharing.hop))
        self.stream = _Part(sharing.stream(hops * sharing.hop), sharing, 1, keep)
        self.edges = [_Part(edge, sharing, batch, keep) for edge in sharing.edges()]
        self._second = sharing.second()
        self.shapes = self._shapes(batch)
        self.second = part(self._second, sharing.outputs, self.shapes, keep)

    def begin(self) -> Overlap:
        """What is fed the patches of one piece of audio."""
        return Overlap(self)

    def has_independent_rows(self, note: str) -> bool:
        """Whether a patch may be computed beside any others; see `network.independent_rows`."""
        shapes = self._shapes(max(2, self.batch))

        def infer() -> Infer:
            if self.batch > 1:
                return self.second
            return part(self._second, self.sharing.outputs, shapes)

        return independent_rows(note, infer, list(shapes.values()))

    def _shapes(self, batch: int) -> dict[str, tuple[int, ...]]:
        """Of what the second part reads."""
        nodes = self._second.node
        return {node.name: _shape(node, batch) for node in nodes if node.op == "Placeholder"}


class _Part:
    """An excerpt, compiled for a batch, its frames on the axis behind that of the batch."""

    def __init__(self, excerpt: Excerpt, sharing: Sharing, batch: int, keep: bool) -> None:
        self.excerpt = excerpt
        self._axis = sharing.axis
        self._axes = [sharing.region[name].axis for name in excerpt.wanted]
        placeholder = next(n for n in excerpt.graph.node if n.name == sharing.input)
        shapes = {sharing.input: _shape(placeholder, batch)}
        self._infer = part(excerpt.graph, tuple(excerpt.wanted), shapes, keep)

    def __call__(self, frames: Array) -> list[Array]:
        """Compute what is wanted, from frames [shape=(batch, frames, ...)]."""
        outputs = self._infer([np.ascontiguousarray(frames.swapaxes(1, self._axis))])
        pairs = zip(outputs, self._axes, strict=True)
        return [output.swapaxes(axis, 1) for output, axis in pairs]


class Overlap:
    """The patches of one piece of audio, as they come.

    It looks for the frames that a patch shares with the one before it, and trusts nobody in
    this: patches that are not `hop` frames apart are computed each for itself.

    Parameters
    ----------
    network : OverlappingNetwork
    """

    def __init__(self, network: OverlappingNetwork) -> None:
        sharing = network.sharing
        self.batch = network.batch
        self._network = network
        self._hop = sharing.hop
        self._fed = {name: np.zeros(shape, np.float32) for name, shape in network.shapes.items()}
        axes = {name: local.axis for name, local in sharing.region.items()}
        self._handed = {n: self._fed[n].swapaxes(axes[n], 1) for n in sharing.tensors}
        self._inner = {name: sharing.inner(name) for name in sharing.tensors}
        reach = {n: sharing.frames - (end - start) for n, (start, end) in self._inner.items()}
        self._ahead = {name: each - min(reach.values()) for name, each in reach.items()}
        self._context = max(reach.values())
        self._last: Array | None = None  # patch
        self._frames: Array = np.empty(0, np.float32)  # of the input, which the next ones need
        self._kept: dict[str, Array] = {}  # frames of tensors, from the next patch's start

    def __call__(self, patches: Array) -> list[Array]:
        """Run patches; see `predictors.runtimes.network.CompiledNetwork`."""
        batch = self._network.batch
        runs = [self._run(patches[i : i + batch]) for i in range(0, len(patches), batch)]
        return [np.concatenate(parts) for parts in zip(*runs, strict=True)]

    def _run(self, patches: Array) -> list[Array]:
        """Run no more patches than make a batch."""
        network, count = self._network, len(patches)
        frames = patches.swapaxes(network.sharing.axis, 1)
        last, self._last = self._last, None  # until all went well
        starts = [i for i in range(1, count) if not self._follows(frames[i - 1], frames[i])]
        for start, end in pairwise([0, *starts, count]):
            if start or last is None or not self._follows(last, frames[0]):
                self._kept = {}
            self._advance(frames[start:end])
            for name, (first, until) in self._inner.items():
                kept = self._kept[name]
                for row in self._handed[name][start:end]:
                    row[first:until] = kept[: until - first]
                    kept = kept[self._hop :]
                self._kept[name] = kept
        self._last = frames[-1].copy()
        for edge in network.edges:
            first, until = edge.excerpt.reads
            strips = np.zeros((network.batch, until - first, *frames.shape[2:]), np.float32)
            strips[:count] = frames[:, first:until]
            spans = edge.excerpt.wanted.items()
            for (name, (first, until)), found in zip(spans, edge(strips), strict=True):
                self._handed[name][:, first:until] = found
        if network.sharing.input in self._fed:
            self._fed[network.sharing.input][:count] = patches
        return [output[:count] for output in network.second(list(self._fed.values()))]

    def _follows(self, one: Array, other: Array) -> bool:
        """Whether a patch begins a hop after another one."""
        return np.array_equal(one[self._hop :], other[: -self._hop])

    def _advance(self, patches: Array) -> None:
        """Compute what patches add, each of which follows the one before it."""
        stream, hop = self._network.stream, self._hop
        fresh = patches[:, -hop:].reshape(-1, *patches.shape[2:])
        begins = not self._kept
        if begins:  # frames before the first one give nothing that is used
            zeros = np.zeros((max(self._ahead.values()), *patches.shape[2:]), np.float32)
            fresh = np.concatenate([zeros, patches[0, :-hop], fresh])
            self._frames = fresh[:0]
        self._frames = np.concatenate([self._frames, fresh])
        found = {name: [] if begins else [self._kept[name]] for name in self._inner}
        size = stream.excerpt.reads[1] - stream.excerpt.reads[0]
        while (new := min(size, len(self._frames)) - self._context) > 0:
            chunk = np.zeros((1, size, *patches.shape[2:]), np.float32)
            chunk[0, : self._context + new] = self._frames[: self._context + new]
            for name, output in zip(self._inner, stream(chunk), strict=True):
                found[name].append(output[0, :new])
            self._frames = self._frames[new:]
        self._kept = {n: np.concatenate(f)[self._ahead[n] * begins :] for n, f in found.items()}


def overlapping(
    sharing: Sharing, batch: int, note: str | None = None, keep: bool = False
) -> OverlappingNetwork | None:
    """Compile a network in parts, where OpenVINO can run them and patches do not mix.

    Parameters
    ----------
    sharing : Sharing
    batch : int
        Patches run at once.
    note : str, optional
        See `network.independent_rows`. None where patches that would mix are run one by one.
    keep : bool
        See `predictors.runtimes.openvino_engine.part`.
    """
    try:
        network = OverlappingNetwork(sharing, batch, keep)
    except UsageError:
        return None
    return network if note is None or network.has_independent_rows(note) else None


def _shape(placeholder: Any, batch: int) -> tuple[int, ...]:
    return (batch, *(axis.size for axis in placeholder.attr["shape"].shape.dim[1:]))
