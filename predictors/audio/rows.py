"""Outputs in rows: the weights of their inputs, and the products of both."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from predictors.audio import sinc_medium
from predictors.audio.sinc_medium import PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SLIGHT = 0.04
"""Drift in phases, over which weights change in proportion."""

LASTING = 1 << 10
"""Blocks after which weights are made anew, as each step rounds: by then to 2e-9 of an output."""

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
        return min(int(self.parts / abs(self.drift * self.block)) or 1, LASTING) * self.block

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
