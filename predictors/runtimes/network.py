"""A model's graph, pruned to what is asked of it and fed in batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError
from predictors.runtimes import engines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Record
    from predictors.runtimes.engines import Runtime

BATCH_VALUES = 1 << 16
"""Input values in a batch. Longer batches are no faster and need more memory."""
ALONE = 1 << 14
"""The same for a single thread, which short batches keep as busy, and which they let go sooner:
what fills the last one up is computed in vain.
"""


def read(path: Path) -> Any:
    """Read a frozen graph, or a TensorFlow.js model as TensorFlow has it."""
    from freeze.formats import graphdef, tfjs

    return tfjs.read(path) if tfjs.is_tfjs(path) else graphdef.read(path)


@dataclass(frozen=True)
class Graph:
    """A graph that is ready to run.

    Attributes
    ----------
    definition : GraphDef or Path
        Pruned to the outputs; or an ONNX model, whole.
    input : str
        Its only placeholder.
    shape : tuple of int
        Of the placeholder; -1 for any size.
    outputs : tuple of str
        Nodes, with ``:index`` where it is not 0.
    """

    definition: Any
    input: str
    shape: tuple[int, ...]
    outputs: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, record: Record, outputs: tuple[str, ...]) -> Graph:
        """Read a graph and keep what the outputs need of the network itself.

        Raises
        ------
        UsageError
            The outputs need more inputs than one; or an ONNX model reads audio.
        """
        from freeze.formats import graphdef, onnx
        from freeze.graph.prune import prune

        definition: Any
        if path.suffix == ".onnx":
            definition, graph = path, onnx.read(path).graph
            tensors = graphdef.by_name(graph)
            for name in outputs:
                graphdef.find(tensors, f"{name}:0" if f"{name}:0" in tensors else name)
        else:
            whole = read(path)
            _leave_frontend(whole, record)
            definition = graph = prune(whole, outputs, record.training_flags)
        inputs = [node for node in graph.node if node.op == "Placeholder"]
        if len(inputs) != 1:
            raise UsageError(
                f"{record.id} cannot be run.",
                why=f"It has {len(inputs)} inputs: {', '.join(node.name for node in inputs)}.",
                hint=f"See: zoo inspect {path}",
            )
        shape = tuple(axis.size for axis in inputs[0].attr["shape"].shape.dim)
        if path.suffix == ".onnx" and len(shape) == 1:
            raise UsageError(
                f"{path} cannot be run here.",
                why="It reads audio, and the front-end of an ONNX model cannot be left out.",
                hint="Use it without: zoo export NAME --to onnx",
            )
        return cls(definition, inputs[0].name, shape, outputs)


def _leave_frontend(graph: Any, record: Record) -> None:
    """Cut an export where the record's inputs are, if nodes of a front-end lead to them."""
    from freeze.formats import graphdef
    from freeze.graph.cut import cut

    nodes = graphdef.by_name(graph)
    for layer in record.inputs:
        name = next((n for n in (f"network/{layer.name}", layer.name) if n in nodes), None)
        if name and nodes[name].op != "Placeholder":  # a default would be taken for a constant
            cut(graph, [name])


class Network:
    """A graph in a runtime, fed in batches.

    Parameters
    ----------
    graph : Graph
    patch : tuple of int
        Shape of one patch.
    runtime : Runtime
    batch : int, optional
        Patches run at once, where the graph leaves it open.
    """

    def __init__(
        self, graph: Graph, patch: tuple[int, ...], runtime: Runtime, batch: int | None = None
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
