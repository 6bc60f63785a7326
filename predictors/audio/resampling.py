"""Resampling in blocks: the samples are the same however the signal is divided."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from catalog.errors import AudioError

if TYPE_CHECKING:
    from numpy.typing import NDArray


Resampler = Literal["essentia", "soxr"]


class Resampling(Protocol):
    """A mono signal on its way from one sample rate to another."""

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; return those that are ready."""

    def finish(self) -> NDArray[np.float32]:
        """Return what was held back until the end of the signal."""


class Unchanged:
    """A signal that has the wanted rate already."""

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        return block

    def finish(self) -> NDArray[np.float32]:
        return np.empty(0, np.float32)


class SincMedium:
    """libsamplerate's medium sinc, as Essentia's MonoLoader uses it.

    Parameters
    ----------
    origin, target : int
        Sample rates in hertz.
    """

    def __init__(self, origin: int, target: int) -> None:
        import samplerate

        self._ratio = float(np.float32(target) / np.float32(origin))
        self._resampler = samplerate.Resampler("sinc_medium", channels=1)
        self._taken = 0
        self._given = 0

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        self._taken += len(block)
        ready: NDArray[np.float32] = self._resampler.process(block, self._ratio)
        self._given += len(ready)
        return ready

    def finish(self) -> NDArray[np.float32]:
        """Push the rest out with silence: the library's own ending returns no more than it took."""
        length = math.ceil(self._taken * self._ratio) - 1  # the peer drops the sample at the end
        rest = [np.empty(0, np.float32)]
        missing = length - self._given
        while missing > 0:
            rest.append(self._resampler.process(np.zeros(256, np.float32), self._ratio)[:missing])
            missing -= len(rest[-1])
        return np.concatenate(rest)


class Soxr:
    """soxr at high quality: faster, and single activations may differ by 0.1.

    Parameters
    ----------
    origin, target : int
        Sample rates in hertz.
    """

    def __init__(self, origin: int, target: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(origin, target, 1, quality="HQ")

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        ready: NDArray[np.float32] = self._stream.resample_chunk(block)
        return ready

    def finish(self) -> NDArray[np.float32]:
        rest: NDArray[np.float32] = self._stream.resample_chunk(np.empty(0, np.float32), last=True)
        return rest


FURTHEST = 256
"""Ratio of two sample rates, beyond which neither library goes."""


def resampling(origin: int, target: int, resampler: Resampler = "essentia") -> Resampling:
    """Begin to resample a signal.

    Parameters
    ----------
    origin, target : int
        Sample rates in hertz.
    resampler : {"essentia", "soxr"}
        Essentia's resampler, or the faster soxr.

    Raises
    ------
    AudioError
        The rates are too far apart.
    """
    if origin == target:
        return Unchanged()
    if max(origin, target) > FURTHEST * min(origin, target):
        raise AudioError(
            f"Audio at {origin} Hz cannot be resampled to {target} Hz.",
            why=f"A rate can change by a factor of {FURTHEST} at most.",
        )
    return SincMedium(origin, target) if resampler == "essentia" else Soxr(origin, target)
