"""Support vector machines, as scikit-learn's `SVC` trains them, with probabilities of their own.

scikit-learn gives up the probabilities of `SVC`; those of its calibration are not libsvm's, which
couple the classes of each pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.classifiers.svm import SVM, Kernel, elected
from freeze.classifiers.svm_graph import svm_graph
from training.kernels import LARGEST, Kernels
from training.platt import sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step

KERNELS: Mapping[str, Kernel] = {"poly": "polynomial", "RBF": "rbf"}
"""Gaia's names of kernels."""

DEGREE = 3
INNER_FOLDS = 5
CACHE = 200
"""Megabytes for the kernel."""


@dataclass
class SupportVectors:
    """Learns a C-SVC: a machine of votes at first, of probabilities when these are asked for.

    Attributes
    ----------
    classes : int
    settings : dict
        ``kernel`` ("poly" or "RBF"), ``C`` and ``gamma`` (exponents of 2) and
        ``balance_classes``, as Gaia has them.
    seed : int
        Of the folds that the probabilities are fitted on.
    """

    classes: int
    settings: Mapping[str, Any]
    seed: int

    def fit(
        self,
        rows: NDArray[np.float32],
        targets: NDArray[Any],
        files: NDArray[np.int64] | None = None,
    ) -> None:
        """Learn from rows [shape=(rows, width)] of classes and files [shape=(rows,)]."""
        self._rows, self._targets = rows, targets
        self._files = np.arange(len(rows)) if files is None else files
        self._estimator = _estimator(self.settings, _weights(self.settings, targets))
        self._estimator.fit(rows, targets)
        self._machine: SVM | None = None

    def judge(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The votes on rows, as Gaia counts them in its folds."""
        return _votes(self._estimator, rows, self.classes)

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probabilities of rows."""
        return self.machine.predict(rows).astype(np.float32)

    def graph(self, steps: Sequence[Step]) -> Any:
        """The frozen graph that takes the steps, then predicts."""
        return svm_graph(self.machine, steps)

    @property
    def machine(self) -> SVM:
        """The machine of all rows, with probabilities."""
        if self._machine is None:
            pairs = [self._pair(i, j) for i, j in combinations(self._estimator.classes_, 2)]
            slope, intercept = np.array(pairs).T
            self._machine = replace(self.voting, slope=slope, intercept=intercept)
        return self._machine

    @property
    def voting(self) -> SVM:
        """The machine of all rows, whose classes are voted for."""
        fitted = self._estimator
        sign = -1 if len(fitted.classes_) == 2 else 1  # scikit-learn asks for the second of two
        return SVM(
            KERNELS[self.settings["kernel"]],
            vectors=fitted.support_vectors_,
            coefficients=sign * fitted.dual_coef_,
            rho=-sign * fitted.intercept_,
            counts=fitted.n_support_.tolist(),
            labels=fitted.classes_.tolist(),
            gamma=2.0 ** self.settings["gamma"],
            degree=DEGREE,
        )

    def _pair(self, first: int, second: int) -> tuple[float, float]:
        """Platt's A and B of a pair, by machines that did not learn from what they decide on."""
        from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

        chosen = np.isin(self._targets, (first, second))
        rows, files = self._rows[chosen], self._files[chosen]
        is_first = self._targets[chosen] == first
        weights = _weights(self.settings, self._targets)
        estimator = _estimator(
            self.settings, {True: weights[first], False: weights[second]} if weights else None
        )
        known = [np.unique(files[is_first]), np.unique(files[~is_first])]
        count = min(INNER_FOLDS, *map(len, known))
        if count < 2:  # one file alone cannot be left out
            decisions = estimator.fit(rows, is_first).decision_function(rows)
            return sigmoid(decisions, is_first)
        decisions = np.empty(len(rows))
        options = {"n_splits": count, "shuffle": True, "random_state": self.seed}
        if sum(map(len, known)) == len(rows):
            split = StratifiedKFold(**options).split(rows, is_first)
        else:
            split = StratifiedGroupKFold(**options).split(rows, is_first, files)
        for taught, judged in split:
            fitted = estimator.fit(rows[taught], is_first[taught])
            decisions[judged] = fitted.decision_function(rows[judged])
        return sigmoid(decisions, is_first)


def votes(
    rows: NDArray[np.float32],
    targets: NDArray[Any],
    asked: NDArray[np.float32],
    chunk: Sequence[Mapping[str, Any]],
    classes: int,
) -> list[NDArray[np.float32]]:
    """What machines of many settings, taught with the same rows, say of others.

    The kernel's products are computed once.

    Parameters
    ----------
    rows : numpy.ndarray [shape=(rows, width)]
        That they learn from.
    targets : numpy.ndarray [shape=(rows,)]
    asked : numpy.ndarray [shape=(asked, width)]
    chunk : sequence of dict
        Settings of each, see `SupportVectors`.
    classes : int

    Returns
    -------
    list of numpy.ndarray [shape=(asked, classes)]
        1 for the elected class.
    """
    kernels = Kernels(rows, asked) if len(rows) <= LARGEST else None
    found = []
    for settings in chunk:
        weights = _weights(settings, targets)
        if kernels:
            estimator = _estimator(settings, weights, kernel="precomputed")
            own, others = kernels.of(settings["kernel"], 2.0 ** settings["gamma"], DEGREE)
        else:
            estimator, own, others = _estimator(settings, weights), rows, asked
        found.append(_votes(estimator.fit(own, targets), others, classes))
    return found


def _weights(settings: Mapping[str, Any], targets: NDArray[Any]) -> dict[Any, float] | None:
    """How much an error counts in each class, where all are to count alike."""
    if not settings["balance_classes"]:
        return None
    known, counts = np.unique(targets, return_counts=True)
    weights = len(targets) / (len(known) * counts)
    return dict(zip(known.tolist(), weights.tolist(), strict=True))


def _estimator(
    settings: Mapping[str, Any], weights: Mapping[Any, float] | None, kernel: str = ""
) -> Any:
    from sklearn.svm import SVC

    return SVC(
        C=2.0 ** settings["C"],
        kernel=kernel or settings["kernel"].lower(),
        gamma=2.0 ** settings["gamma"],
        degree=DEGREE,
        cache_size=CACHE,
        class_weight=weights,
        decision_function_shape="ovo",
    )


def _votes(estimator: Any, rows: NDArray[Any], classes: int) -> NDArray[np.float32]:
    known = estimator.classes_
    decisions = estimator.decision_function(rows).reshape(len(rows), -1)
    found = np.zeros((len(rows), classes), np.float32)
    found[:, known] = elected(-decisions if len(known) == 2 else decisions, len(known))
    return found
