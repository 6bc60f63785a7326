"""The network that exports are compared with, and its batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from catalog.record import Record
from freeze.formats import graphdef
from predictors.model import Model
from predictors.runtimes.openvino_engine import openvino
from tests.support import lab
from zoo.exporting.reference import ReferenceModel, any_batch


def _sizes(graph: object) -> list[int]:
    return [dim.size for dim in graphdef.by_name(graph)["input"].attr["shape"].shape.dim]


def _graph(network: lab.Network, output: str) -> Any:
    return ReferenceModel(Model(Record(network.record), network.path), (output,)).graph


def test_a_batch_of_fixed_size_is_set_free(tmp_path: Path) -> None:
    graph = _graph(lab.Network(tmp_path, shape=(4, 187, 96)), "sigmoids")
    assert _sizes(any_batch(graph, openvino)) == [-1, 187, 96]
    assert _sizes(graph.definition) == [4, 187, 96]


def test_a_batch_whose_rows_depend_on_each_other_keeps_its_size(tmp_path: Path) -> None:
    network = lab.Network(tmp_path, shape=(4, 187, 96))
    definition = graphdef.read(network.path)
    nodes = graphdef.by_name(definition)
    # Each row less the mean of all rows: another number of rows computes something else.
    mean = definition.node.add(name="rows", op="Mean", input=["embeddings", "rows/axis"])
    mean.attr["T"].type, mean.attr["Tidx"].type, mean.attr["keep_dims"].b = 1, 3, True
    axis = definition.node.add()
    axis.CopyFrom(nodes["axis"])
    axis.name = "rows/axis"
    axis.attr["value"].tensor.tensor_content = np.array([0], np.int32).tobytes()
    del axis.attr["value"].tensor.int_val[:]
    centred = definition.node.add(name="centred", op="Sub", input=["embeddings", "rows"])
    centred.attr["T"].type = 1
    network.path.write_bytes(graphdef.serialize(definition))
    assert _sizes(any_batch(_graph(network, "centred"), openvino)) == [4, 187, 96]
