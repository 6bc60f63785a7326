"""The measures, against scikit-learn's and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    r2_score,
    roc_auc_score,
)

from training.labels import Labelled, Labels
from training.scores import scores

FOLDS = np.arange(12) % 3


def test_accuracy_is_of_all_files_and_its_deviation_between_folds() -> None:
    labels = Labels.of([Labelled(str(i), ("ab"[i > 7],)) for i in range(12)])
    predicted = np.tile(np.float32([0.9, 0.1]), (12, 1))
    predicted[[8, 9, 0]] = 0.2, 0.8
    said = predicted.argmax(axis=1)
    found = scores(labels, predicted, FOLDS)
    of_folds = [(said == labels.targets)[n == FOLDS].mean() for n in range(3)]
    assert found.accuracy == pytest.approx(9 / 12)
    assert found.accuracy_std == pytest.approx(np.std(of_folds))
    recalls = [
        balanced_accuracy_score(labels.targets[n == FOLDS], said[n == FOLDS]) for n in range(3)
    ]
    assert found.normalized_accuracy == pytest.approx(np.mean(recalls))
    assert found.normalized_accuracy_std == pytest.approx(np.std(recalls))
    assert found.known().keys() == {
        *("accuracy", "accuracy_std", "normalized_accuracy", "normalized_accuracy_std")
    }


def test_areas_are_means_over_the_labels_that_a_fold_can_judge() -> None:
    random = np.random.default_rng(3)
    labels = Labels.of(
        [
            Labelled(str(i), ("x", "y") if i % 2 else ("z",) if i else ("z", "rare"))
            for i in range(12)
        ]
    )
    assert labels.classes == ("rare", "x", "y", "z")
    predicted = random.random((12, 4), np.float32)
    found = scores(labels, predicted, FOLDS)
    roc, pr = [], []
    for number in range(3):
        part = number == FOLDS
        judged = [i for i in range(4) if 0 < labels.targets[part, i].sum() < part.sum()]
        pairs = [(labels.targets[part, i], predicted[part, i]) for i in judged]
        roc.append(np.mean([roc_auc_score(*pair) for pair in pairs]))
        pr.append(np.mean([average_precision_score(*pair) for pair in pairs]))
    assert found.roc_auc == pytest.approx(np.mean(roc))
    assert found.pr_auc == pytest.approx(np.mean(pr))
    assert found.accuracy is None


def test_numbers_are_judged_by_their_errors_over_all_files() -> None:
    labels = Labels.of([Labelled(str(i), (float(i),)) for i in range(12)])
    predicted = (labels.targets[:, None] + np.where(np.arange(12) % 2, 1, -2)[:, None]).astype("f4")
    found = scores(labels, predicted, FOLDS)
    assert found.r2 == pytest.approx(r2_score(labels.targets, predicted[:, 0]))
    assert found.rmse == pytest.approx(np.sqrt(2.5))
