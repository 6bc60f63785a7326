"""The combinations of settings that are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from training.documents import load_yaml
from training.gaia.preprocessing import FURTHER
from training.preprocessing import PREPROCESSINGS

if TYPE_CHECKING:
    from training.labels import Task
    from training.learners import Name

Settings = dict[str, Any]

_SCALED = ("none", "standardised", "normalised")
_BALANCE = (False, True)

QUICK: Mapping[Name, Settings] = {
    "mlp": {
        "preprocessing": PREPROCESSINGS,
        "alpha": (0.0001, 0.01, 1.0),
        "learning_rate": (0.001, 0.01),
    },
    "linear": {
        "preprocessing": PREPROCESSINGS,
        "C": (-9, -6, -3, 0, 3),
        "balance_classes": _BALANCE,
    },
    "svm": {
        "preprocessing": _SCALED,
        "kernel": ("RBF",),
        "C": (-1, 3, 7),
        "gamma": (-9, -6, -3),
        "balance_classes": (False,),
    },
}
"""C and gamma are exponents of 2, as in Gaia's grids and reports."""

GAIA: Settings = {
    "preprocessing": PREPROCESSINGS,
    "kernel": ("poly", "RBF"),
    "C": (-5, -3, -1, 1, 3, 5, 7, 9, 11),
    "gamma": (3, 1, -1, -3, -5, -7, -9, -11),
    "balance_classes": _BALANCE,
}

DESCRIPTORS: Settings = {
    "preprocessing": tuple(FURTHER),
    "kernel": ("RBF", "poly"),
    "C": (1, 7),
    "gamma": (-7, -3),
    "balance_classes": (False,),
}
"""The quick grid for a support vector machine on descriptors."""

LARGEST = 60
"""Exponents of 2 that are still of use."""

_CHOICES: Mapping[str, Sequence[Any]] = {
    "kernel": ("RBF", "poly"),
    "balance_classes": _BALANCE,
}


def grid(
    name: str,
    learner: Name,
    task: Task,
    preprocessing: str | None = None,
    *,
    descriptors: bool = False,
) -> list[Settings]:
    """List the combinations of a grid.

    Parameters
    ----------
    name : str
        ``quick``, ``gaia``, or the path of a YAML file: settings with a list of values each, or
        a list of such.
    learner, task : str
    preprocessing : str, optional
        The only one to try.
    descriptors : bool
        Whether descriptors are learned from, which have preprocessings of their own.

    Raises
    ------
    UsageError
        The grid is of another learner, or has settings or values that {learner} has not.
    NotFoundError, IntegrityError, MissingExtraError
        The file cannot be read.
    """
    if name == "gaia" and learner != "svm":
        raise UsageError(
            f"Gaia's grid has no settings of {learner}.", hint="--grid gaia --learner svm"
        )
    quick = DESCRIPTORS if descriptors else QUICK[learner]
    every = tuple(FURTHER) if descriptors else PREPROCESSINGS
    if preprocessing:
        _check("preprocessing", preprocessing, "This training", every)
    gaia = {**GAIA, "preprocessing": every}
    blocks = [gaia] if name == "gaia" else [quick] if name == "quick" else _read(name)
    found: dict[str, Settings] = {}
    for block in blocks:
        complete = _complete(block, learner, quick, every, name)
        for settings in _combinations(complete, preprocessing):
            if learner == "linear" and task == "regression":
                settings["balance_classes"] = False
            found.setdefault(repr(settings), settings)
    return list(found.values())


def _read(name: str) -> list[Mapping[str, Any]]:
    path = Path(name)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(
            f"There is no grid {name}.", hint="Choose one, or write a YAML file: --grid quick"
        )
    document = load_yaml(path)
    blocks = document if isinstance(document, list) else [document]
    if not blocks or not all(isinstance(block, Mapping) for block in blocks):
        raise UsageError(
            f"{path} is not a grid.", why="A grid has settings, each with a list of values."
        )
    return blocks


def _complete(
    block: Mapping[str, Any],
    learner: Name,
    known: Settings,
    preprocessings: Sequence[str],
    name: str,
) -> Settings:
    """Each setting of the learner with its values; where none are given, the first quick one."""
    if unknown := [str(key) for key in block if key not in known]:
        raise UsageError(
            f"{name} has a setting {unknown[0]} that {learner} has not.",
            why=f"It has: {', '.join(known)}.",
        )
    lists = {
        key: value if isinstance(value, list | tuple) else [value] for key, value in block.items()
    }
    for key, values in lists.items():
        for value in values:
            _check(key, value, name, preprocessings)
    return {key: lists.get(key) or values[:1] for key, values in known.items()}


def _check(key: str, value: Any, name: str, preprocessings: Sequence[str]) -> None:
    choices = preprocessings if key == "preprocessing" else _CHOICES.get(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    low, high = (-LARGEST, LARGEST) if key in ("C", "gamma") else (0, 2**LARGEST)
    if value not in choices if choices else not (number and low < value < high):
        wanted = ", ".join(map(str, choices)) if choices else f"a number above {low}"
        raise UsageError(f"{name} has {key} {value}.", why=f"It takes {wanted}.")


def _combinations(values: Settings, preprocessing: str | None) -> list[Settings]:
    from sklearn.model_selection import ParameterGrid

    if preprocessing:
        values = {**values, "preprocessing": (preprocessing,)}
    order = list(values)
    return [{key: each[key] for key in order} for each in ParameterGrid(values)]
