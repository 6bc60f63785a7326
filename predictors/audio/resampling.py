"""Resampling in blocks: the samples are the same however the signal is divided."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from catalog.errors import AudioError
from predictors.audio import sinc_medium
from predictors.audio.drifting import Drifting
from predictors.audio.rows import Rows, Still, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

FURTHEST = 256
"""Ratio of two sample rates, beyond which libsamplerate does not go."""

LONGEST = 4096
"""Samples of the faster rate after which the distances must repeat to be worth a table."""

MOST = 1 << 15
"""Outputs that are made at once: few enough to stay in a processor's cache meanwhile."""

TOGETHER = 32
"""Neighbouring outputs that are made of the same inputs, most of which weigh in each."""

AT_ONCE = 1 << 17
"""Weights that are computed at once where none can be used again."""


class Resampling(Protocol):
    """A mono signal on its way from one sample rate to another."""

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; return those that are ready."""

    def finish(self) -> NDArray[np.float32]:
        """Return what was held back until the end of the signal."""


class Unchanged:
    """A signal that has the wanted rate already."""

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        return block

    def finish(self) -> NDArray[np.float32]:
        return np.empty(0, np.float32)


class SincMedium(ABC):
    """libsamplerate's medium sinc, as Essentia's MonoLoader uses it.

    Output ``n`` lies at input ``n / ratio``, and is a sum of the inputs around, each weighed by
    its distance. The ratio is a float32, as the peer has it.

    Parameters
    ----------
    origin, target : float
        Sample rates in hertz.
    together : int
        How many outputs are made of the same inputs.
    """

    def __init__(self, origin: float, target: float, together: int) -> None:
        self._ratio = float(np.float32(target) / np.float32(origin))
        self._scale = min(1.0, self._ratio)
        self._half = sinc_medium.reach(self._scale)
        self._width = 2 * self._half + math.ceil(together / self._ratio) + 3
        self._needed = self._width  # inputs behind an output: enough to make it
        self._taken = self._given = 0
        self._first = -self._half - 1  # of the inputs that are held
        self._held = np.zeros(-self._first)

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        self._taken += len(block)
        return self._push(block)

    def finish(self) -> NDArray[np.float32]:
        length = math.ceil(self._taken * self._ratio) - 1  # the peer drops the sample at the end
        missing = max(0, length - self._given)
        return self._push(np.zeros(self._needed, np.float32))[:missing]

    def _push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self._held = np.concatenate([self._held, samples])
        parts = [np.empty(0)]
        while len(part := self._ready()):
            parts.append(part)
            self._given += len(part)
        passed = math.floor(self._given / self._ratio) - self._half - 1 - self._first
        self._held, self._first = self._held[passed:].copy(), self._first + passed
        return np.concatenate(parts).astype(np.float32)

    @abstractmethod
    def _ready(self) -> NDArray[np.float64]:
        """The next outputs for which enough is held; none at last."""


class Periodic(SincMedium):
    """Rates whose distances repeat every few outputs: products of matrices.

    The inputs are rows of a matrix, and the outputs of each row have the same weights. As the
    ratio is a float32, each row lies a little further from its place than the one before; over a
    block the weights change in proportion, and their change is a second product.

    Parameters
    ----------
    origin, target : float
        Sample rates in hertz.
    period : Fraction
        Outputs over inputs, after which the distances repeat.
    """

    def __init__(self, origin: float, target: float, period: Fraction) -> None:
        super().__init__(origin, target, TOGETHER)
        # Rows are as long as what is taken of them: where they overlap, the product copies them.
        periods = max(
            math.ceil(self._width / period.denominator), math.ceil(TOGETHER / period.numerator)
        )
        outputs, inputs = (periods * each for each in period.as_integer_ratio())
        groups = math.ceil(outputs / TOGETHER)
        together = math.ceil(outputs / groups)
        self._needed += 2 * inputs
        self._rows = Rows(self._ratio, outputs, inputs, groups, together, self._width)
        self._weights: Weights = Drifting(self._rows, 0) if self._rows.drift else Still(self._rows)

    def _ready(self) -> NDArray[np.float64]:
        rows = self._rows
        section, row = divmod(self._given // rows.outputs, rows.section)
        if section != self._weights.section:
            self._weights = Drifting(rows, section)
        starts = self._weights.starts + row * rows.inputs - self._first
        held = (len(self._held) - int(starts[-1])) // rows.inputs
        count = min(held, rows.section - row, max(1, MOST // rows.outputs))
        if count <= 0:
            return np.empty(0)
        inputs = [
            self._held[start : start + count * rows.inputs].reshape(count, -1) for start in starts
        ]
        found = self._weights.multiply(inputs, row)
        return found.swapaxes(0, 1).reshape(count, -1)[:, : rows.outputs].ravel()


class Aperiodic(SincMedium):
    """Any other rates: each output has its own inputs and weights."""

    def __init__(self, origin: float, target: float) -> None:
        super().__init__(origin, target, together=0)
        self._most = max(1, AT_ONCE // self._width)

    def _ready(self) -> NDArray[np.float64]:
        numbers = np.arange(self._given, self._given + self._most, dtype=np.int64)
        before, behind = sinc_medium.places(numbers, self._ratio)
        starts = before - self._half
        ready = np.searchsorted(starts, self._first + len(self._held) - self._width, "right")
        if not ready:
            return np.empty(0)
        inputs = sliding_window_view(self._held, self._width)[starts[:ready] - self._first]
        distances = sinc_medium.distances(
            np.full(ready, self._half), np.rint(behind[:ready]), self._width, self._scale
        )
        weights = sinc_medium.weights(distances, self._scale)
        found: NDArray[np.float64] = np.einsum("ow,ow->o", inputs, weights)
        return found


def resampling(origin: float, target: float) -> Resampling:
    """Begin to resample a signal.

    Parameters
    ----------
    origin, target : float
        Sample rates in hertz.

    Raises
    ------
    AudioError
        The rates are too far apart.
    """
    if origin == target:
        return Unchanged()
    if max(origin, target) > FURTHEST * min(origin, target):
        raise AudioError(
            f"Audio at {origin} Hz cannot be resampled to {target} Hz.",
            why=f"A rate can change by a factor of {FURTHEST} at most.",
        )
    period = Fraction(float(target)) / Fraction(float(origin))
    if max(period.as_integer_ratio()) > LONGEST:
        return Aperiodic(origin, target)
    return Periodic(origin, target, period)
