"""What the steps of a history do to a point, in single precision as Gaia does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.classifiers.preprocessing import Scaling, quantiles
from freeze.classifiers.svm import SVM
from freeze.formats.gaia.layout import Descriptor, Layout
from predictors.descriptors.point import Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.descriptors.values import Value

MOST_VALUES = 1_000_000
"""In all descriptors that a step adds."""

Names = frozenset[str]

_quantiles = cache(quantiles)


@dataclass(frozen=True)
class Step:
    """A step that keeps all descriptors as they are.

    Attributes
    ----------
    layout : Layout
        Of the points that it takes.
    """

    layout: Layout

    def needs(self, wanted: Names) -> Names:
        """The descriptors that must be there for others to come out."""
        return wanted

    def __call__(self, point: Point) -> Point:
        return point.required(self.layout).moved(self.layout)


@dataclass(frozen=True)
class Keeping(Step):
    """Keeps some descriptors, or all but some."""

    names: Names
    but: bool

    def __call__(self, point: Point) -> Point:
        return super().__call__(point).keeping(lambda name: (name in self.names) != self.but)


@dataclass(frozen=True)
class Retyping(Step):
    """Gives descriptors other types."""

    names: Names
    retyped: Callable[[Descriptor, Value], Descriptor]

    def __call__(self, point: Point) -> Point:
        point = super().__call__(point)
        types = {
            name: self.retyped(type, point.values[name]) if name in self.names else type
            for name, type in point.types.items()
        }
        return replace(point, types=types)


def fixed(type: Descriptor, value: Value) -> Descriptor:
    """As many values as there are now."""
    return replace(type, size=len(value))


def enumerated(type: Descriptor, value: Value) -> Descriptor:
    """A number for each text."""
    return replace(type, kind="enum")


@dataclass(frozen=True)
class Scaled(Step):
    """Multiplies descriptors and adds to them."""

    scalings: Mapping[str, Scaling]

    def __call__(self, point: Point) -> Point:
        point = point.required(self.layout)
        done: dict[str, Value] = {}
        for name, scaling in self.scalings.items():
            if name in point.values:
                value = point.values[name]
                if isinstance(value, tuple) or len(value) != len(scaling.scale):
                    raise ValueError(f"The coefficients of {name[1:]} have another size than it.")
                done[name] = scaling(value)
        return point.adding(done, point.types)


@dataclass(frozen=True)
class Gaussianised(Step):
    """Gives values a normal distribution by their ranks among samples, which are sorted."""

    samples: Mapping[str, Mapping[int, NDArray[np.float32]]]

    def __call__(self, point: Point) -> Point:
        point = point.required(self.layout)
        done: dict[str, Value] = {}
        for name, by_place in self.samples.items():
            if name in point.values:
                value = np.array(point.values[name], np.float32)
                for place, samples in by_place.items():
                    if place >= len(value):
                        raise ValueError(f"There are samples of {name[1:]}[{place}], beyond it.")
                    rank = np.searchsorted(samples, value[place], side="right")
                    value[place] = _quantiles(len(samples))[rank]
                done[name] = value
        return point.adding(done, point.types)


@dataclass(frozen=True)
class Adding(Step):
    """Adds descriptors."""

    values: Mapping[str, Value]
    types: Mapping[str, Descriptor]

    def needs(self, wanted: Names) -> Names:
        return wanted - self.values.keys()

    def __call__(self, point: Point) -> Point:
        return point.moved(self.layout).adding(self.values, self.types)


@dataclass(frozen=True)
class Joining(Step):
    """Makes one descriptor of several, and drops all others.

    Attributes
    ----------
    matrix : numpy.ndarray [shape=(rows, columns), dtype=float32], optional
        What the joined values are multiplied with.
    """

    result: str
    names: Sequence[str]
    matrix: NDArray[np.float32] | None = None

    def needs(self, wanted: Names) -> Names:
        return frozenset(self.names) if self.result in wanted else frozenset()

    def __call__(self, point: Point) -> Point:
        point = point.required(self.layout)
        order = sorted(self.names, key=lambda name: point.types[name].size is None)
        if any(point.types[name].kind != "real" for name in order):
            raise ValueError("It joins descriptors that are text.")
        joined = np.concatenate([np.asarray(point.values[name], np.float32) for name in order])
        if self.matrix is not None:
            if len(joined) != self.matrix.shape[1]:
                raise ValueError(f"Its matrix has {self.matrix.shape[1]} columns.")
            joined = self.matrix @ joined
        size = None if self.matrix is None else len(joined)
        return Point({self.result: joined}, {self.result: Descriptor("real", size)})


@dataclass(frozen=True)
class Extracting(Step):
    """Adds single values of descriptors as descriptors."""

    places: Mapping[str, tuple[str, int]]

    def needs(self, wanted: Names) -> Names:
        return frozenset(self.places.get(name, (name, 0))[0] for name in wanted)

    def __call__(self, point: Point) -> Point:
        point = super().__call__(point)
        values: dict[str, Value] = {}
        types: dict[str, Descriptor] = {}
        for result, (name, place) in self.places.items():
            if name in point.values:
                values[result] = point.values[name][place : place + 1]
                types[result] = Descriptor(point.types[name].kind, 1)
        return point.adding(values, types)


@dataclass(frozen=True)
class Renaming(Step):
    """Renames a descriptor, which is text afterwards if it was enumerated."""

    old: str
    new: str

    def needs(self, wanted: Names) -> Names:
        return frozenset(self.old if name == self.new else name for name in wanted)

    def __call__(self, point: Point) -> Point:
        point = super().__call__(point)
        if self.old not in point.values:
            return point
        value, type = point.values[self.old], point.types[self.old]
        if type.kind == "enum":
            type = replace(type, kind="string")
        rest = point.keeping(lambda name: name != self.old)
        return rest.adding({self.new: value}, {self.new: type})


@dataclass(frozen=True)
class Merging(Step):
    """Makes two histories of a point, and one point of what comes of them."""

    histories: tuple[Sequence[Step], Sequence[Step]]

    def needs(self, wanted: Names) -> Names:
        return frozenset().union(*(needed(steps, wanted) for steps in self.histories))

    def __call__(self, point: Point) -> Point:
        point = point.required(self.layout)
        one, other = (applied(steps, point) for steps in self.histories)
        if both := one.values.keys() & other.values.keys():
            raise ValueError(f"Two histories that are merged both give {min(both)[1:]}.")
        return Point(
            {**one.values, **other.values},
            {**one.types, **other.types},
            {**one.tables, **other.tables},
        )


@dataclass(frozen=True)
class Classifying(Step):
    """Adds the class that a support vector machine tells, and the probabilities of all.

    Attributes
    ----------
    result : str
    classes : tuple of str
        By the numbers of the machine.
    names : sequence of str
        The descriptors that it reads, in its order.
    svm : SVM
    """

    result: str
    classes: Sequence[str]
    names: Sequence[str]
    svm: SVM

    @property
    def probabilities(self) -> str:
        """The descriptor of the probabilities, of all classes in their order."""
        return f"{self.result}Probability"

    def needs(self, wanted: Names) -> Names:
        rest = wanted - {self.result, self.probabilities}
        return rest if rest == wanted else rest | frozenset(self.names)

    def __call__(self, point: Point) -> Point:
        if not all(name in point.values for name in self.names):
            return point
        found = self.activations(point.numbers(self.names)[0])
        values: dict[str, Value] = {
            self.result: (self.label(found),),
            self.probabilities: found.astype(np.float32),
        }
        types = {self.result: Descriptor("string", 1), self.probabilities: Descriptor("real")}
        return point.adding(values, types)

    def label(self, activations: NDArray[np.float64]) -> str:
        """The class with the highest activation; of equals, the machine's first."""
        return self.classes[max(self.svm.labels, key=activations.__getitem__)]

    def activations(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the machine says of a vector [shape=(classes,)]."""
        width = max(len(numbers), self.svm.width)
        padded = replace(self.svm, vectors=_padded(self.svm.vectors, width))
        (found,) = padded.predict(_padded(numbers[None], width))
        return np.asarray(found)


def _padded(rows: NDArray[Any], width: int) -> NDArray[Any]:
    """Rows with zeros behind them, which libsvm does not write."""
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


def applied(steps: Sequence[Step], point: Point) -> Point:
    """A point after all steps."""
    for step in steps:
        point = step(point)
    return point


def needed(steps: Sequence[Step], wanted: Names) -> Names:
    """The descriptors that steps must be given so that others come out."""
    for step in reversed(steps):
        wanted = step.needs(wanted)
    return wanted
