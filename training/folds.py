"""Which files are judged together, by a model that did not learn from them."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.labels import Labels

log = logging.getLogger("zoo")


def folds(labels: Labels, count: int, seed: int) -> NDArray[np.int64]:
    """Deal files out to folds, by a seed; no group is in two of them.

    Each fold has its share of each class, unless files have several or numbers: scikit-learn's
    ``StratifiedKFold``, ``KFold`` and, with groups, ``StratifiedGroupKFold``.

    Returns
    -------
    numpy.ndarray [shape=(files,), dtype=int64]
        The number of each file's fold.

    Raises
    ------
    UsageError
        There are too few files, or too few of a class.
    """
    from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

    require_enough(labels, count)
    _tell_few(labels, count)
    stratified = labels.task == "classification"
    strata = labels.targets if stratified else np.zeros(len(labels), int)
    options = {"n_splits": count, "shuffle": True, "random_state": seed}
    if labels.groups:
        split = StratifiedGroupKFold(**options).split(strata, strata, labels.groups)
    else:
        split = (StratifiedKFold if stratified else KFold)(**options).split(strata, strata)
    found = np.zeros(len(labels), np.int64)
    for number, (_, judged) in enumerate(split):
        found[judged] = number
    return found


def require_enough(labels: Labels, count: int) -> None:
    """Refuse labels of too few files, or groups, for a number of folds.

    Raises
    ------
    UsageError
    """
    what = _units(labels)
    units = len(set(labels.groups or labels.files))
    if units < count:
        raise UsageError(
            f"There are {units} {what}, fewer than the {count} folds.", hint=f"--folds {units}"
        )
    if labels.task != "classification" or not (few := _few(labels, count)):
        return
    name, least = min(few.items(), key=lambda each: each[1])
    if labels.groups and least > 1:
        return
    raise UsageError(
        f"The class {name} has {least} {what[:-1] if least == 1 else what}, "
        f"fewer than the {count} folds.",
        why="Each fold is judged by a model that learned from the others.",
        hint=f"--folds {least}" if least > 1 else "Add files to it, or leave it out.",
    )


def _tell_few(labels: Labels, count: int) -> None:
    """Tell of labels that are not in all folds."""
    if few := _few(labels, count):
        name, least = min(few.items(), key=lambda each: each[1])
        log.warning(
            "%d of %d labels have fewer %s than there are folds, %s only %d: some folds are "
            "judged without them.",
            *(len(few), len(labels.classes), _units(labels), name, least),
        )


def _units(labels: Labels) -> str:
    return "files" if labels.groups is None else "groups"


def _few(labels: Labels, count: int) -> dict[str, int]:
    """The classes with fewer files, or groups, than folds, and how many they have."""
    found: dict[str, set[str]] = defaultdict(set)
    for index, unit in enumerate(labels.groups or labels.files):
        for name in labels.of_file(index) if labels.task != "regression" else ():
            found[name].add(unit)
    return {name: len(units) for name, units in found.items() if len(units) < count}
