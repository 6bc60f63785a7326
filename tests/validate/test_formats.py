"""TensorFlow.js and ONNX models, good, broken and hostile."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from convert import tfjs
from convert.export_graph import ExportGraph
from convert.frontend_graph import attach
from freeze.formats import graphdef
from freeze.formats.messages import messages
from freeze.network_file import NetworkFile
from predictors.features.families import choose
from validate import run, target
from validate.report import Report

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


def _judge(path: Path, document: Path | None = None) -> Report:
    if document:
        return target.judge(target.of_pair(document, NetworkFile(path)))
    (found,) = target.of_path(path)
    return target.judge(found)


def _told(report: Report) -> dict[str, str]:
    return {c.id: c.status for c in report.checks if c.status in ("failed", "warned")}


class Web:
    """The tagger of the tests as a TensorFlow.js model, its layers fused."""

    def __init__(self, folder: Path, tagger: Any) -> None:
        self.folder = folder
        folder.mkdir()
        weights = {
            "axis": np.array([1], np.int32),
            "first": tagger.first,
            "second": tagger.second,
            "bias": np.zeros(2, np.float32),
        }
        float_type = {"T": {"type": "DT_FLOAT"}}
        types = {np.dtype(np.int32): "DT_INT32", np.dtype(np.float32): "DT_FLOAT"}
        sizes = [{"size": "-1"}, {"size": "187"}, {"size": "96"}]
        nodes = [
            {"name": name, "op": "Const", "attr": {"dtype": {"type": types[value.dtype]}}}
            for name, value in weights.items()
        ]
        nodes += [
            {
                "name": "input",
                "op": "Placeholder",
                "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": {"dim": sizes}}},
            },
            {
                "name": "mean",
                "op": "Mean",
                "input": ["input", "axis"],
                "attr": float_type | {"Tidx": {"type": "DT_INT32"}},
            },
            {
                "name": "embeddings",
                "op": "MatMul",
                "input": ["mean", "first"],
                "attr": float_type,
            },
            {
                "name": "logits",
                "op": "_FusedMatMul",
                "input": ["embeddings", "second", "bias"],
                "attr": float_type
                | {"num_args": {"i": "1"}, "fused_ops": {"list": {"s": ["Qmlhc0FkZA=="]}}},
            },
            {"name": "sigmoids", "op": "Sigmoid", "input": ["logits"], "attr": float_type},
        ]
        self.weights = b"".join(value.tobytes() for value in weights.values())
        named = [
            {"name": name, "shape": list(value.shape), "dtype": str(value.dtype)}
            for name, value in weights.items()
        ]
        self.document: dict[str, Any] = {
            "format": "graph-model",
            "modelTopology": {"node": nodes},
            "weightsManifest": [{"paths": ["weights.bin"], "weights": named}],
        }
        self.write()

    def write(self) -> None:
        (self.folder / "model.json").write_text(json.dumps(self.document))
        (self.folder / "weights.bin").write_bytes(self.weights)

    def zipped(self) -> Path:
        path = self.folder.with_suffix(".zip")
        with zipfile.ZipFile(path, "w") as archive:
            for file in self.folder.iterdir():
                archive.write(file, f"model/{file.name}")
        return path


@pytest.fixture
def web(tagger: Any, tmp_path: Path) -> Web:
    return Web(tmp_path / "web", tagger)


@pytest.fixture
def not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check", lambda _: [])


def test_a_web_model_is_judged_like_its_graph_and_runs(web: Web, tagger: Any) -> None:
    for path in (web.folder, web.zipped()):
        report = _judge(path, tagger.json)
        assert _told(report) == {}
        assert {c.id for c in report.having("passed")} >= {"run-sigmoid", "file-weights"}


def test_a_web_model_is_found_by_its_folder_json_or_archive(web: Web) -> None:
    for path in (web.folder, web.folder / "model.json", web.zipped()):
        (found,) = target.of_path(path)
        assert found.network and found.network.path == path


def test_an_export_is_judged_by_the_record_that_it_carries(web: Web, tagger: Any) -> None:
    web.document["userDefinedMetadata"] = {"zoo": {"record": tagger.record}}
    web.write()
    report = _judge(web.folder)
    assert _told(report) == {}
    assert {c.id for c in report.having("passed")} >= {"metadata-schema", "agreement-layers"}
    tagger.record["classes"].append("louder")
    web.write()
    assert set(_told(_judge(web.zipped()))) == {"metadata-width", "agreement-classes"}


def test_an_export_that_reads_audio_is_judged_like_its_network(tagger: Any, tmp_path: Path) -> None:
    record = Record(tagger.record)
    family = choose(record, (187, 96))
    layers = [layer.name for layer in record.outputs]
    network = ExportGraph.of(graphdef.read(tagger.path), layers, record, family)
    tfjs.write(attach(network, family), tmp_path / "web")
    report = _judge(tmp_path / "web")
    assert _told(report) == {}
    told = {"agreement-layers", "agreement-inputs", "agreement-frontend", "run-completes"}
    assert {c.id for c in report.having("passed")} >= told


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize("carried", [1, {"zoo": 1}, {"zoo": {}, "classes": 3}, {"schema": {}}])
def test_a_carried_record_without_sense_is_no_traceback(carried: Any, web: Web) -> None:
    web.document["userDefinedMetadata"] = {"zoo": {"record": carried}}
    web.write()
    assert set(_told(_judge(web.folder))) <= {"metadata-schema", "metadata-json"}


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda w: (w.folder / "weights.bin").unlink(), {"file-whole": "failed"}),
        (lambda w: (w.folder / "weights.bin").write_bytes(b"few"), {"file-whole": "failed"}),
        (lambda w: (w.folder / "more.bin").write_bytes(b"?"), {"file-weights": "warned"}),
        (lambda w: (w.folder / "model.json").write_text("{}"), {"file-whole": "failed"}),
    ],
)
def test_missing_and_undeclared_weights_are_told(
    change: Callable[[Web], object], told: dict[str, str], web: Web
) -> None:
    change(web)
    assert _told(target.judge(target.Target("web", "web", network=NetworkFile(web.folder)))) == told


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize(
    "path", ["../weights.bin", "/etc/hostname", "C:\\x.bin", "a/../../x", "", "\0", 7]
)
def test_weights_outside_the_folder_are_refused(path: object, web: Web) -> None:
    web.document["weightsManifest"][0]["paths"] = [path]
    web.write()
    assert _told(_judge(web.folder)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_weights_behind_a_link_are_refused(web: Web) -> None:
    (web.folder / "weights.bin").rename(web.folder.parent / "elsewhere.bin")
    (web.folder / "weights.bin").symlink_to(web.folder.parent / "elsewhere.bin")
    assert _told(_judge(web.folder)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_a_zip_bomb_is_not_opened(web: Web) -> None:
    path = web.zipped()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/zeros.bin", bytes(100_000_000))
    assert path.stat().st_size < 1_000_000
    assert _told(_judge(path)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_an_archive_with_names_that_lead_out_is_refused(web: Web) -> None:
    path = web.zipped()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil.bin", b"x")
    assert _told(_judge(path)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_an_operation_with_side_effects_in_a_web_model_is_told(web: Web) -> None:
    web.document["modelTopology"]["node"][-1]["op"] = "ReadFile"
    web.write()
    assert _told(_judge(web.folder)) == {"graph-ops": "failed"}


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
    report = _judge(_onnx_tagger(tmp_path / "tiny.onnx", tagger), tagger.json)
    assert _told(report) == {}
    assert {c.id for c in report.having("passed")} >= {
        *("run-sigmoid", "agreement-classes", "agreement-width", "agreement-frontend"),
    }


@pytest.mark.usefixtures("not_run")
def test_an_onnx_model_of_another_width_is_told(tagger: Any, tmp_path: Path) -> None:
    tagger.record["classes"] = ["a", "b", "c", "d"]
    tagger.record["schema"]["outputs"][0]["shape"] = [4]
    tagger.json.write_text(json.dumps(tagger.record))
    path = _onnx_tagger(tmp_path / "tiny.onnx", tagger)
    assert _told(_judge(path, tagger.json))["agreement-layers"] == "failed"


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
    assert _told(_judge(path)) == {"graph-ops": "failed"}


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
    assert _told(_judge(path)) == {"file-whole": "failed"}


@pytest.mark.shared
def test_the_published_web_model_lacks_the_embeddings_and_runs(
    shared: Path, tmp_path: Path
) -> None:
    document = tmp_path / "msd-musicnn-1.json"
    document.write_bytes((shared / "facts/metadata-examples/msd-musicnn-1.json").read_bytes())
    report = _judge(shared / "models" / "msd-musicnn-1-tfjs", document)
    assert _told(report) == {"agreement-layers": "failed", "graph-dangling": "warned"}
    missing = next(c for c in report.checks if c.id == "agreement-layers")
    assert missing.found == "model/dense/BiasAdd"
