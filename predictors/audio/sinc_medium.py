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
def table(scale: float) -> NDArray[np.float64]:
    """The library's points, which are rounded to float32: one for each phase, and two zeros."""
    points = response(np.arange(math.ceil(REACH * PHASES) + 3) / PHASES).astype(np.float32)
    return points * np.float64(scale)


def parts(scale: float) -> float:
    """From one input to the next; the library takes the nearest whole number."""
    return scale * PHASES * PARTS


def places(
    numbers: NDArray[np.int64], ratio: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find where in the input outputs lie, without an error that would grow.

    Parameters
    ----------
    numbers : numpy.ndarray [shape=any, dtype=int64]
        Of the outputs.
    ratio : float
        Of the sample rates, a float32.

    Returns
    -------
    tuple
        The input before each, and the parts of a phase from there.

    Examples
    --------
    >>> places(np.array([0, 3]), 2.0)
    (array([0, 1]), array([      0., 1005568.]))
    """
    outputs, inputs = ratio.as_integer_ratio()
    before, rest = np.divmod(numbers * inputs, outputs)
    return before, rest * (parts(min(1.0, ratio)) / outputs)


def distances(
    before: NDArray[np.int64], behind: NDArray[np.float64], width: int, scale: float
) -> NDArray[np.float64]:
    """Count the phases from inputs to outputs, as the library does.

    Parameters
    ----------
    before : numpy.ndarray [shape=any, dtype=int64]
        The input before each output, counted from the first.
    behind : numpy.ndarray [shape=any, dtype=float64]
        The parts of a phase from there.
    width : int
        How many inputs there are.
    scale : float
        See `reach`.

    Returns
    -------
    numpy.ndarray [shape=(*that of before, width), dtype=float64]
        Negative for inputs behind the output.
    """
    between = round(parts(scale))
    found: NDArray[np.float64] = (before * between + behind)[..., None] - np.arange(width) * between
    found /= PARTS
    return found


def weights(distances: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Weigh inputs by their distances from outputs, as the library does.

    Between two points of its table it goes straight. What is left of tones that the filter stops
    follows from that, and networks hear it that take logarithms or bring each frame to one level.

    Parameters
    ----------
    distances : numpy.ndarray [shape=any, dtype=float64]
        In phases.
    scale : float
        See `reach`.

    Returns
    -------
    numpy.ndarray [shape=that of distances, dtype=float64]
    """
    between = np.abs(distances)
    index = between.astype(np.int32)
    between -= index
    points = table(scale)
    found: NDArray[np.float64] = np.diff(points).take(index, mode="clip")
    found *= between
    found += points.take(index, mode="clip")
    return found
