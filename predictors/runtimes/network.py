"""A network that is compiled by a runtime and fed in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from predictors.runtimes import engines

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
    """

    def __init__(
        self, graph: PrunedGraph, patch: tuple[int, ...], runtime: Runtime, batch: int | None = None
    ) -> None:
        fixed = graph.shape[0] if graph.shape and graph.shape[0] > 0 else None
        values = ALONE if engines.threads == 1 else BATCH_VALUES
        self.batch = fixed or batch or max(1, values // int(np.prod(patch)))
        self._run = runtime(graph, (self.batch, *patch))

    def __call__(self, patches: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run all patches.

        Batches have one size, the last one is filled with zeros: compiling the network for
        another size would take longer.

        Parameters
        ----------
        patches : numpy.ndarray [shape=(patches, ...), dtype=float32]
            At least one.

        Returns
        -------
        list of numpy.ndarray [shape=(patches, ...), dtype=float32]
            One for each of the graph's outputs.
        """
        batch = np.zeros((self.batch, *patches.shape[1:]), np.float32)
        runs = []
        for start in range(0, len(patches), self.batch):
            part = patches[start : start + self.batch]
            batch[: len(part)] = part
            runs.append([output[: len(part)].copy() for output in self._run(batch)])
        return [np.concatenate(parts) for parts in zip(*runs, strict=True)]
