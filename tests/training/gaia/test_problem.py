"""Cross-validation on descriptors: what Gaia does, step by step, with scikit-learn's own SVC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.descriptors import CLASSES, descriptor_files
from tests.training.gaia.test_chain import TARGETS, _settings
from training.gaia.merging import merged
from training.gaia.preprocessing import FURTHER, preprocessed
from training.gaia.problem import DescriptorProblem
from training.labels import Labelled, Labels
from training.scores import Scores

CHUNK = [("RBF", 3, -3), ("poly", -1, 1), ("RBF", 9, -7)]


@pytest.fixture(scope="module")
def problem() -> DescriptorProblem:
    rows = [Labelled(f"{i}.json", (CLASSES[name],)) for i, name in enumerate(TARGETS)]
    return DescriptorProblem.of(Labels.of(rows), merged(descriptor_files())[0], 5, seed=1)


def _chunk(preprocessing: str) -> list[dict[str, Any]]:
    return [
        {**_settings(preprocessing, kernel), "C": cost, "gamma": gamma}
        for kernel, cost, gamma in CHUNK
    ]


@pytest.mark.parametrize("name", FURTHER)
def test_votes_are_those_of_machines_that_know_the_other_folds(
    name: str, problem: DescriptorProblem
) -> None:
    from sklearn.svm import SVC

    rows = preprocessed(merged(descriptor_files())[0], name)[0].rows
    for number in (0, 3):
        judged = problem.folds == number
        low, high = rows[~judged].min(axis=0), rows[~judged].max(axis=0)
        vary = high > low
        scaled = (rows[:, vary] - low[vary]) / (high - low)[vary]
        if name not in ("lowlevel", "mfcc"):  # what is enumerated is not scaled
            scaled[:, -1] = rows[:, vary][:, -1]
        found = problem.fold(number, _chunk(name))
        for votes, (kernel, cost, gamma) in zip(found, CHUNK, strict=True):
            options = {"C": 2**cost, "kernel": kernel.lower(), "gamma": 2**gamma}
            reference = SVC(class_weight="balanced", **options)
            reference.fit(scaled[~judged], TARGETS[~judged])
            expected = reference.predict(scaled[judged])
            np.testing.assert_array_equal(votes.argmax(axis=1), expected)


def test_what_is_judged_is_not_learned_from(problem: DescriptorProblem) -> None:
    """Without their own labels, files are told by others of their class alone."""
    wrong = np.where(problem.folds == 0, 1 - TARGETS, TARGETS)
    rows = [Labelled(f"{i}.json", (CLASSES[name],)) for i, name in enumerate(wrong)]
    other = DescriptorProblem(
        *(Labels.of(rows), problem.embeddings, "svm", problem.folds, True, 1),
        points=problem.points,
    )
    chunk = _chunk("basic")
    np.testing.assert_array_equal(problem.fold(0, chunk), other.fold(0, chunk))
    assert (np.array(problem.fold(1, chunk)) != other.fold(1, chunk)).any()


def test_gaia_chooses_by_accuracy_then_by_the_greater_deviation(
    problem: DescriptorProblem,
) -> None:
    found = [
        Scores(accuracy=a, accuracy_std=s, normalized_accuracy=b, normalized_accuracy_std=0.1)
        for a, s, b in [(0.8, 0.3, 0.8), (0.9, 0.1, 0.7), (0.9, 0.2, 0.5), (0.9, 0.2, 0.6)]
    ]
    assert sorted(found, key=problem.goodness) == found


def test_other_texts_are_another_problem(problem: DescriptorProblem) -> None:
    """What was judged before is not taken for this."""
    texts = {**problem.points.texts, ".tonal.key_edma.key": ("C",) * 24}
    other = replace(problem, points=replace(problem.points, texts=texts))
    assert other.digest != problem.digest
