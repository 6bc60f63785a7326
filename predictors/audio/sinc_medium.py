"""The filter of libsamplerate's medium sinc, which Essentia's MonoLoader uses."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Fitted to the library's table of 22438 points, from which no value is further than 3e-8, half
# the distance of two floats there. The pages have the same numbers: zoo/web/resample.js.
CUTOFF = 0.91906308
"""Of the sinc, as a part of half the slower rate."""
PEAK = 0.91906323
"""The response at its middle."""
BETA = 12.25
"""Of the Kaiser window."""
REACH = 22437.5 / 491
"""Half the length of the window, in samples of the slower rate."""

PHASES = 491
"""Into which a sample of the slower rate is divided; linear interpolation does the rest."""


def response(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The impulse response: a sinc in a Kaiser window.

    Parameters
    ----------
    distances : numpy.ndarray [shape=any, dtype=float64]
        From the middle, in samples of the slower rate.

    Returns
    -------
    numpy.ndarray [shape=that of distances, dtype=float64]

    Examples
    --------
    >>> response(np.array([0.0, 1 / CUTOFF, REACH])).round(6)
    array([0.919063, 0.      , 0.      ])
    """
    inside = np.maximum(1 - (distances / REACH) ** 2, 0)
    window = np.where(inside, np.i0(BETA * np.sqrt(inside)) / np.i0(BETA), 0)
    found: NDArray[np.float64] = PEAK * np.sinc(CUTOFF * distances) * window
    return found


def reach(scale: float) -> int:
    """How many inputs to each side of its place an output is made of.

    Parameters
    ----------
    scale : float
        The slower rate as a part of the input's: 1 or less.
    """
    return math.ceil(REACH / scale)


class Taps:
    """The weights of inputs in outputs, wherever these lie between the inputs.

    Parameters
    ----------
    scale : float
        See `reach`.
    width : int
        How many inputs a row of weights is for: more than twice what `reach` tells.
    """

    def __init__(self, scale: float, width: int) -> None:
        self._half, self._phases = reach(scale), math.ceil(PHASES * scale)
        self._spare = width - 2 * self._half
        taps = np.arange(1 - self._half, 1 + self._half)
        shifts = np.arange(self._phases + 1)[:, None] / self._phases
        bank = np.zeros((len(shifts), 2 * self._half + 2 * self._spare), np.float32)
        bank[:, self._spare : -self._spare] = scale * response(scale * (taps - shifts))
        self._windows = sliding_window_view(bank, width, axis=1)

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float32]:
        """Weigh inputs by their distances from outputs.

        Parameters
        ----------
        places : numpy.ndarray [shape=any, dtype=float64]
            Of the outputs, counted from the first of `width` inputs, all of their reach among
            these.

        Returns
        -------
        numpy.ndarray [shape=(*that of places, width), dtype=float32]
        """
        before = np.floor(places)
        phases = (places - before) * self._phases
        phase, column = phases.astype(int), self._spare - 1 + self._half - before.astype(int)
        weights: NDArray[np.float32] = self._windows[phase, column]
        step: NDArray[Any] = self._windows[phase + 1, column]
        step -= weights
        step *= (phases - phase).astype(np.float32)[..., None]
        weights += step
        return weights


@lru_cache(16)
def taps(scale: float, width: int) -> Taps:
    """The same `Taps` for every signal: some 200 kB, and milliseconds to make."""
    return Taps(scale, width)
