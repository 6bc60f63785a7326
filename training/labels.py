"""What files are labelled as: one class each, several, or a number."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catalog.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Task = Literal["classification", "auto-tagging", "regression"]


@dataclass(frozen=True)
class Labelled:
    """A file, its labels as they were given, and its group.

    Attributes
    ----------
    file : str
    labels : tuple of str or float
    group : str, optional
        Files of one group (an artist's, say) are never on both sides of a fold.
    """

    file: str
    labels: tuple[str | float, ...]
    group: str | None = None


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of all files, as learners read them.

    Attributes
    ----------
    task : {"classification", "auto-tagging", "regression"}
    classes : tuple of str
        In the order of the outputs; of regression, the name of the one value.
    files : tuple of str
    targets : numpy.ndarray
        Numbers of classes [shape=(files,), dtype=int64], several per file
        [shape=(files, classes), dtype=bool], or values [shape=(files,), dtype=float64].
    groups : tuple of str or None
    """

    task: Task
    classes: tuple[str, ...]
    files: tuple[str, ...]
    targets: NDArray[Any]
    groups: tuple[str, ...] | None = None

    @classmethod
    def of(cls, rows: Sequence[Labelled]) -> Labels:
        """Tell what is to be learned from how the files are labelled.

        Raises
        ------
        UsageError
            There is nothing to learn: no files, or one class only.
        """
        if not rows:
            raise UsageError("There are no files to train on.")
        files = tuple(row.file for row in rows)
        groups = tuple(row.group or row.file for row in rows)
        given = groups if any(row.group for row in rows) else None
        if all(isinstance(label, float) for row in rows for label in row.labels):
            return cls("regression", ("value",), files, _values(rows), given)
        sets = [frozenset(map(str, row.labels)) for row in rows]
        classes = tuple(sorted(frozenset().union(*sets)))
        has = np.array([[name in labels for name in classes] for labels in sets])
        _require_several(classes, has, rows)
        if all(len(labels) == 1 for labels in sets):
            return cls("classification", classes, files, has.argmax(axis=1), given)
        return cls("auto-tagging", classes, files, has, given)

    def __len__(self) -> int:
        return len(self.files)

    @property
    def counts(self) -> dict[str, int]:
        """How many files each class has; empty for regression."""
        if self.task == "regression":
            return {}
        if self.task == "classification":
            found = np.bincount(self.targets.astype(np.int64), minlength=len(self.classes))
        else:
            found = self.targets.sum(axis=0)
        return dict(zip(self.classes, map(int, found), strict=True))

    @property
    def baseline(self) -> float | None:
        """The accuracy of who always says the largest class."""
        if self.task != "classification":
            return None
        return max(self.counts.values()) / len(self)

    def digest(self, folder: Path) -> str:
        """SHA-256 of the list of files, as they are called from a folder, with their labels."""
        lines = (
            "\t".join((os.path.relpath(file, folder), *self.of_file(i), *self._group(i)))
            for i, file in enumerate(self.files)
        )
        text = "\n".join(sorted(lines))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def _group(self, index: int) -> tuple[str, ...]:
        return self.groups[index : index + 1] if self.groups else ()

    def of_file(self, index: int) -> tuple[str, ...]:
        """The labels of a file, as text."""
        target = self.targets[index]
        if self.task == "regression":
            return (f"{target:g}",)
        if self.task == "classification":
            return (self.classes[int(target)],)
        return tuple(name for name, has in zip(self.classes, target, strict=True) if has)


def _values(rows: Sequence[Labelled]) -> NDArray[np.float64]:
    several = next((row.file for row in rows if len(row.labels) != 1), None)
    if several:
        raise UsageError(
            f"{several} has several numbers.", why="A model of regression learns one for each file."
        )
    values = np.array([row.labels[0] for row in rows], np.float64)
    wrong = next((row.file for row in rows if not math.isfinite(float(row.labels[0]))), None)
    if wrong:
        raise UsageError(f"The label of {wrong} is not a finite number.")
    if np.ptp(values) == 0:
        raise UsageError(
            f"All files have the same number, {values[0]:g}.", why="There is nothing to learn."
        )
    return values


def _require_several(
    classes: Sequence[str], has: NDArray[np.bool_], rows: Sequence[Labelled]
) -> None:
    """Refuse what has one side only: one class, or a label that every file has."""
    if len(classes) == 1:
        raise UsageError(
            f"All {len(rows)} files are of one class, {classes[0]}.",
            why="A classifier tells at least two apart.",
            hint="Name the folder that holds the classes' folders, not one of these.",
        )
    everywhere = [
        name for name, all_ in zip(classes, np.all(has, axis=0).tolist(), strict=True) if all_
    ]
    if everywhere:
        raise UsageError(
            f"Every file has the label {everywhere[0]}.",
            why="There is nothing to tell it from.",
            hint="Leave this label out.",
        )
