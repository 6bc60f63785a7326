"""Exports read back, by other code than wrote them, and run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
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
    exported: ExportGraph, written: Path, kind: Format, model: Model, names: Sequence[str]
) -> Callable[[NDArray[np.float32]], Outputs]:
    """Read an export back, by other code than wrote it; what is given runs it.

    It runs as the original, which ran within limits, unless that stays there.
    """
    if kind == "onnx":
        from convert import onnx

        return lambda batch: onnx.run(written, {exported.inputs[0].name: batch}, names)

    from freeze.graph.dependence import depends_on_data
    from freeze.graph.prune import prune
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import openvino

    definition = prune(_read(written, kind), names)
    ready = PrunedGraph(definition, exported.inputs[0].name, (), tuple(names))
    runtime = model.engine("openvino") if depends_on_data(definition, names) else openvino
    compiled = cache(partial(runtime, ready))  # for each shape once: two clips have the same
    return lambda batch: dict(zip(names, compiled(batch.shape)(batch), strict=True))


def _read(written: Path, kind: Format) -> Any:
    """The graph of an export."""
    from freeze.formats import graphdef, tfjs

    return graphdef.read(written) if kind == "pb" else tfjs.read(written)


def in_node(
    exported: ExportGraph, written: Path, names: Sequence[str]
) -> Callable[[NDArray[np.float32]], Outputs]:
    """Run an export in real TensorFlow.js."""
    from zoo.exporting import node

    return lambda batch: node.run(written, {exported.inputs[0].name: batch}, list(names))
