"""Weights that change from row to row, as the ratio of the rates is a float32."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from predictors.audio import sinc_medium
from predictors.audio.rows import SMALL
from predictors.audio.sinc_medium import PARTS, PHASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from predictors.audio.rows import Rows

AHEAD = 16
"""Blocks after which weights are brought up to date."""


@dataclass(frozen=True)
class Lines:
    """The first weights of a section, in lines that pass points of the library's table together.

    A line are the weights of an output where the outputs are faster, else those of an input.
    Neighbours in it are a sample of the slower rate apart, which are `PHASES` points.
    """

    starts: NDArray[np.int64]
    behind: NDArray[np.float64]
    """Where the first row's outputs lie, as of `Rows.places`."""
    weights: NDArray[np.float64]
    """[groups, lines, weights]"""
    changes: NDArray[np.float32]
    """Of the weights, over a block."""
    order: NDArray[np.int64]
    """Lines of all groups, as they pass points."""
    due: NDArray[np.float64]
    """In which block they do, and how much of it is over by then; and again after each phase."""
    each_due: NDArray[np.float32]
    """The same for each weight, which the library's rounding moves a little."""
    points: NDArray[np.int64]
    """That the first weight of each line passes first."""
    bends: NDArray[np.float32]
    """How much the changes of a line change: [point of a sample, sample of the first, weights]"""
    last: int
    """Sample from which these are counted back; 0 where they are not."""


@lru_cache(4)
def _lines(rows: Rows, section: int) -> Lines:
    starts, before, behind = rows.places(section * rows.section, rows.drift * rows.section)
    distances = sinc_medium.distances(before, behind, rows.width, rows.scale)
    step = -PHASES
    if rows.scale < 1:
        distances, step = distances.swapaxes(1, 2), PHASES
    if rows.drift < 0:  # the filter is symmetric: now all go up the table
        distances, step = -distances, -step
    steps = step * np.arange(distances.shape[2])
    points = np.floor(np.mean(distances - steps, axis=2)).astype(np.int64)[..., None] + steps
    lowest = int(points.min())
    samples = math.ceil((int(points.max()) - lowest + rows.parts / PARTS + 2) / PHASES)
    grid = np.arange(lowest, lowest + samples * PHASES + 2)
    table = sinc_medium.table(rows.scale).take(abs(grid), mode="clip")
    rises = np.diff(table)
    distances -= points
    points -= lowest
    pace = abs(rows.drift) * rows.block / PARTS
    bends = np.diff(rises * pace).astype(np.float32).reshape(samples, PHASES).T[:, :: np.sign(step)]
    each_due = ((1 - distances) / pace).reshape(-1, len(steps))
    due = each_due.mean(axis=1)
    order = np.argsort(due)
    return Lines(
        starts,
        behind,
        weights=table.take(points) + rises.take(points) * distances,
        changes=(rises.take(points) * pace).astype(np.float32),
        order=order,
        due=due[order],
        each_due=each_due[order].astype(np.float32),
        points=points[..., 0].ravel()[order],
        bends=sliding_window_view(np.ascontiguousarray(bends), len(steps), axis=1),
        last=samples - 1 if step < 0 else 0,
    )


def _bends(
    lines: Lines, phase: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]]:
    """Tell for each block which lines change otherwise, and what that makes of them.

    A point counts as passed at the end of a block that is nearest.

    Parameters
    ----------
    lines : Lines
    phase : float
        In blocks, from point to point.

    Yields
    ------
    tuple
        Lines, what is added to their changes, and to their weights as of the last time when all
        were brought up to date.
    """
    number = len(lines.order)
    enough = np.arange(math.ceil((AHEAD + 1) / phase) * number)
    passed = 0
    for block in count(step=AHEAD):
        turns, which = np.divmod(passed + enough, number)
        due = lines.due[which] + turns * phase
        until = np.searchsorted(due, np.arange(block, block + AHEAD) + 0.5)
        passed += until[-1]
        turns, which = turns[: until[-1]], which[: until[-1]]
        samples, points = np.divmod(lines.points[which] + turns, PHASES)
        bends = lines.bends[points, abs(lines.last - samples)]
        since = (block - turns * phase).astype(np.float32)[:, None] - lines.each_due[which]
        since *= bends
        order = lines.order[which]
        for each in map(slice, [0, *until], until):
            yield order[each], bends[each], since[each]


class Drifting:
    """Weights that change from row to row.

    Between two points of the library's table a weight changes in proportion. So few changes
    change in a block: those of lines that pass a point.
    """

    def __init__(self, rows: Rows, section: int) -> None:
        self.section = section
        self._rows, self._lines = rows, _lines(rows, section)
        self.starts = self._lines.starts
        self._pace = rows.drift * rows.block
        self._weights = self._lines.weights.copy()
        self._changes = self._lines.changes.copy()
        self._bends = _bends(self._lines, phase=PARTS / abs(self._pace))
        self._block = 0
        self._bend()

    def multiply(self, inputs: Sequence[NDArray[np.float64]], row: int) -> NDArray[np.float64]:
        rows = self._rows
        packed = np.stack([each[:, : rows.width] for each in inputs])
        light = packed.astype(np.float32)  # is enough for small changes
        weights, changes = self._weights, self._changes
        if rows.scale == 1:
            weights, changes = weights.swapaxes(1, 2), changes.swapaxes(1, 2)
        total = packed.shape[1]
        few = SMALL // (rows.together * rows.width) or 1
        found = np.empty((rows.groups, total, rows.together))
        changed = np.empty(found.shape, np.float32)
        done = 0
        while done < total:
            block, begun = divmod(row + done, rows.block)
            if block != self._block:
                self._go_on()
            part = slice(done, done + min(few, rows.block - begun))
            np.matmul(packed[:, part], weights, out=found[:, part])
            np.matmul(light[:, part], changes, out=changed[:, part])
            done = part.stop
        changed *= self._passed(row, total)
        found += changed
        return found

    def _passed(self, row: int, count: int) -> NDArray[np.float32]:
        """How many blocks each output lies beyond its weights.

        The library rounds each place to a part of a phase.
        """
        rows = self._rows
        numbers = np.arange(row, row + count)[:, None]
        places = self._lines.behind[:, None] + numbers * rows.drift
        rounded = places
        if shift := round(rows.parts) - rows.parts:  # the library counts from the input before
            over = places >= rows.parts if rows.drift > 0 else places < 0
            if over[:, -1].any():
                rounded = places + over * (shift if rows.drift > 0 else -shift)
        rounded = np.rint(rounded)
        rounded -= places
        passed = np.empty(places.shape, np.float32)
        np.multiply(rounded, 1 / self._pace, out=passed, casting="same_kind")
        passed += (numbers % (AHEAD * rows.block) / rows.block).astype(np.float32)
        return passed

    def _go_on(self) -> None:
        """Go on to the next block."""
        self._block += 1
        if not self._block % AHEAD:
            self._weights += AHEAD * self._changes
        self._bend()

    def _bend(self) -> None:
        """Change the changes of lines that pass a point."""
        which, bends, since = next(self._bends)
        across = bends.shape[1]
        self._changes.reshape(-1, across)[which] += bends
        self._weights.reshape(-1, across)[which] += since
