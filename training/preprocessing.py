"""What is done with embeddings before they are learned from, as steps that a graph can take."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from freeze.classifiers.preprocessing import Gaussianising, Scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step

Preprocessing = Literal["none", "standardised", "normalised", "gaussianised"]

PREPROCESSINGS: tuple[Preprocessing, ...] = ("none", "standardised", "normalised", "gaussianised")

QUANTILES = 256
"""Samples of a dimension that is gaussianised; more would only make graphs larger."""


def fitted(name: Preprocessing, rows: NDArray[np.float32]) -> list[Step]:
    """Fit a preprocessing to rows of training.

    A dimension that is constant there becomes 0, so that it says nothing.

    Parameters
    ----------
    name : {"none", "standardised", "normalised", "gaussianised"}
        As they are; to a mean of 0 and a deviation of 1; to the range from 0 to 1; by their
        ranks to a normal distribution.
    rows : numpy.ndarray [shape=(rows, width), dtype=float32]
    """
    low, high = rows.min(axis=0), rows.max(axis=0)
    varies = high > low
    if name == "standardised":
        return [_affine(rows.mean(axis=0, dtype=float), rows.std(axis=0, dtype=float), varies)]
    if name == "normalised":
        return [_affine(low.astype(float), (high - low).astype(float), varies)]
    if name == "gaussianised":
        places = np.linspace(0, len(rows) - 1, min(len(rows), QUANTILES)).round().astype(int)
        samples = np.sort(rows[:, varies], axis=0)[places]
        return [Gaussianising(samples, varies), Scaling(sqrt(2) * varies, np.zeros(len(varies)))]
    return [Scaling(varies.astype(float), np.zeros(len(varies)))]


def _affine(
    center: NDArray[np.float64], spread: NDArray[np.float64], varies: NDArray[np.bool_]
) -> Scaling:
    """Bring ``center`` to 0 and ``spread`` to 1."""
    scale = varies / np.where(varies, spread, 1)
    return Scaling(scale, -center * scale)
