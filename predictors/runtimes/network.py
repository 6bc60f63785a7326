"""A network that is compiled by a runtime and fed in batches."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from predictors.runtimes import engines, notes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.runtimes.engines import Runtime
    from predictors.runtimes.graph import PrunedGraph

BATCH_VALUES = 1 << 16
"""Input values in a batch. Longer batches are no faster and need more memory."""
ALONE = 1 << 14
"""The same for a single thread, which short batches keep as busy, and which they let go sooner:
what fills the last one up is computed in vain.
"""


class CompiledNetwork:
    """A graph in a runtime, fed in batches.

    Parameters
    ----------
    graph : PrunedGraph
    patch : tuple of int
        Shape of one patch.
    runtime : Runtime
    batch : int, optional
        Patches run at once, where the graph leaves it open.
    keeping : Runtime, optional
        Compiles it for batches of the one size that comes again; see `predictors.runtimes.kept`.

    Attributes
    ----------
    batch : int
        Patches run at once; beyond any number where all that there are make one batch.
    """

    def __init__(
        self,
        graph: PrunedGraph,
        patch: tuple[int, ...],
        runtime: Runtime,
        batch: int | None = None,
        keeping: Runtime | None = None,
    ) -> None:
        fixed = graph.shape[0] if graph.shape and graph.shape[0] > 0 else None
        values = ALONE if engines.threads == 1 else BATCH_VALUES
        self.batch = fixed or batch or max(1, values // int(np.prod(patch)))
        self._graph = graph
        self._compile = partial(runtime, graph)
        self._run = (keeping or runtime)(graph, (self.batch, *patch))
        if not (fixed or batch or self._has_independent_rows(patch)):
            self.batch = sys.maxsize

    def __call__(self, patches: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run all patches.

        Batches have one size, the last one is filled with zeros: compiling the network for
        another size would take longer. Only a network whose rows depend on each other is
        compiled for all patches as one batch.

        Parameters
        ----------
        patches : numpy.ndarray [shape=(patches, ...), dtype=float32]
            At least one.

        Returns
        -------
        list of numpy.ndarray [shape=(patches, ...), dtype=float32]
            One for each of the graph's outputs.
        """
        if self.batch == sys.maxsize:
            outputs = self._compile(patches.shape)(np.ascontiguousarray(patches, np.float32))
            return [_batch_first(output, len(patches)) for output in outputs]
        batch = np.zeros((self.batch, *patches.shape[1:]), np.float32)
        runs = []
        for start in range(0, len(patches), self.batch):
            part = patches[start : start + self.batch]
            batch[: len(part)] = part
            runs.append([output[: len(part)] for output in self._run(batch)])
        return [np.concatenate(parts) for parts in zip(*runs, strict=True)]

    def _has_independent_rows(self, patch: tuple[int, ...]) -> bool:
        """Tell by a trial whether each patch has rows of its own, whatever is beside it.

        Patches that are run one by one with any number of threads need none; and one of which
        it was found is not tried again.
        """
        count = max(self.batch, min(2, BATCH_VALUES // int(np.prod(patch))))
        if count < 2:
            return True
        key = self._graph.key("independent rows", patch)
        if notes.is_made(key):
            return True
        run = self._run if count == self.batch else self._compile((count, *patch))
        batch = np.random.default_rng(0).random((count, *patch), np.float32)
        first = run(batch)
        batch[0] = 0
        independent = all(
            len(one) == len(other) == count
            and np.allclose(one[1:], other[1:], rtol=1e-4, atol=1e-5, equal_nan=True)
            for one, other in zip(first, run(batch), strict=True)
        )
        if independent:
            notes.make(key)
        return independent


def _batch_first(output: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Bring an output with the time first into the order of the others."""
    if len(output) != count and output.ndim > 1 and output.shape[1] == count:
        return output.swapaxes(0, 1)
    return output
