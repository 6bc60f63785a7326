"""Support vector machines: decisions, votes and probabilities as libsvm has them."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from freeze.classifiers.svm import SVM, Kernel, certainties, coupled, elected
from tests.support.classifiers import rows, svm


def test_a_decision_by_hand() -> None:
    """Two support vectors of the first class, one of the second; x is the first of them."""
    machine = SVM(
        "rbf",
        vectors=np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]),
        coefficients=np.array([[0.5, 1.0, -1.5]]),
        rho=np.array([0.25]),
        counts=[2, 1],
        labels=[1, 0],
        gamma=0.5,
    )
    expected = 0.5 + np.exp(-0.5) - 1.5 * np.exp(-2) - 0.25
    assert machine.decisions(np.zeros((1, 2))) == pytest.approx(expected)
    assert machine.predict(np.zeros((1, 2))).tolist() == [[0, 1]]  # its first class is output 1


@pytest.mark.parametrize("kernel", get_args(Kernel))
def test_kernels(kernel: Kernel) -> None:
    machine, read = svm(kernel), rows(2)
    product = float(read[0].astype(float) @ machine.vectors[3])
    distance = float(((read[0] - machine.vectors[3]) ** 2).sum())
    expected = {
        "linear": product,
        "polynomial": (0.1 * product + 0.2) ** 3,
        "rbf": np.exp(-0.1 * distance),
        "sigmoid": np.tanh(0.1 * product + 0.2),
    }
    assert machine.similarities(read)[0, 3] == pytest.approx(expected[kernel])


def test_of_equal_votes_the_first_class_wins() -> None:
    circle = np.array([[1.0, -1.0, 1.0]])  # 0 beats 1, 2 beats 0, 1 beats 2
    assert elected(circle, 3).tolist() == [[1, 0, 0]]


def test_a_decision_of_zero_is_a_vote_for_the_second() -> None:
    assert elected(np.zeros((1, 1)), 2).tolist() == [[0, 1]]


def test_certainties_stay_off_zero_and_one_and_do_not_overflow() -> None:
    found = certainties(np.array([-1e4, 0.0, 1e4]))
    np.testing.assert_allclose(found, [1 - 1e-7, 0.5, 1e-7], rtol=1e-9)


def test_probabilities_stop_where_libsvm_stops() -> None:
    """The fixed point of these pairs is 0.0019 away: more rounds would be another number."""
    certain = np.array([[0.9, 0.2, 0.1]])
    found = coupled(certain, 3)
    assert found.sum() == pytest.approx(1)
    beaten = np.array([[0, 0.1, 0.8], [0.9, 0, 0.9], [0.2, 0.1, 0]])
    q = -beaten * beaten.T + np.diag((beaten**2).sum(axis=1))
    bordered = np.block([[q, np.ones((3, 1))], [np.ones((1, 3)), np.zeros((1, 1))]])
    exact = np.linalg.solve(bordered, [0, 0, 0, 1])[:3]
    assert 1e-5 < np.abs(found - exact).max() < 5e-3


def test_two_classes_have_the_certainty_of_their_pair() -> None:
    found = coupled(np.array([[0.3], [0.9]]), 2)
    np.testing.assert_allclose(found[:, 0], [0.3, 0.9], atol=5e-3)


def test_outputs_are_in_the_order_of_the_labels() -> None:
    machine = svm()
    plain = replace(machine, labels=[0, 1, 2])
    first = machine.predict(rows())
    np.testing.assert_array_equal(first[:, list(machine.labels)], plain.predict(rows()))
