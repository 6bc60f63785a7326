"""A record and a network, broken in many ways, and the check that tells each."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import NotFoundError
from freeze.formats import graphdef, tensors
from freeze.network_file import NetworkFile
from tests.support import graphs, lab
from tests.support.judging import judge, verdicts
from validate import run, target
from validate.files import TAKEN
from validate.report import CHECKS, Report

Break = Callable[[dict[str, Any]], object]


def _output(record: dict[str, Any], index: int = 0) -> dict[str, Any]:
    layer: dict[str, Any] = record["schema"]["outputs"][index]
    return layer


def test_a_good_record_and_network_pass_every_check_that_applies(tagger: Any) -> None:
    report = judge(tagger.json)
    assert verdicts(report) == {}
    assert [check.id for check in report.checks] == list(CHECKS)
    inapplicable = {check.id for check in report.having("not-applicable")}
    assert inapplicable == {
        *("metadata-link", "metadata-extractor", "agreement-extractor", "run-softmax"),
        *("file-size", "file-digest", "file-weights", "agreement-descriptors"),
        *("history-steps", "history-classifier", "history-descriptors", "history-sizes"),
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: r.pop("framework"), {"metadata-schema": "failed"}),
        (lambda r: r.update(framwork="tensorflow"), {}),
        (lambda r: r.update(release_date="31/01/2026"), {"metadata-date": "failed"}),
        (lambda r: r.update(release_date="2026-02-30"), {"metadata-date": "failed"}),
        (lambda r: r.update(release_date="2999-01-01"), {"metadata-date": "warned"}),
        (lambda r: r["dataset"]["metrics"].update({"ROC-AUC": 90}), {"metadata-metrics": "failed"}),
        (
            lambda r: r["dataset"]["metrics"].update({"ROC-AUC": "N/A"}),
            {"metadata-metrics": "warned"},
        ),
        (lambda r: r.update(classes=""), {"metadata-classes": "failed"}),
        (lambda r: r.update(classes=["loud", ""]), {"metadata-classes": "failed"}),
        (lambda r: r.update(classes=["loud", "loud"]), {"metadata-classes": "failed"}),
        (lambda r: r.pop("classes"), {"metadata-classes": "warned"}),
        (
            lambda r: r["zoo"].update(display_classes={"lod": "noisy"}),
            {"metadata-classes": "failed"},
        ),
        (
            lambda r: r["zoo"].update(classes_certainty="same-task"),
            {"metadata-class-order": "warned"},
        ),
        (
            lambda r: r["zoo"].update(
                corrections=[{"classes": r["classes"], "until": "2024-05-02"}]
            ),
            {"metadata-class-order": "failed"},
        ),
        (
            lambda r: r.update(classes=["a", "b", "c"]),
            {"metadata-width": "failed", "agreement-classes": "failed"},
        ),
        (lambda r: r.update(link="https://x.example/other.pb"), {"metadata-identity": "failed"}),
        (lambda r: r["zoo"].update(id="other"), {"metadata-identity": "failed"}),
        (lambda r: r["zoo"].pop("license"), {"metadata-license": "warned"}),
        (
            lambda r: _output(r, 1).update(output_purpose="predictions"),
            {"metadata-purposes": "failed"},
        ),
        (
            lambda r: [layer.pop("output_purpose") for layer in r["schema"]["outputs"]],
            {"metadata-purposes": "failed"},
        ),
        (
            lambda r: r["inference"].update(
                algorithm="TensorflowPredict2D", embedding_model={"model_name": "no-such-1"}
            ),
            {"metadata-extractor": "failed"},
        ),
        (
            lambda r: (
                r["inference"].update(algorithm="TensorflowPredict2D"),
                r["zoo"].update(kind="head", extractor={"id": "msd-musicnn-1"}),
            ),
            {"agreement-extractor": "failed"},
        ),
        (lambda r: r["inference"].update(sample_rate=44100), {"agreement-frontend": "failed"}),
        (
            lambda r: r["inference"].update(algorithm="TensorflowPredictVGGish"),
            {"agreement-frontend": "failed"},
        ),
        (lambda r: _output(r, 2).update(name="dense"), {"agreement-layers": "failed"}),
        (lambda r: _output(r, 2).update(name="embeddings:0"), {}),
        (lambda r: _output(r, 2).update(type="int64"), {"agreement-dtype": "failed"}),
        (lambda r: _output(r, 2).update(type="float32"), {}),
        (lambda r: _output(r, 2).update(shape=[4]), {"agreement-width": "failed"}),
        (lambda r: _output(r, 2).update(shape=["batch_size", 3]), {}),
        (lambda r: _output(r, 2).update(shape=[1, 1, 3]), {"agreement-rank": "failed"}),
        (lambda r: r["schema"].update(inputs="input"), {"metadata-schema": "failed"}),
        (lambda r: r.update(dataset=[]), {"metadata-schema": "failed"}),
        (lambda r: r["zoo"].update(files=[{}]), {"metadata-schema": "failed"}),
        (lambda r: r["zoo"].update(kind="head", extractor={}), {"metadata-schema": "failed"}),
        (
            lambda r: r["zoo"].update(
                files=[{"kind": "pb", "urls": ["https://x.example/tiny.pb"], "size": 7}]
            ),
            {"file-size": "failed"},
        ),
        (
            lambda r: r["zoo"].update(
                files=[{"kind": "pb", "urls": ["https://x.example/t.pb"], "sha256": "0" * 64}]
            ),
            {"file-digest": "failed"},
        ),
    ],
)
def test_each_way_to_break_a_record_is_told_by_its_check(
    change: Break, told: dict[str, str], tagger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "check", lambda _: [])
    change(tagger.record)
    tagger.json.write_text(json.dumps(tagger.record))
    assert verdicts(judge(tagger.json)) == told


@pytest.mark.parametrize("op", ["Sigmoid", "Softmax"])
def test_an_operation_that_the_values_belie_is_told(op: str, tagger: Any) -> None:
    _output(tagger.record, 1)["op"] = op
    tagger.json.write_text(json.dumps(tagger.record))
    assert verdicts(judge(tagger.json)) == {f"run-{op.lower()}": "failed"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": nul}', "[" * 100_000, "\x00", '"text"'])
def test_a_file_that_is_no_json_object_fails_one_check(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    assert verdicts(judge(path)) == {"metadata-json": "failed"}


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [None], {"a": None}, True])
@pytest.mark.parametrize("key", ["classes", "schema", "inference", "dataset", "link", "zoo"])
def test_a_value_of_any_type_anywhere_is_judged(key: str, value: object, tagger: Any) -> None:
    tagger.record[key] = value
    tagger.path.unlink()
    tagger.json.write_text(json.dumps(tagger.record))
    told = verdicts(judge(tagger.json))
    assert "failed" in told.values() or value in ({}, [])


@pytest.mark.parametrize("depth", [500, 900, 950, 990, 5000])
def test_metadata_nested_deeply_are_judged(depth: int, tagger: Any) -> None:
    tagger.path.unlink()
    tagger.record["description"] = "deep"
    text = json.dumps(tagger.record).replace('"deep"', "[" * depth + "]" * depth)
    tagger.json.write_text(text)
    assert "failed" in verdicts(judge(tagger.json)).values()


def _rewrite(network: Any, change: Callable[[Any], object]) -> None:
    graph = graphdef.read(network.path)
    change({node.name: node for node in graph.node} | {"": graph})
    network.path.write_bytes(graphdef.serialize(graph))


def test_values_that_are_not_finite_are_told(tagger: Any) -> None:
    nan = tensors.constant("second", np.full((3, 2), math.nan, np.float32))
    _rewrite(tagger, lambda nodes: nodes["second"].CopyFrom(nan))
    assert verdicts(judge(tagger.json)) == {"run-finite": "failed"}


def test_a_network_that_does_not_compute_is_told(tagger: Any) -> None:
    wrong = tensors.constant("second", np.zeros((5, 2), np.float32))
    _rewrite(tagger, lambda nodes: nodes["second"].CopyFrom(wrong))
    assert verdicts(judge(tagger.json))["graph-shapes"] == "failed"


def test_an_input_that_nobody_needs_is_warned_of(tagger: Any) -> None:
    def add(nodes: dict[str, Any]) -> None:
        nodes[""].node.add(name="flag", op="Placeholder").attr["dtype"].type = 10

    _rewrite(tagger, add)
    assert verdicts(judge(tagger.json)) == {"graph-dangling": "warned"}


def test_an_input_that_the_record_does_not_name_is_told(tagger: Any) -> None:
    def add(nodes: dict[str, Any]) -> None:
        nodes[""].node.add(name="noise", op="Placeholder").attr["dtype"].type = 1
        nodes["sigmoids"].op = "Add"
        nodes["sigmoids"].input.append("noise")

    _rewrite(tagger, add)
    assert verdicts(judge(tagger.json))["agreement-inputs"] == "failed"


def test_a_result_that_a_function_does_not_return_is_told(tagger: Any) -> None:
    def call(nodes: dict[str, Any]) -> None:
        graphs.call(nodes["sigmoids"], "body", 1)
        nodes["sigmoids"].op = "PartitionedCall"
        graphs.function(nodes[""], "body a", "s = Sigmoid a", {"out": "s:y:0"})

    _rewrite(tagger, call)
    assert verdicts(judge(tagger.json)) == {}
    _output(tagger.record)["name"] = "sigmoids:1"
    tagger.json.write_text(json.dumps(tagger.record))
    assert verdicts(judge(tagger.json)) == {"agreement-layers": "failed"}


def test_a_graph_that_reads_a_missing_node_is_not_whole(tagger: Any) -> None:
    _rewrite(tagger, lambda nodes: nodes["logits"].input.append("nowhere"))
    assert verdicts(judge(tagger.json)) == {"file-whole": "failed"}


def test_a_graph_that_runs_in_a_circle_is_told(tagger: Any) -> None:
    _rewrite(tagger, lambda nodes: nodes["mean"].input.__setitem__(0, "sigmoids"))
    assert "failed" in verdicts(judge(tagger.json)).values()


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>", b"version https://git-lfs", b"PK\x03\x04 zip"]
)
def test_a_file_of_another_kind_is_told_by_its_content(content: bytes, tagger: Any) -> None:
    tagger.path.write_bytes(content)
    assert verdicts(judge(tagger.json)) == {"file-kind": "failed"}


def test_a_file_that_is_no_model_is_named_and_so_is_what_can_be_judged(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    for content, told in (
        (b"RIFF\x24\0\0\0WAVEfmt ", "a file of audio"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<html>", "a web page"),
        (b"\x1f\x8b\x08", "a file that gzip compressed"),
    ):
        path.write_bytes(content)
        (judged,) = target.of_path(path)
        (check,) = target.judge(judged).having("failed")
        assert (check.id, check.expected, check.found) == ("file-kind", TAKEN, told)


def test_a_network_cut_anywhere_is_never_an_error_of_ours(tagger: Any) -> None:
    data = tagger.path.read_bytes()
    for length in range(1, len(data), 97):
        tagger.path.write_bytes(data[:length])
        (found,) = target.of_path(tagger.path)
        network = Report.of("", target.judge(found).checks)
        assert "failed" in verdicts(network).values()


def test_what_is_not_trusted_is_not_run(tagger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "run", lambda *_: pytest.fail("it ran"))
    _rewrite(tagger, lambda nodes: setattr(nodes["logits"], "op", "PyFunc"))
    assert verdicts(judge(tagger.json)) == {"graph-ops": "failed"}


def test_a_network_without_metadata_is_judged_by_itself(tagger: Any) -> None:
    tagger.json.unlink()
    report = judge(tagger.path)
    assert verdicts(report) == {}
    assert {check.id for check in report.having("passed")} >= {
        *("file-kind", "file-whole", "graph-frozen", "graph-ops", "run-finite", "run-sigmoid"),
    }


def test_a_folder_means_every_network_and_record_in_it(tagger: Any) -> None:
    folder = tagger.path.parent
    (folder / "other.json").write_text("{}")
    (folder / "notes.txt").write_text("")
    found = target.of_path(folder)
    assert [(each.id, each.network and each.network.path) for each in found] == [
        ("other", None),
        ("tiny", tagger.path),
    ]
    assert found[1].metadata == tagger.json


def test_a_folder_without_anything_to_judge_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        target.of_path(tmp_path)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    os.mkfifo(path)
    with pytest.raises(NotFoundError, match="not a file"):
        target.of_path(path)


def test_metadata_of_an_absurd_size_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    assert verdicts(judge(path)) == {"metadata-json": "failed"}


def test_sizes_that_a_network_leaves_open_come_from_the_front_end(tmp_path: Path) -> None:
    network = lab.Network(tmp_path, shape=(-1, -1, 96))
    network.path.with_suffix(".json").unlink()
    report = judge(network.path)
    assert {c.id for c in report.having("not-applicable")} >= {"run-completes"}
    record = network.record | {"schema": {"inputs": [{"name": "input"}], "outputs": []}}
    network.path.with_suffix(".json").write_text(json.dumps(record))
    assert "run-completes" in {c.id for c in judge(network.path).having("passed")}


def test_a_pair_may_have_two_names(tagger: Any, tmp_path: Path) -> None:
    other = tagger.path.rename(tmp_path / "renamed.pb")
    assert verdicts(target.judge(target.of_pair(tagger.json, NetworkFile(other)))) == {}


def test_a_layer_after_the_last_output_of_its_node_is_missing(tagger: Any) -> None:
    _output(tagger.record)["name"] += ":3"
    tagger.json.write_text(json.dumps(tagger.record))
    assert verdicts(judge(tagger.json))["agreement-layers"] == "failed"


@pytest.mark.parametrize(
    ("id", "names", "status"),
    [
        ("tonal_atonal-musicnn-msd-2", ["atonal", "tonal"], "passed"),
        ("tonal_atonal-musicnn-msd-2", ["tonal", "atonal"], "failed"),
        ("gender-musicnn-msd-2", ["male", "female"], "failed"),
        ("gender-vgg-msd-2", ["male", "female"], "warned"),
        ("gender-vgg-msd-2", ["female", "male"], "passed"),
    ],
)
def test_the_order_of_classes_is_judged_by_the_catalog(
    id: str, names: list[str], status: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{id}.json"
    path.write_text(json.dumps({"name": "of others", "classes": names}))
    (check,) = [each for each in judge(path).checks if each.id == "metadata-class-order"]
    assert check.status == status
    if status != "passed":
        assert ", ".join(reversed(names)) in str(check.expected)
