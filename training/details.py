"""The winner in detail: figures of each class, and the files that it is wrong about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from training.pictures import confusion
from training.scores import per_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.labels import Labels

MOST = 500
"""Files that a page lists."""

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The names of columns, and rows."""


def classes(labels: Labels, predicted: NDArray[np.float32]) -> Table:
    """Figures of each class."""
    if labels.task == "classification":
        return ("class", "files", "precision", "recall", "F1"), list(_of_classes(labels, predicted))
    if labels.task == "auto-tagging":
        return ("label", "files", "ROC-AUC", "PR-AUC"), list(_of_labels(labels, predicted))
    return (), []


def _of_classes(labels: Labels, predicted: NDArray[np.float32]) -> Iterator[tuple[str, ...]]:
    counts = confusion(labels, predicted)
    for number, name in enumerate(labels.classes):
        right, own, said = counts[number, number], counts[number].sum(), counts[:, number].sum()
        shares = [right / own, right / said if said else 0]
        f1 = 2 * right / (own + said)
        yield name, str(own), *(f"{100 * value:.1f} %" for value in (shares[1], shares[0], f1))


def _of_labels(labels: Labels, predicted: NDArray[np.float32]) -> Iterator[tuple[str, ...]]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    targets = labels.targets.astype(bool)
    measures = [
        per_label(targets, predicted, each) for each in (roc_auc_score, average_precision_score)
    ]
    for name, files, *values in zip(labels.classes, targets.sum(axis=0), *measures, strict=True):
        yield name, str(files), *(f"{value:.3f}" for value in values)


def mistakes(labels: Labels, predicted: NDArray[np.float32]) -> Table:
    """The files that the winner is wrong about, the worst first."""
    if labels.task == "regression":
        errors = np.abs(predicted[:, 0] - labels.targets)
        order = (-errors).argsort(kind="stable")
        rows: list[tuple[str, ...]] = [
            (labels.files[i], f"{labels.targets[i]:g}", f"{predicted[i, 0]:.4g}") for i in order
        ]
        return ("file", "label", "estimate"), rows[:MOST]
    if labels.task == "auto-tagging":
        return (), []
    said, targets = predicted.argmax(axis=1), labels.targets.astype(np.int64)
    wrong = np.flatnonzero(said != targets)
    order = wrong[(-predicted[wrong, said[wrong]]).argsort(kind="stable")]
    return ("file", "class", "taken for", "how sure"), [
        (
            labels.files[i],
            labels.classes[targets[i]],
            labels.classes[said[i]],
            f"{predicted[i, said[i]]:.2f}",
        )
        for i in order[:MOST]
    ]


def settings_text(settings: Any) -> str:
    """Settings on one line."""
    return ", ".join(f"{key} {value}" for key, value in settings.items())
