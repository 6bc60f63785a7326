"""Exports read back, by other code than wrote them, and run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convert.export_graph import ExportGraph
    from predictors.model import Model
    from zoo.exporting.written import Format

    Outputs = dict[str, NDArray[np.float32]]


def reader(
    exported: ExportGraph, written: Path, kind: Format, model: Model
) -> Callable[[NDArray[np.float32], Sequence[str]], Outputs]:
    """Read an export back, by other code than wrote it, and run it."""
    if kind == "onnx":
        from convert import onnx

        return lambda batch, names: onnx.run(written, {exported.inputs[0].name: batch}, names)

    def run(batch: NDArray[np.float32], names: Sequence[str]) -> Outputs:
        return _run_graph(_read(written, kind), exported, batch, tuple(names), model)

    return run


def _read(written: Path, kind: Format) -> Any:
    """The graph of an export."""
    from freeze.formats import graphdef, tfjs

    return graphdef.read(written) if kind == "pb" else tfjs.read(written)


def _run_graph(
    graph: Any,
    exported: ExportGraph,
    batch: NDArray[np.float32],
    names: tuple[str, ...],
    model: Model,
) -> Outputs:
    """Run what was read back: as the original, which ran within limits, unless it stays there."""
    from freeze.graph.dependence import depends_on_data
    from freeze.graph.prune import prune
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import openvino

    ready = PrunedGraph(prune(graph, names), exported.inputs[0].name, (), names)
    run = model.engine("openvino") if depends_on_data(ready.definition, names) else openvino
    return dict(zip(names, run(ready, batch.shape)(batch), strict=True))


def in_node(
    exported: ExportGraph, written: Path
) -> Callable[[NDArray[np.float32], Sequence[str]], Outputs]:
    from zoo.exporting import node

    return lambda batch, names: node.run(written, {exported.inputs[0].name: batch}, list(names))
