"""Embeddings of many files: the rows of each file stand together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Embeddings of many files, a row a patch.

    Attributes
    ----------
    rows : numpy.ndarray [shape=(rows, width), dtype=float32]
    counts : numpy.ndarray [shape=(files,), dtype=int64]
        How many rows each file has, in order.
    """

    rows: NDArray[np.float32]
    counts: NDArray[np.int64]

    @classmethod
    def joined(cls, files: Sequence[NDArray[np.float32]]) -> Embeddings:
        """Put those of single files together [each of shape=(rows, width)]."""
        return cls(np.concatenate(files), np.array([len(each) for each in files]))

    @property
    def width(self) -> int:
        return int(self.rows.shape[1])

    @property
    def file(self) -> NDArray[np.int64]:
        """The number of the file of each row [shape=(rows,)]."""
        return np.arange(len(self.counts)).repeat(self.counts)

    @property
    def constant(self) -> NDArray[np.int64]:
        """The dimensions whose value never changes."""
        return np.flatnonzero(np.ptp(self.rows, axis=0) == 0)

    @property
    def digest(self) -> str:
        """SHA-256 of all values."""
        found = hashlib.sha256(self.counts.astype("<i8").tobytes())
        found.update(np.ascontiguousarray(self.rows, "<f4").data)
        return found.hexdigest()

    def means(self) -> Embeddings:
        """One row a file: the mean of its rows."""
        return Embeddings(self.mean_of(self.rows), np.ones_like(self.counts))

    def mean_of(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of values of each row [shape=(rows, n)], the mean over each file [shape=(files, n)]."""
        starts = np.cumsum(self.counts) - self.counts
        sums: NDArray[np.float32] = np.add.reduceat(values, starts, axis=0)
        return (sums / self.counts[:, None]).astype(np.float32)

    def of(self, files: NDArray[np.bool_]) -> Embeddings:
        """Those of some files."""
        return Embeddings(self.rows[files.repeat(self.counts)], self.counts[files])
