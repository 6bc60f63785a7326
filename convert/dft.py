"""The Fourier transform of windowed frames as two small matrix products.

A transform of length ``A B`` is ``A`` transforms of length ``B``, a product with twiddle
factors, and ``B`` transforms of length ``A`` (Cooley and Tukey, 1965). As matrices they are far
smaller than the one of the whole transform, and need no complex numbers, which TensorFlow.js
lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2
from typing import TYPE_CHECKING

import numpy as np

from predictors.features.analysis import window
from predictors.features.mel import filter_bank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.features.frontends import FrontEnd

LARGEST = 128.0
"""Of a bin's magnitude, so that its square stays finite in half precision, as on phones."""


@dataclass(frozen=True)
class TwoStages:
    """The constants of a front-end's transform.

    Sample ``A b + a`` of a frame, and bin ``k + B l`` of its spectrum. As samples are real,
    ``k`` runs to ``B / 2`` only: every other bin is the conjugate of one of these.

    Attributes
    ----------
    frontend : FrontEnd
    """

    frontend: FrontEnd

    @cached_property
    def columns(self) -> int:
        """``A``: the power of two below the root of the length."""
        return int(2 ** (int(log2(self.frontend.fft)) // 2))

    @property
    def length(self) -> int:
        """``B``."""
        return self.frontend.fft // self.columns

    @property
    def rows(self) -> int:
        """How many ``b`` there are samples for: the others are zeros."""
        return ceil(self.frontend.frame / self.columns)

    @property
    def bins(self) -> int:
        """How many ``k`` there are."""
        return self.length // 2 + 1

    @cached_property
    def scale(self) -> float:
        """A power of two that keeps magnitudes below `LARGEST`."""
        return float(2.0 ** -ceil(log2(window(self.frontend).sum() / LARGEST)))

    @property
    def window(self) -> NDArray[np.float32]:
        """The scaled window [shape=(frame,)]."""
        return window(self.frontend) * np.float32(self.scale)

    @property
    def first(self) -> NDArray[np.float64]:
        """Over ``b``: to real and imaginary parts [shape=(rows, 2 * bins)]."""
        turns = np.outer(np.arange(self.rows), np.arange(self.bins)) / self.length
        return np.concatenate(_cos_sin(turns), axis=1)

    @property
    def twiddle_factors(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Between the stages, real and imaginary [shape=(A, bins)]."""
        turns = np.outer(np.arange(self.columns), np.arange(self.bins)) / self.frontend.fft
        return _cos_sin(turns)

    @property
    def second(self) -> NDArray[np.float64]:
        """Over ``a``, from and to real and imaginary parts [shape=(2 A, 2 A)]."""
        steps = np.arange(self.columns)
        cos, sin = _cos_sin(np.outer(steps, steps) / self.columns)
        return np.block([[cos, sin], [-sin, cos]])

    @property
    def bank(self) -> NDArray[np.float32]:
        """The mel filter bank for bins in the order that they come in [shape=(bins * A, bands)].

        Bins that come twice, as themselves and as their conjugates, count once. The scale
        is taken back, but for what is `left`.
        """
        found = np.arange(self.bins)[:, None] + self.length * np.arange(self.columns)
        found = np.minimum(found, self.frontend.fft - found).ravel()
        weights = filter_bank(self.frontend)[found]
        _, first = np.unique(found, return_index=True)
        weights[np.setdiff1d(np.arange(len(found)), first)] = 0
        return np.asarray(weights * np.float32(self.left / self._scaled))

    @property
    def left(self) -> float:
        """The factor that bands still have.

        A logarithm without a shift can take it back; half precision may not hold its argument
        without.
        """
        rule = self.frontend.compression
        return self._scaled if rule and not rule.shift else 1.0

    @property
    def _scaled(self) -> float:
        """What the scale of the window makes of the spectrum."""
        return self.scale ** (2 if self.frontend.spectrum == "power" else 1)


def _cos_sin(turns: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The parts of ``exp(-2 pi i turns)``."""
    angle = 2 * np.pi * turns
    return np.cos(angle), -np.sin(angle)
