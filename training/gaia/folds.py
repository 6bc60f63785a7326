"""The folds that Gaia deals points out to."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def folds(targets: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Deal points out to folds, class by class, as Gaia does.

    The points of a class are shuffled by Python's own generator, which is seeded anew for each
    class, and cut into slices of ``(n - 1) // count + 1``: the last folds may have none of it.

    Parameters
    ----------
    targets : numpy.ndarray [shape=(points,)]
        Numbers of classes, in the order of the ground truth.
    count : int
    seed : int

    Returns
    -------
    numpy.ndarray [shape=(points,)]
        The number of each point's fold.
    """
    found = np.zeros(len(targets), np.int64)
    for name in np.unique(targets):
        points = np.flatnonzero(targets == name).tolist()
        size = (len(points) - 1) // count + 1
        Random(seed).shuffle(points)
        found[points] = np.arange(len(points)) // size
    return found
