"""What is done to a row of features before a classifier reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.graph.nodes import Nodes


@dataclass(frozen=True)
class Scaling:
    """Multiply each dimension by a number and add another, rounding twice to float32.

    Attributes
    ----------
    scale, offset : np.ndarray [shape=(width,)]
    clipping : bool
        Whether the result is kept within 0 and 1.
    """

    scale: NDArray[Any]
    offset: NDArray[Any]
    clipping: bool = False

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Scale rows [shape=(count, width)]."""
        scale, offset = (np.asarray(each, np.float32) for each in (self.scale, self.offset))
        scaled = np.asarray(rows, np.float32) * scale + offset
        return np.clip(scaled, 0, 1, dtype=np.float32) if self.clipping else scaled

    def build(self, rows: str, nodes: Nodes) -> str:
        """Add the nodes that do the same; return the last one's name."""
        scaled = nodes.add("Mul", rows, nodes.constant(np.asarray(self.scale, float)))
        scaled = nodes.add("AddV2", scaled, nodes.constant(np.asarray(self.offset, float)))
        if self.clipping:
            scaled = nodes.add("Minimum", scaled, nodes.constant(1.0))
            scaled = nodes.add("Maximum", scaled, nodes.constant(0.0))
        return scaled


@dataclass(frozen=True)
class Gaussianising:
    """Give dimensions a normal distribution of variance 1/2, by ranks among samples.

    Attributes
    ----------
    samples : np.ndarray [shape=(count, dimensions)]
        Of at least two points, sorted in each dimension.
    chosen : np.ndarray of bool [shape=(width,)]
        The dimensions of a row that they are of; the others stay as they are.
    """

    samples: NDArray[Any]
    chosen: NDArray[np.bool_]

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Gaussianise rows [shape=(count, width)]."""
        done = np.array(rows, np.float32)
        table = quantiles(len(self.samples))
        samples = np.asarray(self.samples, np.float32)
        for column, known in zip(np.flatnonzero(self.chosen), samples.T, strict=True):
            done[:, column] = table[np.searchsorted(known, done[:, column], side="right")]
        return done

    def build(self, rows: str, nodes: Nodes) -> str:
        """Add the nodes that do the same; return the last one's name."""
        columns, width = np.flatnonzero(self.chosen), len(self.chosen)
        taken = nodes.gather(rows, nodes.constant(columns), 1)
        each = nodes.reshape(taken, -1, 1, len(columns))
        samples = nodes.constant(np.asarray(self.samples, float))
        above = nodes.number(nodes.add("Less", each, samples))
        counts = nodes.add("Sum", above, nodes.constant(np.array([1])), keep_dims=False)
        table = nodes.constant(quantiles(len(self.samples))[::-1])
        done = nodes.gather(table, nodes.whole(counts), 0)
        order = np.arange(width)
        order[columns] = width + np.arange(len(columns))
        return nodes.gather(nodes.concatenate([rows, done], 1), nodes.constant(order), 1)


Step = Scaling | Gaussianising


def quantiles(count: int) -> NDArray[np.float32]:
    """What a value becomes by its rank, the number of samples that it reaches.

    Gaia's rule: the inverse error function of ``2 share - 1`` in float64, where the share,
    ``rank / count``, is one of float32, and ranks are kept so far inside that none is infinite.

    Parameters
    ----------
    count : int
        How many samples there are, at least two.

    Returns
    -------
    np.ndarray [shape=(count + 1,)]
    """
    outside = int(0.00001 * count)
    ranks = np.clip(np.arange(count + 1), max(outside, 1), count - max(outside, 1))
    shares = (ranks.astype(np.float32) / np.float32(count)).tolist()
    normal = NormalDist(sigma=0.5**0.5)
    return np.array([normal.inv_cdf(share) for share in shares], np.float32)


def applied(steps: Sequence[Step], rows: NDArray[Any]) -> NDArray[np.float32]:
    """Rows [shape=(count, width)] after all steps."""
    done = np.asarray(rows, np.float32)
    for step in steps:
        done = step(done)
    return done


def ranks_first(steps: Sequence[Step]) -> list[Step]:
    """The same steps, those that gaussianise before those that scale, where that can be.

    A runtime that rounds a scaled value once, and not twice, may put it on the other side of a
    sample, which is a leap. Between an unscaled value and what a sample is before scaling, there
    is nothing to round.

    Parameters
    ----------
    steps : sequence of Step

    Returns
    -------
    list of Step
    """
    done = list(steps)
    for place, (first, second) in enumerate(pairwise(steps)):
        if not isinstance(first, Scaling) or not isinstance(second, Gaussianising):
            continue
        scale, offset = (np.array(each, np.float32) for each in (first.scale, first.offset))
        if first.clipping or not (scale[second.chosen] > 0).all():
            continue
        own = Scaling(scale[second.chosen], offset[second.chosen])
        scale[second.chosen], offset[second.chosen] = 1, 0
        done[place : place + 2] = [
            Gaussianising(_unscaled(own, second.samples), second.chosen),
            Scaling(scale, offset),
        ]
    return done


def _unscaled(scaling: Scaling, samples: NDArray[Any]) -> NDArray[np.float32]:
    """The least values that, scaled, reach samples [shape=(count, dimensions)]; by bisection."""
    samples = np.asarray(samples, np.float32)
    low = np.full(samples.shape, _ordered(np.float32(-np.inf)))
    high = np.full(samples.shape, _ordered(np.float32(np.inf)))
    with np.errstate(over="ignore"):
        while (high - low > 1).any():
            middle = (low + high) // 2
            reached = scaling(_float(middle)) >= samples
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return _float(high)


def _ordered(values: Any) -> NDArray[np.int64]:
    """Numbers of float32 as whole numbers in the same order."""
    bits = np.asarray(values, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, np.int64(-(2**31)) - bits, bits)


def _float(ordered: NDArray[np.int64]) -> NDArray[np.float32]:
    """The reverse of `_ordered`."""
    bits = np.where(ordered < 0, np.int64(-(2**31)) - ordered, ordered)
    return bits.astype(np.int32).view(np.float32)
