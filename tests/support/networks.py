"""The small models as exported networks, and how two writings of one are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.record import Record
from convert.export_graph import ExportGraph
from freeze.analysis.summary import schema_of, summarize
from freeze.formats import graphdef, tfjs
from freeze.graph.prune import prune
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.openvino_engine import openvino

Arrays = Mapping[str, NDArray[np.float32]]

MODELS = {
    "msd-musicnn-1": ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd"),
    "genre_dortmund_musicnn_msd": (
        *("model/Sigmoid", "model/dense/BiasAdd"),
        *("model/dense_1/BiasAdd", "model/dense_2/BiasAdd"),
    ),
    "small_vggish_init": ("model/Sigmoid", "model/vggish/fc2/BiasAdd"),
    "deeptemp_k16": ("output",),
    "crepe-tiny-1": ("model/classifier/Sigmoid",),
    "emomusic-msd-musicnn-1": ("dense_out",),
    "vgg4": ("model/Softmax",),
}
"""The layers of the small models, by their ids."""


def small(folder: Path, name: str) -> ExportGraph:
    """One of the small models."""
    flags = ["model/Placeholder_1"] if name == "vgg4" else []
    return described(prune(graphdef.read(folder / f"{name}.pb"), MODELS[name], flags), MODELS[name])


def described(graph: Any, outputs: Sequence[str]) -> ExportGraph:
    """A graph of any kind."""
    record = {"schema": schema_of(summarize(graph)), "classes": ["é"], "zoo": {"id": "small"}}
    return ExportGraph.of(graph, outputs, Record(record))


def batch(model: ExportGraph, size: int = 3) -> NDArray[np.float32]:
    """Noise that the model takes."""
    shape = [256 if axis is None else axis for axis in model.inputs[0].shape or ()]
    return np.random.default_rng(7).random((size, *shape[1:]), np.float32)


def run(model: ExportGraph, values: NDArray[Any], folder: Path | None = None) -> Arrays:
    """Compute the outputs of a model, or of what a folder has of it."""
    names = tuple(port.name for port in model.outputs)
    graph = prune(tfjs.read(folder), names) if folder else model.graph
    compute = openvino(PrunedGraph(graph, model.inputs[0].name, (), names), values.shape)
    return dict(zip(names, (each.copy() for each in compute(values)), strict=True))


def error(found: Arrays, expected: Arrays) -> float:
    """The largest difference, in parts of a layer's largest value."""
    assert list(found) == list(expected)
    return max(
        float(np.abs(found[name] - values).max() / np.abs(values).max())
        for name, values in expected.items()
    )
