"""A history as a function: from the descriptors of a piece of music to classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import DescriptorError, IntegrityError
from predictors.descriptors.point import Point
from predictors.descriptors.reading import read_steps
from predictors.descriptors.steps import Classifying, Step, applied, needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.formats.gaia.history import Transformation
    from freeze.formats.gaia.layout import Descriptor, Kind
    from predictors.descriptors.point import Value

VERSIONS = ".metadata.version"
"""The beginning of names that Gaia does not look for."""


@dataclass(frozen=True)
class Answer:
    """What a history says.

    Attributes
    ----------
    activations : numpy.ndarray [shape=(classes,), dtype=float64]
        Probabilities; where the history knows none, 1 for its class.
    label : str
        The class.
    unknown : dict of str to str
        Texts that the history has no number for, by their descriptors.
    """

    activations: NDArray[np.float64]
    label: str
    unknown: dict[str, str]


class Chain:
    """A history that can be asked.

    Parameters
    ----------
    history : sequence of Transformation
    name : str
        For messages.

    Raises
    ------
    IntegrityError
        It contradicts itself.
    """

    def __init__(self, history: Sequence[Transformation], name: str) -> None:
        self.history = history
        self.name = name
        try:
            self.steps = read_steps(history)
        except ValueError as error:
            raise self._damaged(error) from None

    @cached_property
    def classifier(self) -> Classifying | None:
        """The last step that classifies, which is the one that is asked."""
        found = [step for step in self.steps if isinstance(step, Classifying)]
        return found[-1] if found else None

    @cached_property
    def before(self) -> Sequence[Step]:
        """The steps before the classifier."""
        return self.steps[: self.steps.index(self.classifier)] if self.classifier else self.steps

    @cached_property
    def needed(self) -> dict[str, Descriptor]:
        """The descriptors that reach the classifier, sorted; all, where there is none.

        Raises
        ------
        IntegrityError
            A step needs one that no step gives.
        """
        given = self.history[0].layout.descriptors if self.history else {}
        names = sorted(given)
        if self.classifier:
            names = sorted(needed(self.before, frozenset(self.classifier.names)))
        if unknown := [name for name in names if name not in given]:
            raise self._damaged(f"{unknown[0]} is read, but no step gives it.")
        return {name: given[name] for name in names}

    def point(self, descriptors: Mapping[str, Any]) -> Point:
        """What a history takes of descriptors, by their names without the leading dot.

        Raises
        ------
        DescriptorError
            Some are missing, or of another type.
        """
        missing = [name[1:] for name in self.needed if not _is_there(name, descriptors)]
        if missing:
            raise _missing(missing, len(self.needed))
        values = {
            name: _value(name, type.kind, descriptors.get(name[1:], ""))
            for name, type in self.needed.items()
        }
        tables = self.history[0].layout.tables if self.history else {}
        return Point(values, self.needed, tables)

    def vector(self, descriptors: Mapping[str, Any]) -> tuple[NDArray[np.float64], dict[str, str]]:
        """The numbers that the classifier reads, and the texts that have none: see `Point`.

        Raises
        ------
        DescriptorError
        """
        assert self.classifier
        names = self.classifier.names
        try:
            return applied(self.before, self.point(descriptors)).numbers(names)
        except (ValueError, KeyError) as error:
            raise self._damaged(error) from None

    def answer(self, descriptors: Mapping[str, Any]) -> Answer:
        """Ask the classifier; see `point`.

        Raises
        ------
        DescriptorError
            Descriptors are missing, of another type or size, or no numbers.
        IntegrityError
            The history contradicts itself.
        """
        assert self.classifier
        numbers, unknown = self.vector(descriptors)
        if not np.isfinite(numbers).all():
            raise DescriptorError("Descriptors are no numbers.", why=self._culprits(descriptors))
        found = self.classifier.activations(numbers)
        return Answer(found, self.classifier.label(found), unknown)

    def _culprits(self, descriptors: Mapping[str, Any]) -> str:
        """Name descriptors with NaN or infinite values."""
        values = self.point(descriptors).values.items()
        names = [
            name[1:]
            for name, value in values
            if not isinstance(value, tuple) and not np.isfinite(value).all()
        ]
        return f"They are NaN or infinite: {', '.join(names[:5])}." if names else ""

    def _damaged(self, why: object) -> IntegrityError:
        return IntegrityError(f"{self.name} is damaged.", why=str(why))


def _is_there(name: str, descriptors: Mapping[str, Any]) -> bool:
    return name[1:] in descriptors or name.startswith(VERSIONS)


def _missing(names: Sequence[str], count: int) -> DescriptorError:
    """Name descriptors that are missing, by their beginnings where they are many."""
    told = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return DescriptorError(
        f"{len(names)} of the {count} descriptors that the model needs are missing.",
        why=f"They are: {told}.",
    )


def _value(name: str, kind: Kind, given: Any) -> Value:
    """A descriptor as a history takes it; a matrix as its size and its rows."""
    if kind != "real":
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise DescriptorError(f"{name[1:]} is not the text that the model takes.")
        return tuple(texts)
    try:
        numbers = np.array(given, float)
    except (ValueError, TypeError):
        numbers = np.empty((0,) * 3)
    if numbers.ndim > 2 or isinstance(given, str):
        raise DescriptorError(f"{name[1:]} is not the numbers that the model takes.")
    flat = [numbers.shape, numbers.ravel()] if numbers.ndim == 2 else [numbers.ravel()]
    with np.errstate(over="ignore"):
        return np.concatenate(flat).astype(np.float32)
