"""Do two networks compute the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import IntegrityError, ParityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-5
"""Of a layer's largest value: what two runtimes may differ by on the same graph."""

BATCH = 2
LENGTHS = (256, 16000, 128, 96, 64, 32)
"""Sizes to try for other axes that may have any size; some networks need a certain one."""

LARGEST_INPUT = 1 << 26
"""Values; a batch of the largest known input has a few million."""


@dataclass(frozen=True)
class Difference:
    """How far a layer of one network is from the same layer of another.

    Attributes
    ----------
    layer : str
    max_abs : float
        The largest difference; infinite where shapes, or what is finite, differ.
    scale : float
        The largest absolute value of the reference.
    """

    layer: str
    max_abs: float
    scale: float

    def within(self, tolerance: float) -> bool:
        return self.max_abs <= tolerance * self.scale


def random_input(dtype: str, shape: Sequence[int | None], length: int = LENGTHS[0]) -> NDArray[Any]:
    """Make an input for a network, the same every time.

    Parameters
    ----------
    dtype : str
        TensorFlow's name.
    shape : sequence of (int or None)
        None for an axis of any size: the first one is the batch.
    length : int
        For the other axes of any size.

    Returns
    -------
    numpy.ndarray
        Within 0 and 1, so that a logarithm or a root in the network stays finite; zeros
        and ones for integers, False for booleans.

    Raises
    ------
    IntegrityError
        No such input can be: an axis is shorter than nothing, or all of it would be huge.
    """
    sizes = list(shape)
    if sizes and sizes[0] is None:
        sizes[0] = BATCH
    filled = [length if size is None else size for size in sizes]
    if min(filled, default=0) < 0 or prod(filled) > LARGEST_INPUT:
        raise IntegrityError(f"No network can be fed an input of shape {[*shape]}.")
    if dtype == "bool":
        return np.zeros(filled, bool)
    values = np.random.default_rng(0).random(filled, np.float32)
    return np.asarray(values.round() if "int" in dtype else values).astype(dtype)


def compare(
    reference: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]]
) -> list[Difference]:
    """Compare the layers of two networks, by name.

    Values that are not finite must be the same in both.
    """
    return [_difference(layer, values, found[layer]) for layer, values in reference.items()]


def _difference(layer: str, reference: NDArray[Any], found: NDArray[Any]) -> Difference:
    if reference.shape != found.shape or not reference.size:
        return Difference(layer, float("inf"), 1.0)
    here, there = reference.astype(np.float64), found.astype(np.float64)
    finite = np.isfinite(here)
    if not finite.any() or not np.array_equal(here[~finite], there[~finite], equal_nan=True):
        return Difference(layer, float("inf"), 1.0)
    largest = float(np.abs(here[finite]).max())
    with np.errstate(invalid="ignore"):
        difference = float(np.abs(here[finite] - there[finite]).max())
    return Difference(layer, difference if np.isfinite(difference) else float("inf"), largest)


def require(differences: Iterable[Difference], what: str, tolerance: float = TOLERANCE) -> None:
    """Refuse networks that do not agree.

    Parameters
    ----------
    differences : iterable of Difference
    what : str
        The network that was made, for the message.
    tolerance : float
        Of each layer's scale.

    Raises
    ------
    ParityError
    """
    wrong = [each for each in differences if not each.within(tolerance)]
    if wrong:
        told = (
            f"{d.layer} differs by {d.max_abs:.2g} where its values reach {d.scale:.2g}"
            for d in wrong
        )
        raise ParityError(
            f"{what} does not compute what the original computes, and was not kept.",
            why="; ".join(told),
        )
