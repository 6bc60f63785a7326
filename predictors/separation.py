"""Music taken apart into its voices, as Spleeter does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from catalog.errors import UsageError
from predictors.audio import decoding
from predictors.audio.resampling import resampling
from predictors.audio.sources import is_source
from predictors.predictor import Predictor
from predictors.runtimes.segmented import AGREEMENT, dependence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from predictors.audio.resampling import Resampling
    from predictors.audio.sources import Source
    from predictors.runtimes.network import CompiledNetwork

SAMPLE_RATE = 44100
"""Of the music that Spleeter was trained on; its records state others, or none."""
FRAME = 4096
"""Samples that Spleeter takes the spectrum of."""
SEGMENT = 512 * 1024
"""Samples of what its network hears by itself: 512 frames, each 1024 samples behind the other."""
BLOCK = 3
"""Whole segments that are separated at once where a network cannot be taken apart: each takes some
150 MB, and two are heard again."""
PREFIX = "waveform_"
"""What the outputs are called before the name of the stem."""


@dataclass(frozen=True)
class Stems:
    """Music taken apart.

    Attributes
    ----------
    waveforms : mapping of str to numpy.ndarray [shape=(samples, 2), dtype=float32]
        By the name of the stem: ``vocals``, ``accompaniment``, …
    sample_rate : int
        In hertz.
    """

    waveforms: Mapping[str, NDArray[np.float32]]
    sample_rate: int

    @property
    def duration(self) -> float:
        """In seconds."""
        return len(next(iter(self.waveforms.values()))) / self.sample_rate


class Separator(Predictor):
    """A model that takes music apart; see `Predictor` for how it is made."""

    @property
    def stems(self) -> tuple[str, ...]:
        """The names of what it makes."""
        return tuple(layer.name.removeprefix(PREFIX) for layer in self.record.outputs)

    def separate(self, source: Source | ArrayLike, sample_rate: int = SAMPLE_RATE) -> Stems:
        """Take a piece of music apart.

        Parameters
        ----------
        source : path, file object, bytes or array_like [shape=(samples,) or (samples, channels)]
            Stereo is taken as it is; anything else is mixed down and heard from both sides.
        sample_rate : int
            Of an array, in hertz.

        Raises
        ------
        AudioError, NotFoundError
            The audio cannot be decoded.
        UsageError
            The network does not read stereo samples, or this runtime cannot run it.
        IntegrityError
            What the network makes of a passage depends on what is far away from it.
        """
        passages = list(self.passages(source, sample_rate))
        waveforms = {
            name: np.concatenate([passage.waveforms[name] for passage in passages])
            for name in self.stems
        }
        return Stems(waveforms, SAMPLE_RATE)

    def passages(
        self, source: Source | ArrayLike, sample_rate: int = SAMPLE_RATE
    ) -> Iterator[Stems]:
        """Take a piece of music apart, a passage after the other.

        They are what `separate` gives together, in memory that does not grow with the piece.
        """
        pieces = self._stereo(source, sample_rate)
        network = self.model.segmented(self._outputs, self._patch, SEGMENT, FRAME)
        joints: Iterator[NDArray[np.float32]]
        if network:
            fed = (piece.reshape(-1, *self._patch) for piece in pieces)
            joints = (
                found.reshape(*found.shape[:2], 2).swapaxes(0, 1)
                for found in network.join(fed, self.record.id)
            )
        else:
            joints = joined(pieces, self._run(), self.record.id)
        for waveforms in joints:
            yield Stems(dict(zip(self.stems, waveforms, strict=True)), SAMPLE_RATE)

    @property
    def _outputs(self) -> tuple[str, ...]:
        return tuple(layer.name for layer in self.record.outputs)

    @cached_property
    def _patch(self) -> tuple[int, ...]:
        """The shape of a sample."""
        graph = self.model.graph(*self._outputs)
        if graph.shape[1:2] != (2,) or any(size not in (-1, 1) for size in graph.shape[2:]):
            raise UsageError(
                f"{self.record.id} does not read stereo samples.",
                why=f"Its input {graph.input} has the shape {list(graph.shape)}.",
            )
        return (2, *(1 for _ in graph.shape[2:]))

    def _run(self) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
        """The stems [shape=(stems, samples, 2)] of samples, of as many each time."""
        network: CompiledNetwork | None = None

        def run(samples: NDArray[np.float32]) -> NDArray[np.float32]:
            nonlocal network
            if network is None:
                short = len(samples) < BLOCK * SEGMENT
                graph = self.model.graph(*self._outputs)
                network = self.model.network(graph, self._patch, batch=len(samples), once=short)
                self.model.forget()  # which is a tenth of the memory
            outputs = network(samples.reshape(-1, *self._patch))
            return np.stack([output.reshape(-1, 2)[: len(samples)] for output in outputs])

        return run

    def predict(self, *arguments: Any, **options: Any) -> NoReturn:
        """Refuse: there are no activations.

        Raises
        ------
        UsageError
        """
        raise UsageError(
            f"{self.record.id} makes no predictions: it separates music into "
            f"{', '.join(self.stems)}.",
            hint="Call separate instead; in a shell: "
            f"zoo predict {self.record.id} song.mp3 --output stems/",
        )

    def _stereo(
        self, source: Source | ArrayLike, sample_rate: int
    ) -> Iterator[NDArray[np.float32]]:
        """Read samples [shape=(samples, 2)] at the rate of the network, a piece at a time."""
        sides: list[Resampling] = []
        for channels, rate in _channels(source, sample_rate):
            if channels.shape[1] != 2:
                channels = channels.mean(axis=1, keepdims=True).repeat(2, axis=1)
            sides = sides or [resampling(rate, SAMPLE_RATE) for _ in range(2)]
            columns = map(np.ascontiguousarray, channels.T)
            ready = [side.feed(column) for side, column in zip(sides, columns, strict=True)]
            yield np.stack(ready, axis=1)
        yield np.stack([side.finish() for side in sides], axis=1)


def _channels(
    source: Source | ArrayLike, sample_rate: int
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Samples [shape=(samples, channels)] with their rate, a piece at a time."""
    if is_source(source):
        yield from decoding.read_channels(source)
        return
    array = np.asarray(source)
    columns = array.T if array.ndim == 2 and array.shape[1] == 2 else [array]
    sounds = [decoding.from_array(column, sample_rate) for column in columns]
    yield np.stack([sound.samples for sound in sounds], axis=1), sample_rate


