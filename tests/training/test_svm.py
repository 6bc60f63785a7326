"""Support vector machines by scikit-learn, as the machines of graphs and histories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from predictors.runtimes.openvino_engine import openvino
from tests.support.classifiers import run
from training import svm
from training.svm import SupportVectors, votes

RANDOM = np.random.default_rng(6)


def _settings(kernel: str = "RBF", **others: Any) -> dict[str, Any]:
    return {"kernel": kernel, "C": 3, "gamma": -3, "balance_classes": False, **others}


def _data(classes: int, count: int = 90) -> tuple[Any, Any]:
    """Clusters, each next to the other; the first class has half of all rows."""
    targets = np.maximum(RANDOM.integers(1 - classes, classes, count), 0)
    rows = RANDOM.normal(size=(count, 6)) + 1.5 * targets[:, None]
    return rows.astype(np.float32), targets


def _learned(classes: int, **others: Any) -> tuple[SupportVectors, Any, Any]:
    rows, targets = _data(classes)
    learner = SupportVectors(classes, _settings(**others), seed=1)
    learner.fit(rows, targets)
    return learner, rows, targets


@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("kernel", ["RBF", "poly"])
def test_the_machine_votes_as_scikit_learn(classes: int, kernel: str) -> None:
    from sklearn.svm import SVC

    learner, rows, targets = _learned(classes, kernel=kernel)
    reference = SVC(C=8, kernel=kernel.lower(), gamma=1 / 8).fit(rows, targets)
    asked = RANDOM.normal(size=(50, 6)).astype(np.float32) * 3
    np.testing.assert_array_equal(learner.judge(asked).argmax(axis=1), reference.predict(asked))
    np.testing.assert_array_equal(learner.voting.predict(asked), learner.judge(asked))


def test_probabilities_are_those_of_rows_not_learned_from() -> None:
    """Of classes that nothing tells apart, the machine is never sure."""
    rows = RANDOM.normal(size=(80, 6)).astype(np.float32)
    learner = SupportVectors(2, _settings(C=7), seed=1)
    learner.fit(rows, np.arange(80) % 2)
    assert (learner.judge(rows).argmax(axis=1) == np.arange(80) % 2).mean() > 0.95
    assert learner.predict(rows).max() < 0.75


def test_patches_of_a_file_are_never_on_both_sides() -> None:
    """Each file is heard five times; of classes that nothing tells apart, none is sure."""
    files = np.arange(200) // 5
    rows = RANDOM.normal(size=(40, 6))[files] + RANDOM.normal(size=(200, 6)) / 100
    found = []
    for known in (None, files):
        learner = SupportVectors(2, _settings(C=7), seed=1)
        learner.fit(rows.astype(np.float32), files % 2, known)
        found.append(learner.predict(rows.astype(np.float32)).max())
    assert found[0] > 0.9 and found[1] < 0.75


def test_equal_seeds_give_equal_probabilities() -> None:
    rows, targets = _data(3)
    found = []
    for seed in (1, 1, 2):
        learner = SupportVectors(3, _settings(), seed)
        learner.fit(rows, targets)
        found.append(learner.predict(rows))
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1e-4


def test_balanced_classes_count_alike() -> None:
    """Of two clusters on each other, the smaller is elected more often."""
    targets = (np.arange(100) < 15).astype(int)
    rows = RANDOM.normal(size=(100, 2)).astype(np.float32) + targets[:, None]
    shares = []
    for balance in (False, True):
        learner = SupportVectors(2, _settings(C=-1, balance_classes=balance), seed=1)
        learner.fit(rows, targets)
        shares.append(learner.judge(rows)[:, 1].mean())
    assert shares[0] < 0.15 < shares[1]


def test_a_class_with_one_row_is_learned() -> None:
    rows, targets = _data(2)
    targets[:] = 0
    targets[3] = 1
    learner = SupportVectors(2, _settings(), seed=1)
    learner.fit(rows, targets)
    assert np.isfinite(learner.predict(rows)).all()


def test_the_graph_says_what_the_machine_says() -> None:
    learner, rows, _ = _learned(3)
    found = run(learner.graph([]), rows, openvino)
    np.testing.assert_allclose(found, learner.predict(rows), atol=2e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_kernels_computed_once_elect_the_same(
    classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, targets = _data(classes)
    asked = RANDOM.normal(size=(40, 6)).astype(np.float32) * 3
    chunk = [
        _settings(kernel, C=C, gamma=gamma, balance_classes=balance)
        for kernel in ("RBF", "poly")
        for C, gamma in ((-3, -1), (5, -5))
        for balance in (False, True)
    ]
    once = votes(rows, targets, asked, chunk, classes)
    monkeypatch.setattr(svm, "LARGEST", 1)
    np.testing.assert_array_equal(once, votes(rows, targets, asked, chunk, classes))


def test_a_fold_without_a_class_never_elects_it() -> None:
    rows, targets = _data(3)
    kept = targets != 1
    (found,) = votes(rows[kept], targets[kept], rows, [_settings()], 3)
    assert found.shape == (len(rows), 3) and not found[:, 1].any()
