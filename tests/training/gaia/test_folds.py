"""Gaia's folds."""

from __future__ import annotations

from random import Random

import numpy as np

from training.gaia.folds import folds


def test_each_class_is_shuffled_by_a_generator_of_its_own() -> None:
    targets = np.array([0, 1] * 10)
    found = folds(targets, 5, seed=1)
    order = list(range(10))
    Random(1).shuffle(order)
    for name in (0, 1):
        of_class = found[targets == name]
        assert [of_class[place] for place in order] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_the_last_folds_of_a_small_class_are_empty() -> None:
    assert np.bincount(folds(np.zeros(6, int), 5, seed=1), minlength=5).tolist() == [2, 2, 2, 0, 0]


def test_another_seed_deals_otherwise() -> None:
    targets = np.zeros(30, int)
    assert (folds(targets, 5, 1) != folds(targets, 5, 2)).any()
