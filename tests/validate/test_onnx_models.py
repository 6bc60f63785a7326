"""ONNX models, good, broken and hostile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats.messages import messages
from tests.support.judging import judge, verdicts

_onnx = messages(
    "onnx_writer",
    """
ModelProto
  1 int64 ir_version
  7 GraphProto graph
  8 repeated OperatorSetIdProto opset_import
OperatorSetIdProto
  1 string domain
  2 int64 version
GraphProto
  1 repeated NodeProto node
  2 string name
  5 repeated TensorProto initializer
  11 repeated ValueInfoProto input
  12 repeated ValueInfoProto output
NodeProto
  1 repeated string input
  2 repeated string output
  3 string name
  4 string op_type
  5 repeated AttributeProto attribute
  7 string domain
AttributeProto
  1 string name
  6 GraphProto g
  20 int32 type
TensorProto
  1 repeated int64 dims
  2 int32 data_type
  8 string name
  9 bytes raw_data
  13 repeated StringStringEntryProto external_data
  14 int32 data_location
StringStringEntryProto
  1 string key
  2 string value
ValueInfoProto
  1 string name
  2 TypeProto type
TypeProto
  1 TensorTypeProto tensor_type
TensorTypeProto
  1 int32 elem_type
  2 TensorShapeProto shape
TensorShapeProto
  1 repeated Dimension dim
Dimension
  1 int64 dim_value | value
  2 string dim_param | value
""",
)


def _onnx_tagger(path: Path, tagger: Any, change: Callable[[Any], object] = bool) -> Path:
    """The tagger as an ONNX model with other names, as converters give them."""
    model = _onnx("ModelProto")(ir_version=8)
    model.opset_import.add(version=13)
    graph = model.graph
    graph.name = "tagger"
    for values, name, shape in (
        (graph.input, "melspectrogram", ("n", 187, 96)),
        (graph.output, "activations", ("n", 2)),
        (graph.output, "embeddings:0", ("n", 3)),
    ):
        kind = values.add(name=name).type.tensor_type
        kind.elem_type = 1
        for size in shape:
            if isinstance(size, str):
                kind.shape.dim.add(dim_param=size)
            else:
                kind.shape.dim.add(dim_value=size)
    for name, value in (
        ("average", np.full((1, 187), 1 / 187, np.float32)),
        ("first", tagger.first),
        ("second", tagger.second),
        ("one", np.array([1], np.int64)),
    ):
        kind = 7 if value.dtype == np.int64 else 1
        graph.initializer.add(name=name, data_type=kind, dims=value.shape, raw_data=value.tobytes())
    for op, read, name in (
        ("MatMul", ("average", "melspectrogram"), "mean"),
        ("Squeeze", ("mean", "one"), "flat"),
        ("MatMul", ("flat", "first"), "embeddings:0"),
        ("MatMul", ("embeddings:0", "second"), "scores"),
        ("Sigmoid", ("scores",), "activations"),
    ):
        graph.node.add(op_type=op, input=read, output=[name])
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def test_an_onnx_model_with_names_of_its_own_agrees_by_widths_and_runs(
    tagger: Any, tmp_path: Path
) -> None:
    del tagger.record["schema"]["outputs"][1]  # the logits, which this file does not have
    tagger.json.write_text(json.dumps(tagger.record))
    report = judge(_onnx_tagger(tmp_path / "tiny.onnx", tagger), tagger.json)
    assert verdicts(report) == {}
    assert {c.id for c in report.having("passed")} >= {
        *("run-sigmoid", "agreement-classes", "agreement-width", "agreement-frontend"),
    }


@pytest.mark.usefixtures("not_run")
def test_an_onnx_model_of_another_width_is_told(tagger: Any, tmp_path: Path) -> None:
    tagger.record["classes"] = ["a", "b", "c", "d"]
    tagger.record["schema"]["outputs"][0]["shape"] = [4]
    tagger.json.write_text(json.dumps(tagger.record))
    path = _onnx_tagger(tmp_path / "tiny.onnx", tagger)
    assert verdicts(judge(path, tagger.json))["agreement-layers"] == "failed"


def _custom(model: Any) -> None:
    model.graph.node[-1].domain = "com.example"


def _hidden(model: Any) -> None:
    branch = model.graph.node.add(op_type="If", output=["z"]).attribute.add(name="then_branch")
    branch.type = 5
    branch.g.node.add(op_type="Shell", domain="com.example")


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize("change", [_custom, _hidden])
def test_an_operation_that_is_not_onnxs_is_told_also_in_a_branch(
    change: Callable[[Any], None], tagger: Any, tmp_path: Path
) -> None:
    path = _onnx_tagger(tmp_path / "x.onnx", tagger, change)
    assert verdicts(judge(path)) == {"graph-ops": "failed"}


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "missing.bin"])
def test_outside_weights_of_an_onnx_model_are_refused(
    location: str, tagger: Any, tmp_path: Path
) -> None:
    def outside(model: Any) -> None:
        weight = model.graph.initializer[0]
        weight.ClearField("raw_data")
        weight.data_location = 1
        weight.external_data.add(key="location", value=location)

    (tmp_path.parent / "secret").write_bytes(bytes(1000))
    path = _onnx_tagger(tmp_path / "x.onnx", tagger, outside)
    assert verdicts(judge(path)) == {"file-whole": "failed"}
