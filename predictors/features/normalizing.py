"""Clips brought to mean 0 and peak 1, which both are known only at their end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catalog.storage import ELSEWHERE, storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

IN_MEMORY = 1 << 26
"""Bytes of a clip in memory, 12 minutes at 22050 Hz; a file holds a longer one."""
BLOCK = 1 << 20
"""Samples that are given at once."""
SILENCE = np.float32(0.005)
"""Is added to the peak, so that silence stays silent."""


class Clip:
    """A clip that is normalised when all of it was heard, in memory that does not grow with it."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile

        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed at the end)
        self._count = 0
        self._sum = 0.0
        self._lowest = np.float32(np.inf)
        self._highest = np.float32(-np.inf)

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples."""
        if not len(samples):
            return
        self._count += len(samples)
        self._sum += float(samples.sum(dtype=np.float64))
        self._lowest = min(self._lowest, samples.min())
        self._highest = max(self._highest, samples.max())
        with storage_errors(Path("The folder for temporary files"), ELSEWHERE):
            self._file.write(samples.tobytes())

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """Give the clip with mean 0 and peak 1, in blocks; it is forgotten then.

        Raises
        ------
        StorageError
            There is no room for a long clip.
        """
        with self._file as file:
            mean = np.float32(self._sum / max(self._count, 1))
            peak = max(self._highest - mean, mean - self._lowest) + SILENCE
            file.seek(0)
            while data := file.read(BLOCK * np.dtype(np.float32).itemsize):
                yield (np.frombuffer(data, np.float32) - mean) / peak
