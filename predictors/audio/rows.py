"""Outputs in rows: the weights of their inputs, and the products of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from predictors.audio import sinc_medium
from predictors.audio.sinc_medium import PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SLIGHT = 0.05
"""Drift in phases, over which weights change in proportion."""

ENDLESS = 1 << 62
"""Rows in a section where nothing drifts."""

SMALL = 1 << 18
"""Multiplications of a product that OpenBLAS leaves to one thread."""


@dataclass(frozen=True)
class Rows:
    """Outputs that lie as those of the row before, or nearly so.

    Each row is divided into groups of neighbours, which are made of the same inputs.
    """

    ratio: float
    outputs: int
    inputs: int
    groups: int
    together: int
    """Outputs of a group."""
    width: int
    """Inputs of a group."""

    @cached_property
    def scale(self) -> float:
        """The slower rate as a part of the inputs'."""
        return min(1.0, self.ratio)

    @cached_property
    def parts(self) -> float:
        """Of a phase, from one input to the next."""
        return sinc_medium.parts(self.scale)

    @cached_property
    def drift(self) -> float:
        """Parts by which each row lies further than the one before, as the ratio is a float32."""
        return float((self.outputs / Fraction(self.ratio) - self.inputs) * Fraction(self.parts))

    @cached_property
    def block(self) -> int:
        """Rows over which the weights change in proportion."""
        return int(SLIGHT * PARTS / abs(self.drift)) or 1

    @cached_property
    def section(self) -> int:
        """Rows, in whole blocks, within which outputs drift by one input at most."""
        if not self.drift:
            return ENDLESS
        return (int(self.parts / abs(self.drift * self.block)) or 1) * self.block

    def places(
        self, row: int, drift: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Tell each group's first input, and where from there its outputs lie.

        Parameters
        ----------
        row : int
            The first that is made of these inputs.
        drift : float
            Of the last, in parts of a phase.

        Returns
        -------
        tuple
            The first inputs; of each output the input before it, counted from there, and the
            parts of a phase between both.
        """
        numbers = np.arange(self.groups * self.together, dtype=np.int64).reshape(self.groups, -1)
        before, behind = sinc_medium.places(row * self.outputs + numbers, self.ratio)
        moved = np.floor((behind[:, 0] + min(0, drift)) / self.parts)
        starts = before[:, 0] + moved.astype(np.int64) - sinc_medium.reach(self.scale)
        return starts, before - starts[:, None], behind


class Weights(Protocol):
    """Those of a section's outputs."""

    section: int
    starts: NDArray[np.int64]

    def multiply(self, inputs: Sequence[NDArray[np.float64]], row: int) -> NDArray[np.float64]:
        """Make the next rows: of each group's inputs, its outputs."""


class Still:
    """Weights that are the same in each row."""

    section = 0

    def __init__(self, rows: Rows) -> None:
        self.starts, before, behind = rows.places(0, drift=0)
        distances = sinc_medium.distances(before, np.rint(behind), rows.width, rows.scale)
        self._weights = sinc_medium.weights(distances, rows.scale)

    def multiply(self, inputs: Sequence[NDArray[np.float64]], row: int) -> NDArray[np.float64]:
        groups, together, width = self._weights.shape
        rows = len(inputs[0])
        few = min(rows, SMALL // (together * width) or 1)
        whole = rows - rows % few
        found = np.empty((groups, rows, together))
        for each, weights, made in zip(inputs, self._weights, found, strict=True):
            np.matmul(
                each[:whole].reshape(-1, few, each.shape[1])[..., :width],
                weights.T,
                out=made[:whole].reshape(-1, few, together),
            )
            if whole < rows:
                np.matmul(each[whole:, :width], weights.T, out=made[whole:])
        return found


@dataclass(frozen=True)
class Passing:
    """The first weights of a section, and where each passes the points of the library's table."""

    starts: NDArray[np.int64]
    before: NDArray[np.int64]
    behind: NDArray[np.float64]
    """Places of the first row's outputs, as of `Rows.places`."""
    weights: NDArray[np.float64]
    """Of each group's outputs, and how they change over a block."""
    moving: NDArray[np.int64]
    """Which changes change, in the order in which they do."""
    due: NDArray[np.float64]
    """In which block they do, and how much of it is over by then; and again after each phase."""
    points: NDArray[np.int64]
    """That they pass first."""
    bends: NDArray[np.float64]
    """How much a change changes at each point."""


@lru_cache(4)
def _passing(rows: Rows, section: int) -> Passing:
    starts, before, behind = rows.places(section * rows.section, rows.drift * rows.section)
    distances = sinc_medium.distances(before, behind, rows.width, rows.scale)
    if rows.drift < 0:
        distances *= -1  # the filter is symmetric: now all go up the table
    pace = abs(rows.drift) * rows.block / PARTS
    furthest = math.ceil(rows.parts / PARTS) + 2  # that a section goes beyond the table
    table = np.pad(sinc_medium.table(rows.scale), (0, furthest))
    middle = len(table) - 1
    table = np.concatenate([table[:0:-1], table])
    rises = np.diff(table)
    points = np.floor(distances).astype(int)
    distances -= points
    points += middle
    weights = rises.take(points, mode="clip")
    weights = np.stack([table.take(points, mode="clip") + weights * distances, weights * pace])
    due = ((1 - distances) / pace).ravel()
    points = points.ravel()
    moving = np.flatnonzero((points > 0) & (points < len(table) - furthest))
    moving = moving[np.argsort(due[moving])]
    bends = np.diff(rises) * pace
    return Passing(starts, before, behind, weights, moving, due[moving], points[moving], bends)


class Drifting:
    """Weights that change from row to row.

    Between two points of the library's table a weight changes in proportion. So few changes
    change in a block: those of weights that pass a point.
    """

    def __init__(self, rows: Rows, section: int) -> None:
        self.section = section
        self._rows, self._passing = rows, _passing(rows, section)
        self.starts = self._passing.starts
        self._pace = rows.drift * rows.block
        self._weights = self._passing.weights.copy()
        self._block = self._turn = self._next = 0
        self._bend()

    def multiply(self, inputs: Sequence[NDArray[np.float64]], row: int) -> NDArray[np.float64]:
        _, groups, together, width = self._weights.shape
        packed = np.stack([each[:, :width] for each in inputs])
        count = packed.shape[1]
        few = SMALL // (together * width) or 1
        products = np.empty((2, groups, count, together))
        done = 0
        while done < count:
            block, begun = divmod(row + done, self._rows.block)
            if block != self._block:
                self._go_on()
            part = slice(done, done + min(few, self._rows.block - begun))
            np.matmul(packed[:, part], self._weights.swapaxes(2, 3), out=products[:, :, part])
            done = part.stop
        found, changes = products
        changes *= self._passed(row, count)
        found += changes
        return found

    def _passed(self, row: int, count: int) -> NDArray[np.float64]:
        """How far each output is on the way from its block's weights to those of the next.

        The library rounds each place to a part of a phase.
        """
        passing, parts = self._passing, self._rows.parts
        numbers = np.arange(row, row + count)[:, None]
        behind = (passing.before * parts + passing.behind)[:, None] + numbers * self._rows.drift
        before = np.floor(behind / parts)
        behind -= before * parts
        np.rint(behind, out=behind)
        before *= round(parts)
        behind += before
        behind -= (passing.before * round(parts) + passing.behind)[:, None]
        behind /= self._pace
        behind -= numbers // self._rows.block
        return behind

    def _go_on(self) -> None:
        """Move the weights to the next block."""
        weights, changes = self._weights
        weights += changes
        changes.reshape(-1)[self._bent] += self._rest
        self._block += 1
        self._bend()

    def _bend(self) -> None:
        """Change the changes of weights that pass a point in this block, to be right at its end."""
        passing, changes = self._passing, self._weights[1].reshape(-1)
        bent, rest = [], []
        while True:
            end = self._block + 1 - self._turn * PARTS / abs(self._pace)
            part = slice(self._next, int(np.searchsorted(passing.due, end)))
            bends = passing.bends[self._turn :].take(passing.points[part])
            now = bends * (end - passing.due[part])
            changes[passing.moving[part]] += now
            bent.append(passing.moving[part])
            rest.append(bends - now)
            self._next = part.stop
            if self._next < len(passing.moving):
                break
            self._turn, self._next = self._turn + 1, 0
        self._bent, self._rest = np.concatenate(bent), np.concatenate(rest)
