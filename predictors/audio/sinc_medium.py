"""The filter of libsamplerate's medium sinc, which Essentia's MonoLoader uses."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Fitted to the library's table of 22438 points: rounded to float32, all but 37 of them are the
# same, and those are neighbours. The pages have the same numbers: zoo/web/resample.js.
CUTOFF = 0.91906308102
"""Of the sinc, as a part of half the slower rate."""
PEAK = 0.91906323521
"""The response at its middle."""
BETA = 12.25
"""Of the Kaiser window."""
REACH = 22437.5 / 491
"""Half the length of the window, in samples of the slower rate."""

PHASES = 491
"""Into which a sample of the slower rate is divided; linear interpolation does the rest."""

PARTS = 1 << 12
"""Into which the library divides a phase."""


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


@lru_cache(4)
def _table(scale: float, length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The library's points, which are rounded to float32, and how far each is from the next."""
    rounded = response(np.arange(math.ceil(REACH * PHASES) + 1) / PHASES).astype(np.float32)
    points = np.zeros(max(length, len(rounded) + 1))
    points[: len(rounded)] = rounded
    points *= scale
    return points[:-1], np.diff(points)


def weights(
    places: NDArray[np.float64], width: int, scale: float, *, rounded: bool
) -> NDArray[np.float64]:
    """Weigh inputs by their distances from outputs, as the library does.

    From one input to the next it goes by whole parts of a phase, and between two points of its
    table straight. What is left of tones that the filter stops follows from that, and networks
    hear it that take logarithms or bring each frame to one level.

    Parameters
    ----------
    places : numpy.ndarray [shape=any, dtype=float64]
        Of the outputs, counted from the first of the inputs.
    width : int
        How many inputs there are.
    scale : float
        See `reach`.
    rounded : bool
        To whole parts of a phase, as the library does with each output.

    Returns
    -------
    numpy.ndarray [shape=(*that of places, width), dtype=float64]
    """
    before = np.floor(places)
    first = (places - before) * scale * PHASES * PARTS
    if rounded:
        first = np.rint(first)
    step = round(scale * PHASES * PARTS) / PARTS
    distances = (before * step + first / PARTS)[..., None] - np.arange(width) * step
    np.abs(distances, out=distances)
    index = distances.astype(np.int32)
    distances -= index
    points, rises = _table(scale, math.ceil(width * step) + 2)
    found: NDArray[np.float64] = rises.take(index)
    found *= distances
    found += points.take(index)
    return found
