"""TensorFlow.js models, good, broken and hostile."""

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
from freeze.network_file import NetworkFile
from predictors.features.families import choose
from tests.support.judging import judge, verdicts
from validate import target


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


def test_a_web_model_is_judged_like_its_graph_and_runs(web: Web, tagger: Any) -> None:
    for path in (web.folder, web.zipped()):
        report = judge(path, tagger.json)
        assert verdicts(report) == {}
        assert {c.id for c in report.having("passed")} >= {"run-sigmoid", "file-weights"}


def test_a_web_model_is_found_by_its_folder_json_or_archive(web: Web) -> None:
    for path in (web.folder, web.folder / "model.json", web.zipped()):
        (found,) = target.of_path(path)
        assert found.network and found.network.path == path


def test_an_export_is_judged_by_the_record_that_it_carries(web: Web, tagger: Any) -> None:
    web.document["userDefinedMetadata"] = {"zoo": {"record": tagger.record}}
    web.write()
    report = judge(web.folder)
    assert verdicts(report) == {}
    assert {c.id for c in report.having("passed")} >= {"metadata-schema", "agreement-layers"}
    tagger.record["classes"].append("louder")
    web.write()
    assert set(verdicts(judge(web.zipped()))) == {"metadata-width", "agreement-classes"}


def test_an_export_that_reads_audio_is_judged_like_its_network(tagger: Any, tmp_path: Path) -> None:
    record = Record(tagger.record)
    family = choose(record, (187, 96))
    layers = [layer.name for layer in record.outputs]
    network = ExportGraph.of(graphdef.read(tagger.path), layers, record, family)
    tfjs.write(attach(network, family), tmp_path / "web")
    report = judge(tmp_path / "web")
    assert verdicts(report) == {}
    told = {"agreement-layers", "agreement-inputs", "agreement-frontend", "run-completes"}
    assert {c.id for c in report.having("passed")} >= told


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize("carried", [1, {"zoo": 1}, {"zoo": {}, "classes": 3}, {"schema": {}}])
def test_a_carried_record_without_sense_is_no_traceback(carried: Any, web: Web) -> None:
    web.document["userDefinedMetadata"] = {"zoo": {"record": carried}}
    web.write()
    assert set(verdicts(judge(web.folder))) <= {"metadata-schema", "metadata-json"}


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
    assert (
        verdicts(target.judge(target.Target("web", "web", network=NetworkFile(web.folder)))) == told
    )


@pytest.mark.usefixtures("not_run")
@pytest.mark.parametrize(
    "path", ["../weights.bin", "/etc/hostname", "C:\\x.bin", "a/../../x", "", "\0", 7]
)
def test_weights_outside_the_folder_are_refused(path: object, web: Web) -> None:
    web.document["weightsManifest"][0]["paths"] = [path]
    web.write()
    assert verdicts(judge(web.folder)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_weights_behind_a_link_are_refused(web: Web) -> None:
    (web.folder / "weights.bin").rename(web.folder.parent / "elsewhere.bin")
    (web.folder / "weights.bin").symlink_to(web.folder.parent / "elsewhere.bin")
    assert verdicts(judge(web.folder)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_a_zip_bomb_is_not_opened(web: Web) -> None:
    path = web.zipped()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/zeros.bin", bytes(100_000_000))
    assert path.stat().st_size < 1_000_000
    assert verdicts(judge(path)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_an_archive_with_names_that_lead_out_is_refused(web: Web) -> None:
    path = web.zipped()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil.bin", b"x")
    assert verdicts(judge(path)) == {"file-whole": "failed"}


@pytest.mark.usefixtures("not_run")
def test_an_operation_with_side_effects_in_a_web_model_is_told(web: Web) -> None:
    web.document["modelTopology"]["node"][-1]["op"] = "ReadFile"
    web.write()
    assert verdicts(judge(web.folder)) == {"graph-ops": "failed"}


@pytest.mark.shared
def test_the_published_web_model_lacks_the_embeddings_and_runs(
    shared: Path, tmp_path: Path
) -> None:
    document = tmp_path / "msd-musicnn-1.json"
    document.write_bytes((shared / "facts/metadata-examples/msd-musicnn-1.json").read_bytes())
    report = judge(shared / "models" / "msd-musicnn-1-tfjs", document)
    assert verdicts(report) == {"agreement-layers": "failed", "graph-dangling": "warned"}
    missing = next(c for c in report.checks if c.id == "agreement-layers")
    assert missing.found == "model/dense/BiasAdd"
