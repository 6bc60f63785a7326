"""Probabilities from decision values: the sigmoid of Platt (1999), fitted as libsvm does.

Source: Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector machines"
(2007), whose method, limits and targets these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS, SMALLEST_STEP, RIDGE, FLAT = 100, 1e-10, 1e-12, 1e-5


def sigmoid(decisions: NDArray[np.float64], first: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit A and B so that ``1 / (1 + exp(A decision + B))`` is how likely the first class is.

    Parameters
    ----------
    decisions : np.ndarray [shape=(rows,)]
        Of models that did not learn from the row.
    first : np.ndarray of bool [shape=(rows,)]
        Whether it is of the first class.

    Returns
    -------
    tuple of float
    """
    ones = int(first.sum())
    others = len(first) - ones
    targets = np.where(first, (ones + 1) / (ones + 2), 1 / (others + 2))
    at = np.array([0.0, np.log((others + 1) / (ones + 1))])
    loss = _loss(at, decisions, targets)
    for _ in range(ROUNDS):
        gradient, hessian = _derivatives(at, decisions, targets)
        if np.abs(gradient).max() < FLAT:
            break
        direction = -np.linalg.solve(hessian, gradient)
        step = 1.0
        while step >= SMALLEST_STEP:
            there = at + step * direction
            found = _loss(there, decisions, targets)
            if found < loss + 1e-4 * step * (gradient @ direction):
                at, loss = there, found
                break
            step /= 2
        else:
            break
    return float(at[0]), float(at[1])


def _loss(
    at: NDArray[np.float64], decisions: NDArray[np.float64], targets: NDArray[np.float64]
) -> float:
    """The cross-entropy, in a form that does not overflow."""
    values = decisions * at[0] + at[1]
    return float((targets * values + np.logaddexp(0, -values)).sum())


def _derivatives(
    at: NDArray[np.float64], decisions: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = decisions * at[0] + at[1]
    likely = np.exp(-np.logaddexp(0, values))
    error, weight = targets - likely, likely * (1 - likely)
    both = np.array([decisions, np.ones_like(decisions)])
    return both @ error, (both * weight) @ both.T + RIDGE * np.eye(2)
