"""A model that was trained, as Python users get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.labels import Task
    from training.scores import Scores


@dataclass(frozen=True)
class TrainedModel:
    """A trained model that was written.

    Attributes
    ----------
    output : Path
        The frozen graph; its record is the ``.json`` beside it.
    task : {"classification", "auto-tagging", "regression"}
    learner : {"mlp", "svm", "linear"}
    settings : mapping
        Those of the report that won, or were chosen.
    scores : Scores
        Of the cross-validation, as fractions.
    baseline : float or None
        The accuracy of who always says the largest class.
    folds, files : int
    classes : tuple of str
    report : Path
        The table of all combinations.
    sha256 : str
        Of the graph.
    """

    output: Path
    task: Task
    learner: str
    settings: Mapping[str, Any]
    scores: Scores
    baseline: float | None
    folds: int
    classes: tuple[str, ...]
    files: int
    report: Path
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo train --json`` prints."""
        found = self.scores
        return {
            "output": str(self.output),
            "learner": self.learner,
            "settings": dict(self.settings),
            "accuracy": found.accuracy,
            "normalized_accuracy": found.normalized_accuracy,
            "std": found.std(self.task),
            "roc_auc": found.roc_auc,
            "pr_auc": found.pr_auc,
            "r2": found.r2,
            "rmse": found.rmse,
            "folds": self.folds,
            "classes": list(self.classes),
            "files": self.files,
            "report": str(self.report),
            "sha256": self.sha256,
        }

    def __repr__(self) -> str:
        measure, value = next(iter(self.scores.known().items()))
        what = f"{len(self.classes)} classes, " if self.task != "regression" else ""
        return (
            f"<TrainedModel {self.output}: {what}{self.files} files, "
            f"{measure.replace('_', ' ')} {value:.3f}>"
        )
