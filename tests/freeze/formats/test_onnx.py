"""ONNX models: read as graphs, and confirmed by another reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, WrongKindError
from freeze.analysis.inspection import inspect
from freeze.formats import onnx
from freeze.formats.onnx import ModelProto
from tests.support import graphs

FLOAT, INT, GRAPH = 1, 2, 5  # kinds of attributes; also the element type float


def _value(value: Any, name: str, *sizes: int | str) -> None:
    value.name = name
    value.type.tensor_type.elem_type = FLOAT
    value.type.tensor_type.shape.SetInParent()
    for size in sizes:
        dim = value.type.tensor_type.shape.dim.add()
        if isinstance(size, int):
            dim.dim_value = size
        else:
            dim.dim_param = size


def _weights(graph: Any, name: str, *dims: int) -> None:
    tensor = graph.initializer.add(name=name, dims=dims, data_type=FLOAT)
    raw = np.zeros(dims, "<f4").tobytes()
    field = b"\x4a" + graphs.varint(len(raw)) + raw  # raw_data, which the table leaves out
    tensor.MergeFromString(field)


@pytest.fixture
def model() -> Any:
    """A convolution, a pool and a dense layer, with names as tf2onnx writes them."""
    model = ModelProto(ir_version=8)
    model.opset_import.add(version=13)
    graph = model.graph
    graph.name = "net"
    _value(graph.input.add(), "mel:0", "batch", 1, 20, 8)
    _weights(graph, "kernel", 4, 1, 3, 3)
    _weights(graph, "dense", 4, 2)
    _weights(graph, "bias", 2)
    node = graph.node.add(op_type="Conv", name="conv", input=["mel:0", "kernel"], output=["maps:0"])
    node.attribute.add(name="group", type=INT, i=1)
    graph.node.add(op_type="Relu", input=["maps:0"], output=["relu:0"])
    graph.node.add(op_type="GlobalAveragePool", input=["relu:0"], output=["pool:0"])
    graph.node.add(op_type="Flatten", input=["pool:0"], output=["flat:0"])
    graph.node.add(op_type="Gemm", input=["flat:0", "dense", "bias"], output=["logits:0"])
    graph.node.add(op_type="Sigmoid", input=["logits:0"], output=["tags:0"])
    _value(graph.value_info.add(), "maps:0", "batch", 4, 18, 6)
    _value(graph.output.add(), "tags:0", "batch", 2)
    return model


def test_a_model_is_summarized_under_its_own_names(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    summary = inspect(path).summary
    assert summary.kind == "onnx"
    assert [(tensor.name, tensor.dtype, tensor.shape) for tensor in summary.inputs] == [
        ("mel:0", "float32", (None, 1, 20, 8))
    ]
    outputs = [(o.name, o.op, o.shape, o.purpose) for o in summary.outputs]
    assert outputs == [("tags:0", "Sigmoid", (None, 2), "predictions")]
    assert summary.parameters == 36 + 8 + 2
    assert [(layer.name, layer.shape) for layer in summary.layers][:2] == [
        ("maps:0", (None, 4, 18, 6)),
        ("relu:0", None),
    ]
    assert summary.ops == {
        **dict.fromkeys(("Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm", "Sigmoid"), 1)
    }


def test_another_reader_accepts_the_model_that_these_tests_read(model: Any, tmp_path: Path) -> None:
    import openvino

    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    read = openvino.Core().read_model(path)
    assert read.input(0).any_name == "mel:0"
    assert read.output(0).partial_shape.to_string() == "[?,2]"


def test_later_outputs_of_a_node_keep_their_names(model: Any) -> None:
    model.graph.node.add(op_type="Split", input=["maps:0"], output=["left", "right"])
    model.graph.node.add(op_type="Neg", input=["right"], output=["negative"])
    _value(model.graph.output.add(), "right")
    graph = onnx.parse(model.SerializeToString(), "model").graph
    nodes = {node.name: list(node.input) for node in graph.node}
    assert nodes["right"] == ["left:1"]
    assert nodes["negative"] == ["left:1"]


def test_operations_of_others_are_named_in_branches_and_functions_too(model: Any) -> None:
    model.functions.add(name="Own", domain="lab").node.add(op_type="Inner", domain="far.away")
    model.graph.node.add(op_type="Own", domain="lab", input=["pool:0"], output=["own"])
    choice = model.graph.node.add(op_type="If", input=["own"], output=["chosen"])
    for name, depth in (("then_branch", 0), ("else_branch", 1)):
        branch = choice.attribute.add(name=name, type=GRAPH).g
        if depth:
            inner = branch.node.add(op_type="If", output=["deeper"])
            branch = inner.attribute.add(name=name, type=GRAPH).g
        branch.node.add(op_type=f"Far{depth}", domain="far.away", output=["far"])
        branch.node.add(op_type="Neg", domain="ai.onnx", output=["near"])
    found = onnx.parse(model.SerializeToString(), "model").foreign
    assert found == ("far.away.Far0", "far.away.Far1", "far.away.Inner")


def test_what_branches_and_loops_read_around_them_is_needed(model: Any, tmp_path: Path) -> None:
    _value(model.graph.input.add(), "rate:0", 1)
    _value(model.graph.input.add(), "spare:0", 1)
    _weights(model.graph, "outer", 2, 5)
    choice = model.graph.node.add(op_type="If", input=["rate:0"], output=["chosen:0"])
    for name in ("then_branch", "else_branch"):
        branch = choice.attribute.add(name=name, type=GRAPH).g
        if name == "else_branch":  # one level deeper
            deeper = branch.node.add(op_type="If", input=["rate:0"], output=["deeper"])
            branch = deeper.attribute.add(name="then_branch", type=GRAPH).g
        _weights(branch, "inner", 5, 3)
        branch.node.add(op_type="MatMul", input=["tags:0", "outer"], output=["product"])
        branch.node.add(op_type="MatMul", input=["product", "inner"], output=["answer"])
    del model.graph.output[:]
    _value(model.graph.output.add(), "chosen:0", "batch", 3)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    summary = inspect(path).summary
    roles = {each.name: each.role for each in summary.inputs}
    assert roles == {"mel:0": "input", "rate:0": "input", "spare:0": "dangling"}
    assert summary.parameters == 36 + 8 + 2 + 10 + 2 * 15
    assert summary.ops["MatMul"] == 4


def test_what_is_no_model_is_told(model: Any) -> None:
    data = model.SerializeToString()
    with pytest.raises(WrongKindError, match="not an ONNX model"):
        onnx.parse(b"<html>", "page")
    with pytest.raises(IntegrityError, match="has no nodes"):
        onnx.parse(b"\x08\x08", "nothing")
    assert len(onnx.parse(data, "whole").graph.node) == 10
    refused = 0
    for length in range(3, len(data), 5):
        try:
            onnx.parse(data[:length], "cut")
        except IntegrityError as error:
            assert error.message
            refused += 1
    assert refused > 10