def joined(
    pieces: Iterable[NDArray[np.float32]],
    run: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    name: str,
) -> Iterator[NDArray[np.float32]]:
    """Run a network over blocks of a signal, and join what it makes of them.

    The network hears a segment by itself, counted from where a block begins. The first of a block
    is not as in the whole, as silence is before it, nor is what lies behind the last whole one:
    both spoil what is made of the others only next to them. So blocks begin a whole number of
    segments apart, and are joined in the middle of the last whole one, where they must agree.

    Parameters
    ----------
    pieces : iterable of numpy.ndarray [shape=(samples, 2), dtype=float32]
    run : callable
        Makes stems [shape=(stems, samples, 2)] of samples [shape=(samples, 2)], of as many each
        time.
    name : str
        The network's, for a message.

    Raises
    ------
    IntegrityError
        Two blocks do not agree.
    """
    size, apart = BLOCK * SEGMENT + FRAME, (BLOCK - 2) * SEGMENT
    early, late = SEGMENT * 3 // 2, apart + SEGMENT * 3 // 2
    inner = slice(SEGMENT + 2 * FRAME, 2 * SEGMENT - 2 * FRAME)
    held, begun, expected = np.empty((0, 2), np.float32), 0, None

    def stems(block: NDArray[np.float32]) -> NDArray[np.float32]:
        found = run(block)
        if expected is not None and np.abs(found[:, inner] - expected).max() > AGREEMENT:
            raise dependence(name, f"Cut the music into parts of {size // SAMPLE_RATE} s.")
        return found

    for piece in pieces:
        held = np.concatenate([held, piece])
        while len(held) > size:
            found = stems(held[:size])
            yield found[:, begun:late]
            expected, begun = found[:, apart:][:, inner].copy(), early
            held = held[apart:]
    rest = len(held)
    if expected is not None:  # silence is behind the end in any case
        held = np.concatenate([held, np.zeros((size - rest, 2), np.float32)])
    yield stems(held)[:, begun:rest]
