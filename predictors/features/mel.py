"""The mel filter bank, computed in float32 step by step as Essentia does.

Essentia adds the mel distance of two bands up in single precision. The rounding
moves the edges of the triangles by enough to see it in the features (1e-3 against
1e-4), so it is repeated here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.features.frontends import FrontEnd

F = np.float32

# The Slaney scale: linear below 1000 Hz (15 mel), logarithmic above.
CORNER = F(1000)
LINEAR = F(3 / 200)
LOGARITHMIC = F(np.log(6.4) / 27)


GROUPS = 8
"""Products into which the one with the filter bank is divided: most of its weights are zeros."""


@cache
def filters(frontend: FrontEnd) -> tuple[tuple[slice, slice, NDArray[np.float32]], ...]:
    """The filter bank in groups of neighbouring bands, each with the bins that it sums.

    Returns
    -------
    tuple of (bins, bands, numpy.ndarray [shape=(bins, bands), dtype=float32])
    """
    bank, groups = filter_bank(frontend), []
    for numbers in np.array_split(np.arange(frontend.bands), min(GROUPS, frontend.bands)):
        bands = slice(numbers[0], numbers[-1] + 1)
        used = np.flatnonzero(bank[:, bands].any(axis=1))
        bins = slice(used[0], used[-1] + 1) if len(used) else slice(0)  # narrower than a bin
        groups.append((bins, bands, np.ascontiguousarray(bank[bins, bands])))
    return tuple(groups)


@cache
def filter_bank(frontend: FrontEnd) -> NDArray[np.float32]:
    """The weights that sum spectrum bins into mel bands.

    Returns
    -------
    numpy.ndarray [shape=(fft // 2 + 1, bands), dtype=float32]
    """
    bins = frontend.fft // 2 + 1
    frequencies = np.arange(bins, dtype=F) * F(frontend.sample_rate / 2 / (bins - 1))
    edges = band_edges(frontend)
    if frontend.weighting == "warping":
        frequencies, edges = to_mel(frequencies, "htk"), to_mel(edges, "htk")
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    column = frequencies[:, None]
    rising = (column - left) / (centre - left)
    falling = (right - column) / (right - centre)
    triangles = np.maximum(np.minimum(rising, falling), 0)
    if frontend.normalize == "unit_tri":
        triangles /= (right - left) / 2
    return np.ascontiguousarray(triangles, dtype=F)


def band_edges(frontend: FrontEnd) -> NDArray[np.float32]:
    """The ``bands + 2`` corners of the triangles in hertz, equally far apart in mel."""
    low, high = to_mel(np.array([frontend.low, frontend.high], F), frontend.warping)
    step = F((high - low) / F(frontend.bands + 1))
    mel = np.cumsum(np.r_[low, np.full(frontend.bands + 1, step)], dtype=F)
    return to_hertz(mel, frontend.warping)


def to_mel(hertz: NDArray[np.float32], scale: str) -> NDArray[np.float32]:
    """Convert frequencies to mel, in float32."""
    if scale == "htk":
        return np.asarray(F(2595) * np.log10(1 + hertz / F(700)))
    above = 15 + np.log(np.maximum(hertz, CORNER) / CORNER) / LOGARITHMIC
    return np.where(hertz < CORNER, hertz * LINEAR, above)


def to_hertz(mel: NDArray[np.float32], scale: str) -> NDArray[np.float32]:
    """Convert mel to frequencies, in float32; the inverse of `to_mel`."""
    if scale == "htk":
        return F(700) * (F(10) ** (mel / F(2595)) - 1)
    above = CORNER * np.exp((np.maximum(mel, F(15)) - 15) * LOGARITHMIC)
    return np.where(mel < 15, mel / LINEAR, above)
