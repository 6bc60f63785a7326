"""The command validate: documents, exit codes and words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.manifest import Manifest, ManifestFile
from catalog.store import Store
from freeze.formats import graphdef
from tests.support import lab
from validate import run

Zoo = Callable[..., Any]


@pytest.fixture
def zoo(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> Zoo:
    """The command validate, with an empty store; networks are not run."""
    monkeypatch.setattr(run, "check", lambda _: [])
    return partial(zoo, "validate")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A metadata file with a network beside it; only the license is missing."""
    network = lab.Network(tmp_path)
    record = network.record | {"description": "Loud or quiet.", "framework": "tensorflow"}
    record["zoo"]["kind"] = "extractor"
    record["schema"]["inputs"][0]["shape"] = [187, 96]
    path: Path = network.path.with_suffix(".json")
    path.write_text(json.dumps(record, indent=4))
    return path


def _statuses(document: Any) -> list[dict[str, str]]:
    return [
        {c["id"]: c["status"] for c in each["checks"] if c["status"] in ("failed", "warned")}
        for each in document["targets"]
    ]


def _passed(document: Any) -> set[str]:
    (target,) = document["targets"]
    return {check["id"] for check in target["checks"] if check["status"] == "passed"}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.slow
def test_the_catalog_of_zoo_has_no_failures(zoo: Zoo) -> None:
    answer = zoo("--catalog")
    assert answer.code == 0
    assert "failed" not in answer.out + answer.err


def test_a_warning_is_no_failure_unless_strict(zoo: Zoo, model: Path) -> None:
    assert zoo(model).code == 0
    strict = zoo("--strict", model)
    assert strict.code == 1
    assert strict.out.startswith("failed  metadata-license")


def test_the_document_has_every_check_of_every_target(zoo: Zoo, model: Path) -> None:
    answer = zoo("--json", model.with_suffix(".pb"), model)
    assert (answer.code, answer.err, answer.document["ok"]) == (0, "", True)
    first, second = answer.document["targets"]
    assert (first["target"], second["target"]) == (str(model.with_suffix(".pb")), str(model))
    assert {frozenset(check) for check in first["checks"]} == {
        frozenset({"id", "status", "expected", "found"})
    }


def test_a_metadata_file_and_the_network_after_it_are_one_target(zoo: Zoo, model: Path) -> None:
    network = model.with_suffix(".pb").rename(model.parent / "other.pb")
    assert _statuses(zoo("--json", model, network).document) == [{"metadata-license": "warned"}]


def test_a_failure_is_told_within_eighty_columns_and_ends_with_one(
    zoo: Zoo, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    _edit(model, '"sigmoids"', '"model/Softmax"')
    answer = zoo(model.name)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[0].startswith("failed  agreement-layers  ")
    assert lines.index(next(line for line in lines if line.startswith("warned"))) > 0
    assert max(map(len, lines)) <= 80
    assert "found     model/Softmax" in answer.out
    assert "1 failed, 1 warned" in answer.err


def test_quiet_leaves_only_what_was_found(zoo: Zoo, model: Path) -> None:
    answer = zoo("-q", model)
    assert answer.out.startswith("warned")
    assert answer.err == ""


def test_like_findings_of_several_targets_are_told_together(zoo: Zoo, model: Path) -> None:
    for name in "abcd":
        (model.parent / f"{name}.json").write_text("[]")
    answer = zoo(model.parent)
    assert answer.out.count("metadata-json") == 4 or " and 1 more" in answer.out
    assert "5 targets: 4 failed" in answer.err


def test_an_operation_can_be_allowed(zoo: Zoo, model: Path) -> None:
    path = model.with_suffix(".pb")
    graph = graphdef.read(path)
    graphdef.by_name(graph)["logits"].op = "MyMatMul"
    path.write_bytes(graphdef.serialize(graph))
    assert "found     MyMatMul (logits)" in zoo(path).out
    assert zoo("--allow-op", "MyMatMul", path).code == 0


def test_fix_shows_the_difference_and_judges_what_it_wrote(zoo: Zoo, model: Path) -> None:
    _edit(model, '"name": "input"', '"name": "inputs"')
    answer = zoo("--fix", model)
    assert answer.code == 0
    assert '-                "name": "inputs",\n+                "name": "input",\n' in answer.out
    assert f"{model}: corrected." in answer.err
    again = zoo("--fix", "--json", model)
    assert again.document["ok"]
    assert "nothing to correct" in again.err


def test_fix_without_a_network_says_what_it_needs(zoo: Zoo, model: Path) -> None:
    model.with_suffix(".pb").unlink()
    answer = zoo("--fix", model)
    assert answer.code == 2
    assert "zoo validate FILE.json FILE.pb --fix" in answer.err


def test_a_name_is_judged_by_the_catalogs_record(zoo: Zoo) -> None:
    answer = zoo("--json", "msd-musicnn")
    assert [each["target"] for each in answer.document["targets"]] == ["msd-musicnn-1"]
    assert answer.code == 0


def test_what_is_installed_of_a_model_is_judged_too(
    zoo: Zoo, model: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = model.parent / "records"
    records.mkdir()
    model.rename(records / model.name)
    monkeypatch.setenv("ZOO_CATALOG", str(records))
    data = model.with_suffix(".pb").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    file = ManifestFile("tiny.pb", None, len(data), sha256, "catalog", "2026-01-01T00:00:00")
    assert "graph-ops" not in _passed(zoo("--json", "tiny").document)
    Store(store_home).place(Manifest("tiny", "official", None, (file,)), {"tiny.pb": data})
    assert "graph-ops" in _passed(zoo("--json", "tiny").document)


def test_what_a_draft_leaves_open_is_told_by_name(zoo: Zoo, model: Path) -> None:
    record = json.loads(model.read_text()) | {"author": "", "email": ""}
    del record["framework"], record["schema"]["outputs"][0]["name"]
    model.write_text(json.dumps(record))
    answer = zoo(model)
    assert answer.code == 1
    told = "found     no framework, author is empty, email is empty, no"
    assert f"{told}\n                  schema.outputs[0].name\n" in answer.out


def test_fix_leaves_a_file_alone_whose_network_is_damaged(zoo: Zoo, model: Path) -> None:
    path = model.with_suffix(".pb")
    graph = graphdef.read(path)
    graphdef.by_name(graph)["logits"].input.append("nowhere")
    path.write_bytes(graphdef.serialize(graph))
    answer = zoo("--fix", model)
    assert answer.code == 1
    assert "nothing to correct" in answer.err


@pytest.mark.parametrize(
    ("word", "code"), [("no-such-model", 3), ("missing.json", 3), ("missing.pb", 3), ("danc", 2)]
)
def test_what_is_not_there_or_not_clear_is_said(word: str, code: int, zoo: Zoo) -> None:
    assert zoo(word).code == code


def test_no_target_is_wrong_use(zoo: Zoo) -> None:
    assert zoo().code == 2


@pytest.mark.parametrize("name", ["x.pb", "x.onnx", "x.zip", "x.json"])
@pytest.mark.parametrize(
    "content", [b"", b"\x0a\xff\xff\xff\xff\x0f", b"PK\x03\x04", b"\x00" * 99, b"<html>", b"{}"]
)
def test_a_broken_file_is_a_failed_check_and_no_error(
    name: str, content: bytes, zoo: Zoo, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    answer = zoo("--json", path)
    assert answer.code == 1
    assert answer.document["ok"] is False
