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

if TYPE_CHECKING:
    from numpy.typing import NDArray

FURTHEST = 256
"""Ratio of two sample rates, beyond which libsamplerate does not go."""

LONGEST = 4096
"""Samples of the faster rate after which the distances must repeat to be worth a table."""

SLIGHT = 0.0001
"""Drift in samples of the slower rate, over which the weights change in proportion."""

MOST = 1 << 12
"""Rows in a block."""

TOGETHER = 32
"""Neighbouring outputs that are made of the same inputs, most of which weigh in each."""

SMALL = 1 << 18
"""Multiplications of a product that OpenBLAS leaves to one thread."""

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
        self._width = 2 * self._half + math.ceil(together / self._ratio) + 2
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
        self._outputs, self._inputs = (periods * each for each in period.as_integer_ratio())
        self._needed += 2 * self._inputs
        groups = math.ceil(self._outputs / TOGETHER)
        self._numbers = np.arange(groups * math.ceil(self._outputs / groups)).reshape(groups, -1)
        together = self._numbers.shape[1]
        drift = self._outputs / self._ratio - self._inputs  # of a row from the one before
        most = min(MOST, int(SLIGHT / self._scale / abs(drift)) or 1) if drift else MOST
        columns = together * (2 if drift else 1)
        self._few = most // math.ceil(most * columns * self._width / SMALL) or 1
        self._rows = most // self._few * self._few
        self._drift = self._rows * drift
        self._weights = np.empty((groups, columns, self._width))
        self._starts = np.zeros(groups, int)
        self._block = -1

    def _ready(self) -> NDArray[np.float64]:
        block, row = divmod(self._given // self._outputs, self._rows)
        if block != self._block:
            self._begin(block)
        starts = self._starts + row * self._inputs - self._first
        rows = min(self._rows - row, (len(self._held) - int(starts[-1])) // self._inputs)
        if rows <= 0:
            return np.empty(0)
        few = min(rows, self._few)
        rows -= rows % few
        groups, columns, _ = self._weights.shape
        products = np.empty((groups, rows // few, few, columns))
        for start, weights, product in zip(starts.tolist(), self._weights, products, strict=True):
            inputs = self._held[start : start + rows * self._inputs].reshape(-1, few, self._inputs)
            np.matmul(inputs[..., : self._width], weights.T, out=product)
        table = products.reshape(groups, rows, -1).swapaxes(0, 1)
        together = self._numbers.shape[1]
        found = table[..., :together].reshape(rows, -1)[:, : self._outputs]
        if self._drift:
            changes = table[..., together:].reshape(rows, -1)[:, : self._outputs]
            found = found + self._passed(row, rows) * changes
        return found.ravel()

    def _passed(self, row: int, rows: int) -> NDArray[np.float64]:
        """How far each output is on the way from this block's weights to those of the next.

        Each row is a little further, and the library rounds each place to a part of a phase.
        """
        outputs = np.arange(self._given, self._given + rows * self._outputs)
        places = (outputs / self._ratio).reshape(rows, -1)
        places -= np.floor(places)
        places *= self._scale * sinc_medium.PHASES * sinc_medium.PARTS
        passed = np.rint(places)
        passed -= places
        passed /= self._scale * sinc_medium.PHASES * sinc_medium.PARTS * self._drift
        passed += np.arange(row, row + rows)[:, None] / self._rows
        return passed

    def _begin(self, block: int) -> None:
        """Weigh the inputs of the block's first row, and how that changes until the next block."""
        places = (block * self._rows * self._outputs + self._numbers) / self._ratio
        starts = np.floor(places[:, 0]).astype(int) - self._half
        places -= starts[:, None]
        weights, change = np.split(self._weights, [self._numbers.shape[1]], axis=1)
        if not np.array_equal(starts, self._starts + self._rows * self._inputs):
            weights[:] = self._weigh(places)
        elif self._drift:
            weights += change
        if self._drift:
            np.subtract(self._weigh(places + self._drift), weights, out=change)
        self._block, self._starts = block, starts

    def _weigh(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        rounded = not self._drift
        return sinc_medium.weights(places, self._width, self._scale, rounded=rounded)


class Aperiodic(SincMedium):
    """Any other rates: each output has its own inputs and weights."""

    def __init__(self, origin: float, target: float) -> None:
        super().__init__(origin, target, together=0)
        self._most = max(1, AT_ONCE // self._width)

    def _ready(self) -> NDArray[np.float64]:
        places = np.arange(self._given, self._given + self._most) / self._ratio
        starts = np.floor(places).astype(int) - self._half
        ready = np.searchsorted(starts, self._first + len(self._held) - self._width, "right")
        if not ready:
            return np.empty(0)
        inputs = sliding_window_view(self._held, self._width)[starts[:ready] - self._first]
        weights = sinc_medium.weights(
            (places - starts)[:ready], self._width, self._scale, rounded=True
        )
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
