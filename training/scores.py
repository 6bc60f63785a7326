"""How good predictions are, over files that were not learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from training.labels import Labels, Task

    Measure = Callable[[NDArray[np.bool_]], float]

DECISIVE = {"classification": "accuracy", "auto-tagging": "roc_auc", "regression": "r2"}
"""The measure that the ranking goes by, by the task."""


@dataclass(frozen=True)
class Scores:
    """Measures of one combination of settings; None where one has no meaning.

    Attributes
    ----------
    accuracy : float or None
        Of all files, how many have their own class.
    normalized_accuracy : float or None
        The mean over the folds of the mean over the classes of how many have their own.
    roc_auc, pr_auc : float or None
        The mean over the folds of the mean over the labels.
    r2, rmse : float or None
        Of all files.
    *_std : float or None
        The standard deviation between the folds.
    """

    accuracy: float | None = None
    accuracy_std: float | None = None
    normalized_accuracy: float | None = None
    normalized_accuracy_std: float | None = None
    roc_auc: float | None = None
    roc_auc_std: float | None = None
    pr_auc: float | None = None
    pr_auc_std: float | None = None
    r2: float | None = None
    r2_std: float | None = None
    rmse: float | None = None
    rmse_std: float | None = None

    def decisive(self, task: Task) -> float:
        """What the ranking goes by."""
        value: float | None = getattr(self, DECISIVE[task])
        return float("-inf") if value is None else value

    def std(self, task: Task) -> float | None:
        """The deviation of what the ranking goes by."""
        value: float | None = getattr(self, f"{DECISIVE[task]}_std")
        return value

    def known(self) -> dict[str, float]:
        """The measures that have a meaning."""
        return {name: value for name, value in asdict(self).items() if value is not None}


MEASURES = tuple(each.name for each in fields(Scores) if not each.name.endswith("_std"))


def scores(labels: Labels, predicted: NDArray[np.float32], folds: NDArray[np.int64]) -> Scores:
    """Judge what was said of files by models that did not learn from them.

    Parameters
    ----------
    labels : Labels
    predicted : numpy.ndarray [shape=(files, outputs)]
    folds : numpy.ndarray [shape=(files,)]
    """
    everything = np.ones(len(labels), bool)
    parts = [folds == number for number in range(int(folds.max()) + 1)]
    measures = _MEASURES[labels.task](labels.targets, predicted)
    found: dict[str, Any] = {}
    for name, (measure, pooled) in measures.items():
        of_folds = [value for value in map(measure, parts) if not np.isnan(value)]
        if not of_folds:
            continue
        found[name] = measure(everything) if pooled else float(np.mean(of_folds))
        found[f"{name}_std"] = float(np.std(of_folds))
    return Scores(**found)


def _of_classes(targets: NDArray[Any], predicted: NDArray[np.float32]) -> dict[str, Any]:
    chosen = predicted.argmax(axis=1)
    right = chosen == targets

    def recall(files: NDArray[np.bool_]) -> float:
        there = np.unique(targets[files])
        return float(np.mean([right[files & (targets == name)].mean() for name in there]))

    return {
        "accuracy": (lambda files: float(right[files].mean()), True),
        "normalized_accuracy": (recall, False),
    }


def _of_labels(targets: NDArray[Any], predicted: NDArray[np.float32]) -> dict[str, Any]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    def mean(score: Callable[[Any, Any], float]) -> Measure:
        def of(files: NDArray[np.bool_]) -> float:
            values = per_label(targets[files], predicted[files], score)
            return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")

        return of

    return {
        "roc_auc": (mean(roc_auc_score), False),
        "pr_auc": (mean(average_precision_score), False),
    }


def per_label(
    targets: NDArray[np.bool_],
    predicted: NDArray[np.float32],
    score: Callable[[Any, Any], float],
) -> list[float]:
    """A measure of each label; not a number where all files have it, or none."""
    pairs = zip(targets.T, predicted.T, strict=True)
    return [
        float(score(has, said)) if has.any() and not has.all() else float("nan")
        for has, said in pairs
    ]


def _of_numbers(targets: NDArray[Any], predicted: NDArray[np.float32]) -> dict[str, Any]:
    errors = (predicted[:, 0] - targets) ** 2

    def r2(files: NDArray[np.bool_]) -> float:
        spread = ((targets[files] - targets[files].mean()) ** 2).sum()
        return float(1 - errors[files].sum() / spread) if spread else float("nan")

    return {
        "r2": (r2, True),
        "rmse": (lambda files: float(np.sqrt(errors[files].mean())), True),
    }


_MEASURES = {
    "classification": _of_classes,
    "auto-tagging": _of_labels,
    "regression": _of_numbers,
}
