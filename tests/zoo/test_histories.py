"""Histories of Gaia in ``zoo inspect``, ``validate`` and ``freeze``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zoo as face
from freeze.formats.gaia import history
from freeze.formats.gaia.layout import Descriptor
from tests.support import histories
from tests.support.histories import MEAN, NUMBERED, POOL, VAR, step
from zoo.exporting import proof

Zoo = Callable[..., Any]


ONE = history.Layout({MEAN: Descriptor("real", 3)})
UNFIT = step("dotproduct", NUMBERED, coeffs={VAR: {"a": [1.0, 2.0], "b": [0.0, 0.0]}})


@pytest.fixture
def mood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``mood.history`` and ``song.json`` in the folder of the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    Path("song.json").write_text(json.dumps(POOL))
    return written(*histories.chain())


def written(*steps: Any) -> Path:
    path = Path("mood.history")
    path.write_bytes(history.serialize(steps))
    return path


@pytest.mark.usefixtures("mood")
def test_inspect_shows_steps_descriptors_kernel_and_classes(zoo: Zoo) -> None:
    ran = zoo("inspect", "mood.history")
    assert ran.code == 0
    for told in (
        "normalize  dotproduct        3 descriptors",
        "reach the end: 3, 5 numbers",
        "low.mean 3, low.var 1, tonal.key 1",
        "rbf, gamma 0.25",
        "support vectors  4",
        "Classes\n  happy\n  sad\n  calm",
    ):
        assert told in ran.out


@pytest.mark.usefixtures("mood")
def test_the_document_of_inspect_has_the_agreed_keys(zoo: Zoo) -> None:
    document = zoo("inspect", "mood.history", "--json").document
    assert document.keys() >= {
        *("kind", "size", "sha256", "inputs", "outputs", "parameters", "ops", "layers")
    }
    assert document["inputs"][2] == {
        "name": "tonal.key",
        "dtype": "string",
        "shape": [1],
        "role": "input",
    }
    assert document["outputs"] == [{"name": "highlevel.mood", "op": "svmpredict", "shape": [3]}]
    assert document["svm"]["classes"] == ["happy", "sad", "calm"]
    assert document["parameters"] == 4 * 5 + 2 * 4 == document["layers"][-1]["parameters"]
    assert "3 descriptors" in repr(face.inspect("mood.history"))


@pytest.mark.usefixtures("mood")
@pytest.mark.parametrize("option", ["--layers", "--schema", "--node=x", "--plot=x.svg"])
def test_a_history_has_no_nodes_to_inspect(zoo: Zoo, option: str) -> None:
    ran = zoo("inspect", "mood.history", option)
    assert ran.code == 2 and "has no nodes" in ran.err


def statuses(ran: Any) -> dict[str, str]:
    (target,) = ran.document["targets"]
    return {each["id"]: each["status"] for each in target["checks"]}


@pytest.mark.usefixtures("mood")
def test_a_good_history_is_valid(zoo: Zoo) -> None:
    ran = zoo("validate", "mood.history", "--strict", "--json")
    assert ran.code == 0
    assert {id for id, status in statuses(ran).items() if status == "passed"} == {
        *("file-kind", "file-whole", "history-steps", "history-classifier"),
        *("history-descriptors", "history-sizes"),
        *("run-completes", "run-finite", "run-softmax", "run-repeatable"),
    }


def _broken(model: str, new: str) -> Any:
    return histories.classifier(NUMBERED, histories.MODEL.replace(model, new))


@pytest.mark.usefixtures("mood")
@pytest.mark.parametrize(
    ("steps", "id", "status"),
    [
        ([step("nothing", NUMBERED)], "history-steps", "failed"),
        ([*histories.chain()[:-1], _broken("nr_class 3", "nr_class 4")], "history-steps", "failed"),
        (histories.chain()[:-1], "history-classifier", "warned"),
        ([UNFIT, *histories.chain()[-2:]], "run-completes", "failed"),
        ([histories.classifier(ONE)], "history-descriptors", "failed"),
        ([*histories.chain()[4:]], "history-sizes", "passed"),
        ([histories.classifier(histories.GIVEN)], "history-sizes", "warned"),
    ],
)
def test_what_is_wrong_with_a_history_is_named(zoo: Zoo, steps: Any, id: str, status: str) -> None:
    written(*steps)
    ran = zoo("validate", "mood.history", "--json")
    assert statuses(ran)[id] == status
    assert ran.code == (1 if "failed" in statuses(ran).values() else 0)


@pytest.mark.usefixtures("mood")
def test_other_files_and_damaged_ones_are_not_valid(zoo: Zoo) -> None:
    whole = Path("mood.history").read_bytes()
    Path("mood.history").write_bytes(b"<!doctype html>")
    assert statuses(zoo("validate", "mood.history", "--json"))["file-kind"] == "failed"
    Path("mood.history").write_bytes(whole[:-1])
    ran = zoo("validate", "mood.history", "--json")
    assert ran.code == 1 and statuses(ran)["file-whole"] == "failed"
    Path("mood.pb").write_bytes(whole)
    ran = zoo("inspect", "mood.pb")
    assert ran.code == 5 and "It is a history of Gaia" in ran.err


@pytest.mark.slow
@pytest.mark.usefixtures("mood")
def test_a_frozen_history_says_the_same_and_its_record_is_valid(zoo: Zoo) -> None:
    ran = zoo("freeze", "mood.history", "-o", "mood-svm-1.pb", "--license", "CC-BY-4.0", "--json")
    assert ran.code == 0 and ran.document["inputs"] == ["model/Placeholder"]
    record = json.loads(Path("mood-svm-1.json").read_text())
    assert record["classes"] == ["happy", "sad", "calm"]
    assert [each["name"] for each in record["zoo"]["descriptors"]] == [
        "low.mean",
        "low.var",
        "tonal.key",
    ]
    judged = zoo("validate", "mood-svm-1.json", "--strict", "--json")
    assert judged.code == 0, judged.out
    assert statuses(judged)["agreement-descriptors"] == "passed"
    means = [
        zoo("predict", name, "song.json", "--json").document["results"][0]["mean"]
        for name in ("mood.history", "mood-svm-1.pb")
    ]
    assert means[0] == pytest.approx(means[1], abs=1e-6)


@pytest.mark.slow
@pytest.mark.usefixtures("mood")
def test_a_record_that_lists_other_descriptors_is_not_valid(zoo: Zoo) -> None:
    zoo("freeze", "mood.history", "-o", "mood-svm-1.pb")
    path = Path("mood-svm-1.json")
    record = json.loads(path.read_text())
    record["zoo"]["descriptors"].pop()
    path.write_text(json.dumps(record))
    assert statuses(zoo("validate", str(path), "--json"))["agreement-descriptors"] == "failed"


@pytest.mark.usefixtures("mood")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("mood.history", "-o", "mood.pb", "--node", "x"), 2, "has no nodes"),
        (("none.history", "-o", "mood.pb"), 3, "There is no file none.history"),
        (("plain.history", "-o", "mood.pb"), 2, "no step that classifies"),
        (("mood.history", "-o", "mood.pb", "--classes", "two.txt"), 2, "2 classes do not fit"),
    ],
)
def test_what_cannot_be_frozen_is_refused(
    zoo: Zoo, words: tuple[str, ...], code: int, said: str
) -> None:
    Path("plain.history").write_bytes(history.serialize(histories.chain()[:-1]))
    Path("two.txt").write_text("a\nb\n")
    ran = zoo("freeze", *words)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert not Path("mood.pb").exists()


@pytest.mark.usefixtures("mood")
@pytest.mark.parametrize(
    "words", [("export", "--to", "tfjs"), ("export", "--to", "onnx"), ("publish", "--to", "site")]
)
def test_a_history_is_frozen_before_it_is_exported_or_published(
    zoo: Zoo, words: tuple[str, ...]
) -> None:
    command, *options = words
    ran = zoo(command, "mood.history", *options)
    assert ran.code == 2 and "zoo freeze mood.history -o mood-svm-1.pb" in ran.err


@pytest.mark.slow
@pytest.mark.usefixtures("mood")
def test_an_export_is_also_proven_on_rows_like_the_example(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = []

    def compare(expected: Any, found: Any) -> Any:
        proven.append(len(expected["model/Softmax"]))
        return compared(expected, found)

    compared = proof.parity.compare
    zoo("freeze", "mood.history", "-o", "mood-svm-1.pb")
    monkeypatch.setattr(proof.parity, "compare", compare)
    ran = zoo("export", "mood-svm-1.pb", "--to", "tfjs", "--verify", "reader")
    assert ran.code == 0 and proven == [2, proof.EXAMPLES]
