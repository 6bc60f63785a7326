"""A network that hears each segment of a signal once, however long the signal is."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError
from predictors.runtimes import notes
from predictors.runtimes.openvino_engine import openvino, part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from freeze.graph.segments import Segments
    from predictors.runtimes.graph import PrunedGraph

    Array = NDArray[np.float32]

AGREEMENT = 1e-4
"""By how much two blocks may differ where they overlap; ±1 is full scale."""
HOPS = 4
"""Blocks in a segment: longer ones need more memory, of shorter ones more is computed twice."""


class SegmentedNetwork:
    """A network in parts, compiled by OpenVINO; see `freeze.graph.segments`.

    Blocks of the signal become frames, segments of frames are run, and what is made of them
    becomes blocks again. Blocks overlap, since silence before and behind one spoils its edges.

    Parameters
    ----------
    parts : tuple of GraphDef
        See `freeze.graph.segments.Segments`.
    heard, made : mapping of str to tuple of int
        The same, of a signal of `block_of` samples.
    input : str
    outputs : sequence of str
    patch : tuple of int
        Shape of a sample.
    segment, frame : int
        Samples of a segment, and of a frame.

    Attributes
    ----------
    frames : int
        Of a segment.
    step : int
        Samples from a frame to the next one.
    hop, block : int
        Samples from a block to the next one, and of a block.

    Raises
    ------
    UsageError
        OpenVINO cannot run a part.
    """

    def __init__(
        self,
        parts: tuple[Any, Any, Any],
        heard: Mapping[str, tuple[int, ...]],
        made: Mapping[str, tuple[int, ...]],
        input: str,
        outputs: Sequence[str],
        patch: tuple[int, ...],
        segment: int,
        frame: int,
    ) -> None:
        self.segment, self.frame = segment, frame
        self.hop, self.block = segment // HOPS, block_of(segment, frame)
        (self.heard,), self.made = heard.values(), made
        self.frames = self.heard[1]
        self.step = segment // self.frames
        before, within, after = parts
        signal = {input: (self.block, *patch)}
        self.before = part(before, list(heard), signal)
        self.within = part(within, list(made), dict.fromkeys(heard, (1, *self.heard[1:])))
        self.after = part(after, outputs, {**signal, **made})

    def join(self, pieces: Iterable[Array], name: str) -> Iterator[Array]:
        """Run it over a signal.

        Parameters
        ----------
        pieces : iterable of numpy.ndarray [shape=(samples, ...), dtype=float32]
        name : str
            The network's, for a message.

        Yields
        ------
        numpy.ndarray [shape=(samples, outputs, ...), dtype=float32]

        Raises
        ------
        IntegrityError
            Two blocks do not agree.
        """
        signal, length, given, ended = _Signal(self, name), 0, 0, False

        def silence() -> Iterator[Array]:
            nonlocal ended
            ended = True
            while given < length:
                yield np.zeros_like(signal.samples, shape=(self.hop, *signal.samples.shape[1:]))

        for piece in chain(pieces, silence()):
            length += 0 if ended else len(piece)
            for found in signal.feed(piece, length if ended else None):
                yield found[: length - given]
                given += len(found)
                if given >= length:
                    break


class _Signal:
    """A signal on its way through a network.

    Attributes
    ----------
    samples : numpy.ndarray
        From where the next block begins that is to be joined.
    """

    def __init__(self, network: SegmentedNetwork, name: str) -> None:
        self.samples: Array = np.empty(0, np.float32)
        self._network = network
        self._ahead = 0  # blocks that are frames already
        self._heard: Array = np.empty((0, *network.heard[2:]), np.float32)  # of one segment
        self._segments = 0
        self._made = [np.empty((0, *shape[2:]), np.float32) for shape in network.made.values()]
        self._fed = [np.zeros(shape, np.float32) for shape in network.made.values()]
        self._frames = _Joint(name, network.frame // network.step, network.hop // network.step)
        self._blocks = _Joint(name, network.frame, network.hop)

    def feed(self, samples: Array, length: int | None) -> Iterator[Array]:
        """Give the outputs that more samples complete, silence where the whole has a length."""
        network = self._network
        self.samples = np.concatenate([self.samples, samples]) if len(self.samples) else samples
        while len(block := self.samples[self._ahead * network.hop :][: network.block]) == (
            network.block
        ):
            (rows,) = network.before([block])
            added = self._frames.added(rows.reshape(-1, *rows.shape[2:]))
            self._heard = np.concatenate([self._heard, added])
            self._ahead += 1
            if len(self._heard) >= network.frames:
                begin = self._segments * network.segment - network.frame
                self._run(is_silent=length is not None and begin >= length)
            yield from self._joined()

    def _run(self, is_silent: bool) -> None:
        """Run a segment, unless nothing is to be heard."""
        frames = self._network.frames
        made = [np.zeros((1, *shape[1:]), np.float32) for shape in self._network.made.values()]
        if not is_silent:
            made = self._network.within([self._heard[None, :frames]])
        self._heard = self._heard[frames:]
        self._made = [np.concatenate([a, b[0]]) for a, b in zip(self._made, made, strict=True)]
        self._segments += 1

    def _joined(self) -> Iterator[Array]:
        """Give the outputs of blocks whose frames were run."""
        network = self._network
        frames = network.block // network.step
        while len(self._made[0]) >= frames:
            for fed, made in zip(self._fed, self._made, strict=True):
                fed.reshape(-1, *made.shape[1:])[:frames] = made[:frames]
            outputs = network.after([self.samples[: network.block], *self._fed])
            yield self._blocks.added(np.stack(outputs, axis=1))
            self.samples = self.samples[network.hop :]
            self._made = [made[network.hop // network.step :] for made in self._made]
            self._ahead -= 1


class _Joint:
    """Blocks, one behind the other: between its edges each must be as the next one has it."""

    def __init__(self, name: str, edge: int, hop: int) -> None:
        self._name, self._edge, self._hop = name, edge, hop
        self._expected: Array | None = None

    def added(self, block: Array) -> Array:
        """What a block adds to those before it; time is its first axis."""
        first, until = self._edge, self._edge + self._hop
        expected, self._expected = self._expected, block[until:][:first].copy()
        if expected is None:
            return block[:until]
        if not _agree(block[first:][:first], expected):
            raise dependence(self._name)
        return block[first:until]


def dependence(name: str, hint: str = "") -> IntegrityError:
    """What is raised where two blocks do not agree."""
    return IntegrityError(
        f"{name} cannot separate music of this length.",
        why="What it makes of a passage depends on what is far away from it.",
        hint=hint,
    )


def block_of(segment: int, frame: int) -> int:
    """Samples of a block: two edges, what it adds, and as much as an edge, to be compared."""
    return segment // HOPS + 3 * frame


def segmented(
    read: Callable[[], PrunedGraph], patch: tuple[int, ...], segment: int, frame: int
) -> SegmentedNetwork | None:
    """Compile a network in parts, where it makes the same in parts and as a whole.

    It is tried out with a signal of more than one segment, and a note made.

    Parameters
    ----------
    read : callable
        Gives the graph, which is held no longer than it is needed: it may be large.
    patch, segment, frame
        See `SegmentedNetwork`.
    """
    from freeze.graph.segments import segments

    graph = read()
    input, outputs, name = graph.input, graph.outputs, graph.name
    block = (block_of(segment, frame), *patch)
    found = segments(graph.definition, outputs, input, block, segment)
    if not found or not _has_frames(found, segment, frame):
        return None
    note = graph.key("segments", patch, segment, frame)
    size = segment * 9 // 8 + 1
    signal = np.random.default_rng(0).uniform(-0.5, 0.5, (size, *patch)).astype(np.float32)
    is_proven = notes.is_made(note)
    whole = [] if is_proven else openvino(graph, signal.shape)(signal)
    parts, heard, made = found.parts(), found.heard, found.made
    del graph, found
    _give_back()
    network = SegmentedNetwork(parts, heard, made, input, outputs, patch, segment, frame)
    del parts
    _give_back()
    if not is_proven:
        try:
            joined = np.concatenate(list(network.join([signal], name)))
        except IntegrityError:
            return None
        if not _agree(joined, np.stack(whole, axis=1)):
            return None
        notes.make(note)
    return network


def _give_back() -> None:
    """Give the system what was freed, which glibc would keep: twice what the weights take."""
    with suppress(AttributeError, OSError):  # there is another C library
        ctypes.CDLL(None).malloc_trim(0)


def _has_frames(segments: Segments, segment: int, frame: int) -> bool:
    """Whether segments are one tensor of frames, a whole number of them in a frame and a hop."""
    shapes = [*segments.heard.values(), *segments.made.values()]
    counts = {shape[1:2] for shape in shapes}
    if len(segments.heard) != 1 or len(counts) != 1:
        return False
    ((frames,),) = counts
    return not (segment % frames or frame % (segment // frames) or frames % HOPS)


def _agree(one: Array, other: Array) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.abs(one - other).max() <= AGREEMENT * max(1, np.abs(other).max()))
