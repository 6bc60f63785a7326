"""A support vector machine of several classes, as libsvm has it: one decision for each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kernel = Literal["linear", "polynomial", "rbf", "sigmoid"]

SURE = 1e-7
"""How near to 0 and 1 the probability of one class of a pair may come."""


@dataclass(frozen=True)
class SVM:
    """A trained C-SVC.

    Its classes are numbered in libsvm's order, that of their first appearance in training.
    Decisions are of the pairs (0, 1), (0, 2) … (1, 2) …, positive for the first of the two.

    Attributes
    ----------
    kernel : str
        ``linear``, ``polynomial``, ``rbf`` or ``sigmoid``.
    vectors : np.ndarray [shape=(count, width)]
        The support vectors, those of a class together.
    coefficients : np.ndarray [shape=(classes - 1, count)]
        libsvm's: how much a support vector counts against each other class.
    rho : np.ndarray [shape=(pairs,)]
        What is taken from each decision.
    counts : sequence of int
        How many support vectors each class has.
    labels : sequence of int
        The place of each class among the outputs.
    gamma, coef0 : float
    degree : int
    slope, intercept : np.ndarray [shape=(pairs,)], optional
        Platt's A and B; without them the classes are voted for.
    """

    kernel: Kernel
    vectors: NDArray[Any]
    coefficients: NDArray[Any]
    rho: NDArray[Any]
    counts: Sequence[int]
    labels: Sequence[int]
    gamma: float = 1.0
    coef0: float = 0.0
    degree: int = 3
    slope: NDArray[Any] | None = None
    intercept: NDArray[Any] | None = None

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(combinations(range(len(self.counts)), 2))

    @property
    def by_pair(self) -> NDArray[np.float64]:
        """How much each support vector counts in each decision [shape=(count, pairs)]."""
        ends = np.cumsum(self.counts)
        matrix = np.zeros((len(self.vectors), len(self.pairs)))
        for pair, (i, j) in enumerate(self.pairs):
            first, second = (slice(ends[c] - self.counts[c], ends[c]) for c in (i, j))
            matrix[first, pair] = self.coefficients[j - 1, first]
            matrix[second, pair] = self.coefficients[i, second]
        return matrix

    def similarities(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """The kernel of rows [shape=(rows, width)] and support vectors [shape=(rows, count)]."""
        rows, vectors = np.asarray(rows, float), np.asarray(self.vectors, float)
        if self.kernel == "rbf":
            squares = [((row - vectors) ** 2).sum(axis=1) for row in rows]
            return np.asarray(np.exp(-self.gamma * np.array(squares)))
        products: NDArray[np.float64] = rows @ vectors.T
        if self.kernel == "linear":
            return products
        products = self.gamma * products + self.coef0
        return np.asarray(np.tanh(products) if self.kernel == "sigmoid" else products**self.degree)

    def decisions(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """The decisions on rows [shape=(rows, width)], by pairs [shape=(rows, pairs)]."""
        return np.asarray(self.similarities(rows) @ self.by_pair - self.rho, float)

    def predict(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """The activations of rows, in float64.

        Parameters
        ----------
        rows : np.ndarray [shape=(rows, width)]

        Returns
        -------
        np.ndarray [shape=(rows, classes)]
            Probabilities in the order of the outputs; where classes are voted for, 1 for
            the elected one and 0 for the others.
        """
        decisions = self.decisions(rows)
        if self.slope is None or self.intercept is None:
            found = elected(decisions, len(self.counts))
        else:
            found = coupled(certainties(self.slope * decisions + self.intercept), len(self.counts))
        outputs = np.empty_like(found)
        outputs[:, list(self.labels)] = found
        return outputs


def certainties(values: NDArray[Any]) -> NDArray[np.float64]:
    """How likely the first class of a pair is, by ``A decision + B``."""
    shrunk = np.exp(-np.abs(values))
    likely = np.where(values >= 0, shrunk, 1) / (1 + shrunk)
    return np.asarray(np.clip(likely, SURE, 1 - SURE))


def elected(decisions: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """1 for the class with most votes, the first of equals [shape=(rows, classes)]."""
    first, second = np.array(list(combinations(range(classes), 2))).T
    unit = np.eye(classes)
    votes = np.where(decisions[..., None] > 0, unit[first], unit[second]).sum(axis=1)
    return np.asarray(unit[votes.argmax(axis=1)])


def coupled(certain: NDArray[Any], classes: int, rounds: int = 100) -> NDArray[np.float64]:
    """The probabilities of classes by those within pairs, as libsvm finds them.

    The second method of Wu, Lin and Weng (2004). libsvm stops it early: the exact solution
    is another number.

    Parameters
    ----------
    certain : np.ndarray [shape=(rows, pairs)]
        How likely the first class of each pair is.
    classes : int
    rounds : int
        libsvm's limit, of at least as many as there are classes, is never met.

    Returns
    -------
    np.ndarray [shape=(rows, classes)]
    """
    first, second = np.array(list(combinations(range(classes), 2))).T
    found = np.empty((len(certain), classes))
    for row, values in enumerate(certain):
        beaten = np.zeros((classes, classes))  # [t, j]: how likely j is against t
        beaten[second, first], beaten[first, second] = values, 1 - values
        q = -beaten * beaten.T + np.diag((beaten**2).sum(axis=1))
        found[row] = _solved(q, rounds)
    return found


def _solved(q: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    classes = len(q)
    p = np.full(classes, 1 / classes)
    for _ in range(rounds):
        qp = q @ p
        pqp = p @ qp
        if np.abs(qp - pqp).max() < 0.005 / classes:
            break
        for t in range(classes):
            step = (pqp - qp[t]) / q[t, t]
            p[t] += step
            pqp = (pqp + step * (step * q[t, t] + 2 * qp[t])) / (1 + step) ** 2
            qp = (qp + step * q[t]) / (1 + step)
            p /= 1 + step
    return p
