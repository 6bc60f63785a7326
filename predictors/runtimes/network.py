"""A network that is compiled by a runtime and fed in batches."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from catalog.workers import available_cores
from predictors.runtimes import notes, openvino_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from predictors.runtimes.engines import Runtime
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import Infer

BATCH_VALUES = 1 << 16
"""Input values in a batch. Longer batches are no faster and need more memory."""
ALONE = 1 << 14
"""The same for each thread: few are as busy with short batches, which let them go sooner, as what
fills the last one up is computed in vain.
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
        self.batch = fixed or batch or usual_batch(patch)
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
        count = max(self.batch, min(2, longest_batch(patch)))
        if count < 2:
            return True
        shape = (count, *patch)

        def infer() -> Infer:
            run = self._run if count == self.batch else self._compile(shape)
            return lambda fed: run(fed[0])

        return independent_rows(proof_of_rows(self._graph, patch), infer, [shape])


def usual_batch(patch: tuple[int, ...]) -> int:
    """How many patches are best run at once."""
    values = min(BATCH_VALUES, ALONE * (openvino_engine.threads or available_cores()))
    return max(1, values // int(np.prod(patch)))


def longest_batch(patch: tuple[int, ...]) -> int:
    """How many may be run at once: as many are best where they share frames."""
    return max(1, BATCH_VALUES // int(np.prod(patch)))


def proof_of_rows(graph: PrunedGraph, patch: tuple[int, ...]) -> str:
    """The note that each row of a batch is computed alone; see `independent_rows`."""
    return graph.key("independent rows", patch)


def independent_rows(
    note: str, compiled: Callable[[], Infer], shapes: Sequence[tuple[int, ...]]
) -> bool:
    """Tell by a trial whether each row of a batch is computed alone, whatever is beside it.

    Parameters
    ----------
    note : str
        Made where it is so: it is not tried again.
    compiled : callable
        Gives what computes arrays from arrays.
    shapes : sequence of tuple of int
        Of the arrays that it reads, with two rows or more.
    """
    if notes.is_made(note):
        return True
    infer, random = compiled(), np.random.default_rng(0)
    fed = [random.random(shape, np.float32) for shape in shapes]
    first = infer(fed)
    for each in fed:
        each[0] = 0
    independent = all(
        len(one) == len(other) == len(fed[0])
        and np.allclose(one[1:], other[1:], rtol=1e-4, atol=1e-5, equal_nan=True)
        for one, other in zip(first, infer(fed), strict=True)
    )
    if independent:
        notes.make(note)
    return independent


def _batch_first(output: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Bring an output with the time first into the order of the others."""
    if len(output) != count and output.ndim > 1 and output.shape[1] == count:
        return output.swapaxes(0, 1)
    return output
