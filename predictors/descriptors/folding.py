"""A history as a row of numbers, what is done to it, and a support vector machine.

That is what a frozen graph can hold: the row's descriptors are named by a record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError
from catalog.fields import DescriptorInput
from freeze.classifiers.preprocessing import Gaussianising, Scaling, applied, quantiles
from predictors.descriptors.steps import Adding, Gaussianised, Keeping, Retyping, Scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step as RowStep
    from freeze.classifiers.svm import SVM
    from predictors.descriptors.chain import Chain
    from predictors.descriptors.steps import Step


CANDIDATES = 64
"""Rows, one of which becomes the example of a record."""


@dataclass(frozen=True)
class Folded:
    """A history, folded.

    Attributes
    ----------
    inputs : tuple of DescriptorInput
        The row, in the history's stored order.
    steps : tuple of (Scaling or Gaussianising)
        What is done to the row.
    svm : SVM
        As wide as the row.
    """

    inputs: tuple[DescriptorInput, ...]
    steps: tuple[RowStep, ...]
    svm: SVM

    def rows(self, count: int) -> NDArray[np.float32]:
        """Rows that become support vectors, as they were in training: the steps taken back.

        Returns
        -------
        numpy.ndarray [shape=(count, width)]
        """
        vectors = np.asarray(self.svm.vectors)
        rows = vectors[np.linspace(0, len(vectors) - 1, count).astype(int)].astype(float)
        for step in reversed(self.steps):
            if isinstance(step, Scaling):
                rows = (rows - step.offset) / np.where(step.scale == 0, 1, step.scale)
                continue
            table, chosen = quantiles(len(step.samples)), np.flatnonzero(step.chosen)
            for column, samples in zip(chosen, step.samples.T, strict=True):
                ranks = np.searchsorted(table[1:-1], rows[:, column])
                rows[:, column] = samples[ranks]
        return np.asarray(rows, np.float32)

    def with_example(self) -> Folded:
        """The same, the inputs with the row about which the classifier is least sure."""
        rows = self.rows(CANDIDATES)
        rows = rows[np.isfinite(rows).all(axis=1)]
        if not len(rows):
            return self
        sure = self.svm.predict(applied(self.steps, rows)).max(axis=1)
        numbers, inputs = iter(rows[sure.argmin()]), []
        for each in self.inputs:
            own = [float(str(next(numbers))) for _ in range(each.size)]
            example = map(round, own) if each.texts else own
            inputs.append(replace(each, example=tuple(example)))
        return replace(self, inputs=tuple(inputs))


def folded(chain: Chain) -> Folded:
    """Fold a history that classifies.

    Raises
    ------
    UsageError
        It does more than choosing descriptors, scaling and gaussianising them.
    """
    classifier = chain.classifier
    assert classifier
    for number, step in enumerate(chain.before, 1):
        if not _is_plain(step, frozenset(classifier.names)):
            raise _refused(
                chain,
                f"Its step {number}, {chain.history[number - 1].applier}, "
                "makes new descriptors of others.",
            )
    types = classifier.layout.descriptors
    tables = _tables(chain.before)
    inputs, places, end = [], {}, 0
    for name in classifier.names:
        size = types[name].size if name in types else None
        if size is None:
            raise _refused(chain, f"{name[1:]} has any number of values.")
        places[name] = slice(end, end + size)
        end += size
        texts = tables.get(name, ()) if types[name].kind == "enum" else ()
        inputs.append(DescriptorInput(name[1:], size, texts))
    if classifier.svm.width > end:
        raise _refused(chain, f"Its vectors are {classifier.svm.width} wide, its rows {end}.")
    vectors = np.pad(classifier.svm.vectors, ((0, 0), (0, end - classifier.svm.width)))
    steps: list[RowStep] = []
    for step in chain.before:
        if isinstance(step, Scaled):
            steps.append(_scaling(chain, step, places, end))
        elif isinstance(step, Gaussianised):
            steps += _gaussianising(step, places, end)
    made = Folded(tuple(inputs), tuple(steps), replace(classifier.svm, vectors=vectors))
    return made.with_example()


def _is_plain(step: Step, names: frozenset[str]) -> bool:
    """Whether a step leaves a row as it is, or changes each number by itself."""
    if isinstance(step, Adding):
        return not names & step.values.keys()
    return isinstance(step, Keeping | Retyping | Scaled | Gaussianised)


def _tables(steps: Sequence[Step]) -> Mapping[str, tuple[str, ...]]:
    """The tables in force behind all steps: those of the last that has its own."""
    moving = [step for step in steps if not isinstance(step, Scaled | Gaussianised)]
    return moving[-1].layout.tables if moving else {}


def _scaling(chain: Chain, step: Scaled, places: Mapping[str, slice], width: int) -> Scaling:
    scale, offset = np.ones(width, np.float32), np.zeros(width, np.float32)
    mine = {name: each for name, each in step.scalings.items() if name in places}
    for name, each in mine.items():
        scale[places[name]], offset[places[name]] = each.scale, each.offset
    clipping = any(each.clipping for each in mine.values())
    if clipping and len(mine) < len(places):
        raise _refused(chain, "It clips some descriptors, and others not.")
    return Scaling(scale, offset, clipping)


def _gaussianising(step: Gaussianised, places: Mapping[str, slice], width: int) -> list[RowStep]:
    """One step for each number of samples; mostly, that is the same everywhere."""
    by_count: dict[int, dict[int, Any]] = {}
    for name, samples in step.samples.items():
        for place, values in samples.items() if name in places else ():
            by_count.setdefault(len(values), {})[places[name].start + place] = values
    return [
        Gaussianising(
            np.array([values for _, values in sorted(columns.items())]).T,
            np.isin(np.arange(width), list(columns)),
        )
        for columns in by_count.values()
    ]


def _refused(chain: Chain, why: str) -> UsageError:
    return UsageError(
        f"{chain.name} cannot become a frozen graph.",
        why=why,
        hint=f"It runs as it is: zoo predict {chain.name} song.json",
    )
