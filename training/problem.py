"""What is to be learned, and how it is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from freeze.classifiers.preprocessing import applied
from training.learners import learner
from training.preprocessing import fitted
from training.svm import votes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step
    from training.embeddings import Embeddings
    from training.labels import Labels
    from training.learners import Learner, Name
    from training.scores import Scores

P = ParamSpec("P")
T = TypeVar("T")


def one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Let libraries of linear algebra, whose products are small here, not wait for threads."""

    @wraps(function)
    def alone(*args: P.args, **kwargs: P.kwargs) -> T:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return function(*args, **kwargs)

    return alone


@dataclass(frozen=True, eq=False)
class Problem:
    """Labelled embeddings, and who learns from them.

    Attributes
    ----------
    labels : Labels
    embeddings : Embeddings
        In the order of the labels' files.
    learner : {"mlp", "svm", "linear"}
    folds : numpy.ndarray [shape=(files,), dtype=int64]
    pooled : bool
        Whether to learn from the mean of each file, and not from its patches.
    seed : int
    """

    labels: Labels
    embeddings: Embeddings
    learner: Name
    folds: NDArray[np.int64]
    pooled: bool
    seed: int

    @cached_property
    def taught(self) -> Embeddings:
        """What is learned from."""
        return self.embeddings.means() if self.pooled else self.embeddings

    @property
    def outputs(self) -> int:
        return len(self.labels.classes)

    @property
    def digest(self) -> str:
        """SHA-256 of all that scores depend on, but the settings."""
        from sklearn import __version__

        what = (self.labels.targets.tolist(), self.folds.tolist(), self.embeddings.digest)
        text = repr((*what, self.learner, self.pooled, self.seed, __version__))
        return hashlib.sha256(text.encode()).hexdigest()

    def goodness(self, scores: Scores) -> tuple[float, ...]:
        """What is chosen by: of equals the one that treats classes alike, then the steadier."""
        task = self.labels.task
        alike = scores.normalized_accuracy or scores.pr_auc or 0
        return scores.decisive(task), alike, -(scores.std(task) or 0)

    @one_thread
    def fold(self, number: int, chunk: Sequence[Mapping[str, Any]]) -> list[NDArray[np.float32]]:
        """What models that did not learn from a fold say of its files.

        Parameters
        ----------
        number : int
        chunk : sequence of dict
            Combinations of settings that have the same preprocessing, which is done once.

        Returns
        -------
        list of numpy.ndarray [shape=(files of the fold, outputs)]
            The mean over each file's patches, a combination each.
        """
        judged = self.folds == number
        part, targets = self._part(~judged)
        steps = fitted(chunk[0]["preprocessing"], part.rows)
        rows, others = applied(steps, part.rows), self.embeddings.of(judged)
        asked = applied(steps, others.rows)
        if self.learner == "svm":
            said = iter(votes(rows, targets, asked, chunk, self.outputs))
        else:
            models = (self._fitted(each, rows, targets, part.file) for each in chunk)
            said = (model.judge(asked) for model in models)
        return [others.mean_of(each) for each in said]

    def predicted(self, settings: Mapping[str, Any]) -> NDArray[np.float32]:
        """What is said of each file by the model that did not learn from it."""
        found = np.zeros((len(self.labels), self.outputs), np.float32)
        for number in range(int(self.folds.max()) + 1):
            (found[self.folds == number],) = self.fold(number, [settings])
        return found

    @one_thread
    def trained(self, settings: Mapping[str, Any]) -> tuple[list[Step], Learner]:
        """The model of all files."""
        part, targets = self._part(np.ones(len(self.labels), bool))
        steps = fitted(settings["preprocessing"], part.rows)
        rows = applied(steps, part.rows)
        return steps, self._fitted(settings, rows, targets, part.file)

    def _part(self, files: NDArray[np.bool_]) -> tuple[Embeddings, NDArray[Any]]:
        """What is learned from of some files, with the targets of each row."""
        part = self.taught.of(files)
        return part, self.labels.targets[files].repeat(part.counts, axis=0)

    def _fitted(
        self,
        settings: Mapping[str, Any],
        rows: NDArray[np.float32],
        targets: NDArray[Any],
        files: NDArray[np.int64],
    ) -> Learner:
        model = learner(self.learner, self.labels.task, self.outputs, settings, self.seed)
        model.fit(rows, targets, files)
        return model
