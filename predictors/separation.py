"""Music taken apart into its voices, as Spleeter does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from catalog.errors import UsageError
from predictors.audio import decoding
from predictors.audio.resampling import resampling
from predictors.audio.sources import is_source
from predictors.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from catalog.record import Record
    from predictors.audio.sources import Source

SAMPLE_RATE = 44100
"""Of the music that Spleeter was trained on; its records state others, or none."""
PREFIX = "waveform_"
"""What the outputs are called before the name of the stem."""


def is_separation(record: Record) -> bool:
    """Tell whether a model takes music apart."""
    return record.task == "source-separation" or record.family == "spleeter"


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
        """
        graph = self.model.graph(*(each.name for each in self.record.outputs))
        if graph.shape[1:2] != (2,) or any(size not in (-1, 1) for size in graph.shape[2:]):
            raise UsageError(
                f"{self.record.id} does not read stereo samples.",
                why=f"Its input {graph.input} has the shape {list(graph.shape)}.",
            )
        samples = self._stereo(source, sample_rate)
        patch = (2, *(1 for _ in graph.shape[2:]))
        network = self.model.network(graph, patch, batch=len(samples))
        outputs = network(samples.reshape(-1, *patch))
        waveforms = [output.reshape(-1, 2)[: len(samples)] for output in outputs]
        return Stems(dict(zip(self.stems, waveforms, strict=True)), SAMPLE_RATE)

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

    def _stereo(self, source: Source | ArrayLike, sample_rate: int) -> NDArray[np.float32]:
        """Read samples [shape=(samples, 2)] at the rate of the network."""
        if is_source(source):
            pieces = list(decoding.read_channels(source))
            channels, sample_rate = np.concatenate([piece for piece, _ in pieces]), pieces[0][1]
        else:
            array = np.asarray(source)
            columns = array.T if array.ndim == 2 and array.shape[1] == 2 else [array]
            sounds = [decoding.from_array(column, sample_rate) for column in columns]
            channels = np.stack([sound.samples for sound in sounds], axis=1)
        if channels.shape[1] != 2:
            channels = channels.mean(axis=1, keepdims=True).repeat(2, axis=1)
        if sample_rate == SAMPLE_RATE:
            return channels
        sides = [resampling(sample_rate, SAMPLE_RATE, self.resampler) for _ in range(2)]
        parts = [
            np.concatenate([side.feed(np.ascontiguousarray(channel)), side.finish()])
            for side, channel in zip(sides, channels.T, strict=True)
        ]
        return np.stack(parts, axis=1)
