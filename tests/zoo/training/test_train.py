"""``zoo train``: from labelled files to a model."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo as face
from tests.support import lab
from tests.zoo.training.conftest import QUICK, SMALL
from zoo.predicting import request

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

SOUNDS = ("sounds", "--on", "tiny.pb")


def test_a_folder_of_folders_becomes_a_model_that_predicts(
    train: Run, zoo: Run, sounds: Path
) -> None:
    ran = train("sounds", *QUICK, "--license", "CC0-1.0", "--plot", "matrix.svg", "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    assert found.keys() == {
        *("output", "learner", "settings", "accuracy", "normalized_accuracy", "std", "roc_auc"),
        *("pr_auc", "r2", "rmse", "folds", "classes", "files", "report", "sha256"),
    }
    assert (found["accuracy"], found["classes"], found["files"]) == (1.0, ["hiss", "hum"], 8)
    assert "--groups COLUMN" in ran.err
    (said,) = zoo("predict", "mine-1.pb", "sounds/hum/1.wav", "--json").document["results"]
    assert (said["model"], said["top"][0]["class"]) == ("mine-1", "hum")
    for name in ("mine-1.report.html", "mine-1.report.csv", "matrix.svg"):
        assert Path(name).stat().st_size > 500
    record = json.loads(Path("mine-1.json").read_text())
    assert record["zoo"]["training"]["on"] == "tiny.pb"
    assert record["zoo"]["extractor"] == {"id": "tiny"}


def test_nothing_is_computed_twice(
    train: Run, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert train("sounds", *QUICK).code == 0
    files = {path: path.read_bytes() for path in Path().glob("mine-1*") if path.is_file()}
    monkeypatch.setattr(request.Request, "run", None)
    monkeypatch.setattr("training.problem.Problem.fold", _no_search(Path("mine-1.search.jsonl")))
    ran = train("sounds", *QUICK)
    assert ran.code == 0 and "8 of 8 files were already done" in ran.err
    assert {path: path.read_bytes() for path in files} == files


def _no_search(kept: Path) -> Callable[..., Any]:
    """Judge one combination at a time, as only the winner is again."""
    from training.problem import Problem

    fold, before = Problem.fold, kept.read_bytes()

    def alone(self: Any, number: int, chunk: Any) -> Any:
        assert len(chunk) == 1 and kept.read_bytes() == before
        return fold(self, number, chunk)

    return alone


def test_a_broken_file_is_left_out_and_the_report_says_why(train: Run, sounds: Path) -> None:
    (sounds / "hum" / "broken.wav").write_bytes(b"RIFF and no more")
    (sounds / "hum" / "same.wav").write_bytes((sounds / "hum" / "0.wav").read_bytes())
    ran = train("sounds", *QUICK, "--json")
    assert (ran.code, ran.document["files"]) == (0, 8)
    assert "broken.wav was left out" in ran.err and "same content as sounds/hum/0.wav" in ran.err
    page = Path("mine-1.report.html").read_text()
    assert "sounds/hum/broken.wav" in page and "sounds/hum/same.wav" in page


def test_a_table_with_groups_keeps_them_together(train: Run, sounds: Path) -> None:
    rows = [
        {"file": f"sounds/{name}/{n}.wav", "label": name, "artist": f"{name} {n % 2}"}
        for name in ("hum", "hiss")
        for n in range(4)
    ]
    with Path("table.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ("file", "label", "artist"))
        table.writeheader()
        table.writerows(rows)
    ran = train("table.csv", *QUICK, "--groups", "artist", "--json")
    assert ran.code == 0 and "--groups" not in ran.err
    record = json.loads(Path("mine-1.json").read_text())
    assert record["zoo"]["training"]["groups"] == "artist"


def test_several_labels_a_file_and_numbers_are_learned(train: Run, zoo: Run, sounds: Path) -> None:
    files = [f"sounds/{name}/{n}.wav" for name in ("hum", "hiss") for n in range(4)]
    several = ["tone; low", "tone", "tone; low", "tone", "noise", "noise; low", "noise", "noise"]
    tables = {"tags": several, "loudness": ["1", "2.5", "3", "2", "7", "8", "9", "6"]}
    for name, labels in tables.items():
        rows = zip(files, labels, strict=True)
        Path(f"{name}.csv").write_text("file,label\n" + "\n".join(map(",".join, rows)))
        ran = train(f"{name}.csv", *QUICK[:-1], f"{name}-1.pb", "--json")
        assert ran.code == 0, ran.err
        found = ran.document
        measures = ("roc_auc", "pr_auc") if name == "tags" else ("r2", "rmse")
        assert found["accuracy"] is None and all(found[each] is not None for each in measures)
        (said,) = zoo("predict", f"{name}-1.pb", "sounds/hum/1.wav", "--json").document["results"]
        assert said["classes"] == (["low", "noise", "tone"] if name == "tags" else ["value"])


@pytest.mark.parametrize("kept", ["x.npz", "x.parquet/"])
def test_stored_embeddings_are_learned_from_without_the_audio(
    train: Run, zoo: Run, sounds: Path, kept: str
) -> None:
    assert zoo("predict", "tiny.pb", "sounds", "--layer", "embeddings", "-o", kept).code == 0
    whole = train("sounds", *QUICK, "--pool", "--json").document
    for path in sounds.rglob("*.wav"):
        path.unlink()
    options = (*SMALL, "--pool", "--json", "--on", "tiny.pb")
    ran = train(kept, *options, "-o", "other-1.pb")
    assert ran.code == 0, ran.err
    assert ran.document["sha256"] == whole["sha256"]
    assert not Path("other-1.embeddings").exists()
    Path("labels.csv").write_text(
        "file,label\nsounds/hum/0.wav,a\nsounds/hum/1.wav,b\n"
        "sounds/hiss/0.wav,a\nsounds/hiss/1.wav,b\nsounds/none.wav,b\n"
    )
    ran = train(kept, *options, "-o", "other-1.pb", "--labels", "labels.csv")
    assert (ran.document["classes"], ran.document["files"]) == (["a", "b"], 4)
    assert f"none.wav was left out: {kept.strip('/')} has no embeddings of it" in ran.err


def test_a_row_of_the_report_is_trained_again_on_all_data(
    train: Run, sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train("sounds", *QUICK, "--license", "CC0-1.0", "--json").document
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for rank in (1, 3):
        ran = train("--retrain", "../mine-1.report.csv", "--rank", rank, "-o", "two-2.pb", "--json")
        assert ran.code == 0 and "have changed" not in ran.err
        again = ran.document
        assert (again["sha256"] == first["sha256"]) is (rank == 1)
        assert (again["settings"] == first["settings"]) is (rank == 1)
    record = json.loads(Path("two-2.json").read_text())
    assert record["zoo"]["license"] == "CC0-1.0"
    assert record["zoo"]["training"]["data"] == ["../sounds"]
    assert not Path("two-2.embeddings").exists()


def test_what_people_wrote_into_the_record_is_kept(train: Run, sounds: Path) -> None:
    assert train("sounds", *QUICK).code == 0
    record = json.loads(Path("mine-1.json").read_text())
    Path("mine-1.json").write_text(json.dumps(record | {"author": "The lab", "classes": ["x"]}))
    assert train("sounds", *QUICK, "--seed", 3).code == 0
    again = json.loads(Path("mine-1.json").read_text())
    assert (again["author"], again["classes"]) == ("The lab", ["hiss", "hum"])


def test_the_record_of_another_model_is_not_overwritten(train: Run, sounds: Path) -> None:
    Path("mine-1.json").write_text(Path("tiny.json").read_text())
    ran = train("sounds", *QUICK)
    assert ran.code == 2 and "mine-1.json was not changed" in ran.err
    assert not Path("mine-1.pb").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "There are no data"),
        (("sounds", "--retrain", "x.report.csv"), 2, "named once"),
        (("sounds/hum", "--on", "tiny.pb"), 3, "no folders with files"),
        (("sounds",), 2, "On the embeddings of which model?"),
        (SOUNDS, 2, "fewer than the 5 folds"),
        ((*SOUNDS, "--learner", "mlp", "--grid", "gaia", "--folds", "2"), 2, "Gaia's grid"),
        ((*SOUNDS, "--groups", "artist"), 2, "Groups are a column"),
        ((*SOUNDS, "--labels", "t.csv"), 2, "Only stored embeddings"),
        ((*SOUNDS, "--plot", "x.gif"), 2, "must end in"),
        (("sounds", "--on", "nothing"), 3, "nothing"),
        (("--retrain", "none.report.csv"), 3, "no file none.report.csv"),
    ],
)
def test_what_cannot_be_trained_is_told(
    train: Run, sounds: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = train(*words, "-o", "mine-1.pb")
    assert ran.code == code and said in ran.err
    assert not Path("mine-1.pb").exists() and not Path("mine-1.json").exists()


def test_where_the_extractor_must_lie_and_what_is_none_are_told(
    train: Run, zoo: Run, sounds: Path
) -> None:
    lab.Head(Path(), "tiny")
    ran = train("sounds", "--on", "head.pb", *QUICK[2:])
    assert ran.code == 2 and "no embeddings layer" in ran.err and "--on msd-musicnn-1" in ran.err
    ran = train("sounds", *QUICK[:-1], "models/mine-1.pb")
    assert ran.code == 0 and "put tiny.pb and its record beside it" in ran.err
    assert zoo("predict", "models/mine-1.pb", "sounds/hum/1.wav").code == 3
    for name in ("tiny.pb", "tiny.json"):
        Path(name).rename(Path("models") / name)
    assert zoo("predict", "models/mine-1.pb", "sounds/hum/1.wav").code == 0


def test_the_output_is_a_frozen_graph(train: Run, sounds: Path) -> None:
    ran = train("sounds", "--on", "tiny.pb", "-o", "mine.onnx")
    assert ran.code == 2 and "-o mine.pb" in ran.err


def test_embeddings_of_another_extractor_are_told(train: Run, zoo: Run, sounds: Path) -> None:
    lab.Network(Path(), "twin")
    assert zoo("predict", "tiny.pb", "sounds", "--layer", "embeddings", "-o", "x.npz").code == 0
    ran = train("x.npz", "--on", "twin.pb", "-o", "mine-1.pb")
    assert ran.code == 2 and "x.npz holds embeddings of tiny, not of twin" in ran.err
    assert train("sounds", *QUICK).code == 0
    ran = train("sounds", "--on", "twin.pb", *QUICK[2:])
    assert ran.code == 2 and "contains results of tiny, not of twin" in ran.err


def test_embeddings_that_are_no_numbers_and_dimensions_that_never_change_are_told(
    train: Run, sounds: Path
) -> None:
    matrix = np.random.default_rng(1).normal(0, 1, (8, 3)).astype(np.float32)
    matrix[5, 1], matrix[:, 2] = np.nan, 4
    files = [f"{name}/{n}.wav" for name in ("a", "b") for n in range(4)]
    about = {"files": files, "model": "tiny", "layer": "embeddings"}
    np.savez("x.npz", matrix=matrix, **about)
    ran = train("x.npz", *QUICK, "--json")
    assert (ran.code, ran.document["files"]) == (0, 7)
    assert "b/1.wav was left out: Its embeddings are not finite numbers" in ran.err
    assert "1 of 3 dimensions are the same in all files and say nothing: dropped 2." in ran.err
    np.savez("x.npz", matrix=np.ones((8, 3), np.float32), **about)
    assert "All files have the same embeddings" in train("x.npz", *QUICK).err
    np.savez("x.npz", matrix=matrix, **about | {"model": "msd-musicnn-1"})
    assert "They have 3 values, its embeddings 200" in train("x.npz", *QUICK[2:]).err


def test_ctrl_c_keeps_what_is_done_and_leaves_nothing_half_written(
    train: Run, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.finished import Finished

    add = Finished.add

    def press(self: Any, *given: Any) -> None:
        add(self, *given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Finished, "add", press)
        ran = train("sounds", *QUICK)
    assert ran.code == 130 and "Run the same command again" in ran.err
    left = {path.name for path in Path().glob("*mine-1*")}
    assert left == {"mine-1.embeddings", "mine-1.embeddings.journal", "mine-1.search.jsonl"}
    ran = train("sounds", *QUICK)
    assert ran.code == 0 and "1 of 3 combinations were already done" in ran.err


def test_python_has_the_same_with_a_typed_answer(
    train: Run, sounds: Path, store_home: Path
) -> None:
    done = face.train(
        "sounds", "mine-1.pb", on="tiny.pb", learner="linear", grid="grid.yaml", folds=2
    )
    assert repr(done) == "<TrainedModel mine-1.pb: 2 classes, 8 files, accuracy 1.000>"
    assert done.output == Path("mine-1.pb") and done.scores.accuracy == 1
    assert face.load("mine-1.pb").predict("sounds/hiss/0.wav").top(1)[0][0] == "hiss"
