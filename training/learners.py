"""What learns: scikit-learn's estimators, and the layers that they come to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from freeze.classifiers.dense import dense_graph
from training.svm import SupportVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step
    from training.labels import Task

Name = Literal["mlp", "svm", "linear"]

HIDDEN = 100
"""Units of the hidden layer, as Essentia's heads of 2022 have."""

ACTIVATIONS: Mapping[Task, Literal["softmax", "sigmoid", "identity"]] = {
    "classification": "softmax",
    "auto-tagging": "sigmoid",
    "regression": "identity",
}


class Learner(Protocol):
    """Learns from rows that are preprocessed, and becomes a graph."""

    def fit(
        self, rows: NDArray[np.float32], targets: NDArray[Any], files: NDArray[np.int64]
    ) -> None:
        """Learn; ``targets`` are those of each row's file, see `Labels.targets`."""

    def judge(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What it says of rows of a fold [shape=(rows, outputs)]: probabilities, or a vote."""

    def predict(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What its graph must say of rows [shape=(rows, outputs)]."""

    def graph(self, steps: Sequence[Step]) -> Any:
        """The frozen graph that takes the steps, then predicts."""


@dataclass
class Layers:
    """A multi-layer perceptron with one hidden layer, or a linear model.

    Attributes
    ----------
    name : {"mlp", "linear"}
        With a hidden layer, or without.
    task : str
    classes : int
    settings : dict
        ``alpha`` and ``learning_rate`` of a perceptron; ``C`` (an exponent of 2, as Gaia's) and
        ``balance_classes`` of a linear model.
    seed : int
    """

    name: Literal["mlp", "linear"]
    task: Task
    classes: int
    settings: Mapping[str, Any]
    seed: int

    def fit(
        self, rows: NDArray[np.float32], targets: NDArray[Any], files: NDArray[np.int64]
    ) -> None:
        self._center, self._spread = 0.0, 1.0
        if self.task == "regression":
            self._center, self._spread = float(targets.mean()), float(targets.std()) or 1.0
            targets = (targets - self._center) / self._spread
        self._estimator = self._made()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of rounds that were not enough, of absent labels
            self._estimator.fit(rows, targets)

    def judge(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.task == "regression":
            values = self._estimator.predict(rows)[:, None] * self._spread + self._center
            return np.asarray(values, np.float32)
        said = self._estimator.predict_proba(rows)
        if self.task == "auto-tagging":
            return np.asarray(said, np.float32)
        found = np.zeros((len(rows), self.classes), np.float32)
        found[:, self._estimator.classes_] = said  # a fold may have none of a class
        return found

    predict = judge

    def graph(self, steps: Sequence[Step]) -> Any:
        layers = self._perceptron() if self.name == "mlp" else self._linear()
        kernel, bias = layers[-1]
        layers[-1] = (kernel * self._spread, bias * self._spread + self._center)
        return dense_graph(layers, ACTIVATIONS[self.task], steps)

    def _made(self) -> Any:
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        chosen = self.settings
        if self.name == "mlp":
            return (MLPRegressor if self.task == "regression" else MLPClassifier)(
                hidden_layer_sizes=(HIDDEN,),
                alpha=chosen["alpha"],
                learning_rate_init=chosen["learning_rate"],
                random_state=self.seed,
            )
        strength = 2.0 ** chosen["C"]
        if self.task == "regression":
            return Ridge(alpha=1 / strength)
        weight = "balanced" if chosen["balance_classes"] else None
        logistic = LogisticRegression(C=strength, class_weight=weight, max_iter=1000)
        return OneVsRestClassifier(logistic) if self.task == "auto-tagging" else logistic

    def _perceptron(self) -> list[tuple[Any, Any]]:
        return list(zip(self._estimator.coefs_, self._estimator.intercepts_, strict=True))

    def _linear(self) -> list[tuple[Any, Any]]:
        fitted = self._estimator
        parts = fitted.estimators_ if self.task == "auto-tagging" else [fitted]
        kernels = np.concatenate([np.atleast_2d(part.coef_) for part in parts])
        return [(kernels.T, np.concatenate([np.atleast_1d(part.intercept_) for part in parts]))]


def learner(
    name: Name, task: Task, classes: int, settings: Mapping[str, Any], seed: int
) -> Learner:
    """Make the learner of a combination of settings."""
    if name == "svm":
        return SupportVectors(classes, settings, seed)
    return Layers(name, task, classes, settings, seed)
