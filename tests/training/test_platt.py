"""Probabilities from decision values."""

from __future__ import annotations

import numpy as np
import pytest

from training.platt import sigmoid

RANDOM = np.random.default_rng(2)


def _loss(a: float, b: float, decisions: np.ndarray, first: np.ndarray) -> float:
    """The cross-entropy with Platt's targets."""
    ones, others = first.sum(), (~first).sum()
    targets = np.where(first, (ones + 1) / (ones + 2), 1 / (others + 2))
    likely = 1 / (1 + np.exp(a * decisions + b))
    return float(-(targets * np.log(likely) + (1 - targets) * np.log(1 - likely)).sum())


@pytest.mark.parametrize("count", [(20, 20), (5, 60)])
def test_no_other_sigmoid_near_by_fits_better(count: tuple[int, int]) -> None:
    first = np.arange(sum(count)) < count[0]
    decisions = RANDOM.normal(size=len(first)) + first
    a, b = sigmoid(decisions, first)
    least = _loss(a, b, decisions, first)
    assert a < 0
    assert all(
        _loss(a + da, b + db, decisions, first) > least
        for da in (-0.01, 0, 0.01)
        for db in (-0.01, 0, 0.01)
        if da or db
    )


def test_decisions_that_part_all_rows_have_a_finite_slope() -> None:
    first = np.arange(10) < 5
    a, _ = sigmoid(np.where(first, 50.0, -50.0), first)
    assert -1 < a < 0


def test_decisions_that_tell_nothing_give_the_share_of_the_classes() -> None:
    first = np.arange(40) < 10
    a, b = sigmoid(np.zeros(40), first)
    assert a == 0 and 1 / (1 + np.exp(b)) == pytest.approx((11 / 12 * 10 + 30 / 32) / 40)
