"""A history as a function: from the descriptors of a piece of music to classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog.errors import DescriptorError, IntegrityError
from predictors.descriptors import values
from predictors.descriptors.point import Point
from predictors.descriptors.reading import read_steps
from predictors.descriptors.steps import Classifying, Step, applied, needed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from freeze.formats.gaia.history import Transformation
    from freeze.formats.gaia.layout import Descriptor

VERSIONS = ".metadata.version"
"""The beginning of names that Gaia does not look for."""


@dataclass(frozen=True)
class Answer:
    """What a model says of descriptors.

    Attributes
    ----------
    activations : numpy.ndarray [shape=(classes,), dtype=float64]
        Probabilities; where the model knows none, 1 for its class.
    label : str
        The class.
    unknown : dict of str to str
        Texts that the model has no number for, by their descriptors.
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

    @property
    def names(self) -> list[str]:
        """All descriptors that the history was made with, also those that it drops."""
        return [name[1:] for name in self.history[0].layout.descriptors] if self.history else []

    @property
    def classes(self) -> tuple[str, ...]:
        """In the history's order."""
        return tuple(self.classifier.classes) if self.classifier else ()

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

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Of the descriptors that are needed, so far as the history tells how long they are."""
        layouts = [step.layout.descriptors for step in self.steps]
        known = [
            (name, each[name].size) for name in self.needed for each in layouts if name in each
        ]
        return {name: size for name, size in known if size is not None}

    def example(self) -> dict[str, Any]:
        """Descriptors that can be asked about: zeros, and the first of known texts."""
        found: dict[str, Any] = {}
        for name, type in self.needed.items():
            tables = [step.layout.tables.get(name) for step in self.steps]
            text = next((table[0] for table in reversed(tables) if table), "")
            found[name[1:]] = [0.0 if type.kind == "real" else text] * self.sizes.get(name, 1)
        return found

    def point(self, descriptors: Mapping[str, Any]) -> Point:
        """What a history takes of descriptors, by their names without the leading dot.

        Raises
        ------
        DescriptorError
            Some are missing, or of another type.
        """
        absent = [name[1:] for name in self.needed if not _is_there(name, descriptors)]
        if absent:
            raise values.missing(absent, len(self.needed))
        taken = {
            name: values.taken(name[1:], type.kind != "real", descriptors.get(name[1:], ""))
            for name, type in self.needed.items()
        }
        tables = self.history[0].layout.tables if self.history else {}
        return Point(taken, self.needed, tables)

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
            raise DescriptorError(
                f"{self.name} cannot use these descriptors.", why=str(error)
            ) from None

    def answer(self, descriptors: Mapping[str, Any]) -> Answer:
        """Ask the classifier; see `point`.

        Raises
        ------
        DescriptorError
            Descriptors are missing, of another type or size, or no numbers; or the history
            contradicts itself.
        """
        assert self.classifier
        numbers, unknown = self.vector(descriptors)
        values.require_finite(numbers, descriptors, [name[1:] for name in self.needed])
        found = self.classifier.activations(numbers)
        return Answer(found, self.classifier.label(found), unknown)

    def _damaged(self, why: object) -> IntegrityError:
        return IntegrityError(f"{self.name} is damaged.", why=str(why))


def _is_there(name: str, descriptors: Mapping[str, Any]) -> bool:
    return name[1:] in descriptors or name.startswith(VERSIONS)
