"""What is to be learned from descriptors, and how it is judged: as Gaia does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from training.embeddings import Embeddings
from training.folds import folds as grouped
from training.gaia.folds import folds
from training.gaia.preprocessing import preprocessed
from training.gaia.steps import clean, per_dimension
from training.problem import Problem, one_thread
from training.svm import votes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.gaia.points import Points
    from training.labels import Labels
    from training.scores import Scores


@dataclass(frozen=True, eq=False)
class DescriptorProblem(Problem):
    """Labelled descriptors, from which a support vector machine learns.

    Attributes
    ----------
    points : Points
        See `merging.merged`. Their rows are the problem's embeddings, one a file.
    """

    points: Points = field(kw_only=True)

    @classmethod
    def of(cls, labels: Labels, points: Points, count: int, seed: int) -> DescriptorProblem:
        """Deal labelled points out to folds: as Gaia does, where there are no groups."""
        dealt = (
            grouped(labels, count, seed) if labels.groups else folds(labels.targets, count, seed)
        )
        rows = Embeddings(points.rows, np.ones(len(labels), np.int64))
        bare = replace(points, rows=points.rows[:0])
        return cls(labels, rows, "svm", dealt, True, seed, points=bare)

    @property
    def whole(self) -> Points:
        """The points with their rows."""
        return replace(self.points, rows=self.embeddings.rows)

    @property
    def digest(self) -> str:
        """SHA-256 of all that scores depend on, but the settings."""
        texts = sorted(self.points.texts.items())
        return hashlib.sha256(f"{super().digest} {texts}".encode()).hexdigest()

    def goodness(self, scores: Scores) -> tuple[float, ...]:
        """What Gaia chooses by: of equals the one whose folds differ most, as it sorts them."""
        measures = (
            *(scores.accuracy, scores.accuracy_std),
            *(scores.normalized_accuracy, scores.normalized_accuracy_std),
        )
        return tuple(each or 0 for each in measures)

    @one_thread
    def fold(self, number: int, chunk: Sequence[Mapping[str, Any]]) -> list[NDArray[np.float32]]:
        """What machines that did not learn from a fold say of its files; see `Problem.fold`.

        The preprocessing is that of all points, as Gaia's; what comes after it is learned from
        the other folds.
        """
        judged = self.folds == number
        points = self._preprocessed(chunk[0]["preprocessing"])
        taught, _ = clean(points.of(~judged))
        asked = points.of(judged).keep(taught.places)
        scaling = per_dimension(taught)
        rows, targets = scaling(taught.rows), self.labels.targets[~judged]
        return votes(rows, targets, scaling(asked.rows), chunk, self.outputs)

    def _preprocessed(self, name: str) -> Points:
        """The numbers of all points; the last ones are kept."""
        if name not in self._known:
            points, _ = preprocessed(self.whole, name)
            self._known.clear()
            self._known[name] = points.keep(points.places)
        return self._known[name]

    @cached_property
    def _known(self) -> dict[str, Points]:
        return {}
