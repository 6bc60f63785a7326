"""What a training found: every combination as a table, the winner in detail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError, UsageError
from catalog.storage import reading
from training.grids import QUICK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.learners import Name
    from training.problem import Problem
    from training.search import Judged

GAIA = (
    "accuracy_rank",
    "accuracy",
    "accuracy_std",
    "normalized_accuracy_rank",
    "normalized_accuracy",
    "normalized_accuracy_std",
    "results_file",
    "param_file",
    "kernel",
    "C",
    "preprocessing",
    "balance_classes",
    "type",
    "classifier",
    "gamma",
    "evaluation",
)
"""The columns of Gaia's reports; accuracies are in percent, C and gamma are exponents of 2."""

FURTHER = (
    "rank",
    "alpha",
    "learning_rate",
    "roc_auc",
    "roc_auc_std",
    "pr_auc",
    "pr_auc_std",
    "r2",
    "r2_std",
    "rmse",
    "rmse_std",
)
_PERCENT = ("accuracy", "normalized_accuracy", "roc_auc", "pr_auc")
_TYPES = {"svm": "C-SVC", "mlp": "perceptron", "linear": "logistic regression"}


@dataclass(frozen=True, eq=False)
class Report:
    """What a training found.

    Attributes
    ----------
    name : str
        The model's.
    problem : Problem
    ranking : sequence of Judged
        The best first.
    predicted : numpy.ndarray [shape=(files, outputs)]
        What is said of each file with the best settings, by a model that did not learn from it.
    left_out : mapping of str to str
        From files that were not learned from to the reason.
    read : str
        What was learned from.
    """

    name: str
    problem: Problem
    ranking: Sequence[Judged]
    predicted: NDArray[np.float32]
    left_out: Mapping[str, str]
    read: str

    @property
    def winner(self) -> Judged:
        return self.ranking[0]

    def csv(self) -> bytes:
        """The table of all combinations, the best first."""
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, (*GAIA, *FURTHER), restval="", lineterminator="\n")
        writer.writeheader()
        normalized = [each.scores.normalized_accuracy or 0 for each in self.ranking]
        places = np.argsort(np.argsort(-np.array(normalized), kind="stable"))
        for rank, (each, place) in enumerate(zip(self.ranking, places, strict=True), start=1):
            writer.writerow(self._row(rank, int(place) + 1, each))
        return stream.getvalue().encode()

    def _row(self, rank: int, normalized_rank: int, judged: Judged) -> dict[str, Any]:
        task, learner = self.problem.labels.task, self.problem.learner
        ranks = {"accuracy_rank": rank, "normalized_accuracy_rank": normalized_rank}
        kind = "ridge" if (learner, task) == ("linear", "regression") else _TYPES[learner]
        return {
            **(ranks if task == "classification" else {}),
            "rank": rank,
            "classifier": learner,
            "type": kind,
            "evaluation": f"{int(self.problem.folds.max()) + 1}-fold cross-validation",
            **{key: _cell(key, value) for key, value in judged.scores.known().items()},
            **judged.settings,
        }


def _cell(measure: str, value: float) -> str:
    percent = measure.removesuffix("_std") in _PERCENT
    return f"{100 * value if percent else value:.4f}"


def chosen(path: Path, rank: int) -> tuple[Name, dict[str, Any]]:
    """The learner and the settings of a row of a report.

    Raises
    ------
    NotFoundError, StorageError, IntegrityError
        It is not a report.
    UsageError
        It has no such rank.
    """
    with reading(path), path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file))
    ranks = {row.get("rank"): row for row in rows}
    row = ranks.get(str(rank))
    if None in ranks or not rows:
        raise IntegrityError(
            f"{path} is not a report of a training.", why="It has no column rank, or no rows."
        )
    if row is None:
        raise UsageError(f"{path} has no rank {rank}.", why=f"It has ranks from 1 to {len(rows)}.")
    learner: Any = row["classifier"]
    if learner not in QUICK:
        raise IntegrityError(f"{path} names no learner, but {learner}.")
    return learner, {key: _value(row[key]) for key in QUICK[learner]}


def _value(cell: str) -> Any:
    try:
        return json.loads(cell.lower())
    except ValueError:
        return cell
