"""Tables of many files: their columns in every format, and which numbers stand there."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab
from tests.zoo.predicting.conftest import FILES

Run = Callable[..., Any]
CLASSES = ["quiet", "loud"]


def rows_of_csv(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def rows_of_jsonl(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.fixture
def bad(music: Path) -> str:
    (music / "bad.wav").write_bytes(b"RIFF")
    return "music/bad.wav"


def test_csv_has_a_row_a_file_and_a_column_a_class(predict: Run, bad: str) -> None:
    ran = predict("tiny.pb", "music", "-o", "a.csv", "--json")
    assert ran.code == 1
    table = rows_of_csv("a.csv")
    assert list(table[0]) == ["file", "duration", *CLASSES, "error"]
    assert [cells["file"] for cells in table] == [*FILES, bad]
    for cells, row in zip(table, ran.document["results"], strict=True):
        if row["error"]:
            assert list(cells.values()) == [bad, "", "", "", row["error"]]
        else:
            assert (cells["duration"], cells["error"]) == ("3.2", "")
            found = np.array([cells[name] for name in CLASSES], np.float32)
            np.testing.assert_array_equal(found, np.float32(row["mean"]))


def test_csv_of_several_models_names_the_model_in_each_column(
    predict: Run, tmp_path: Path, music: Path
) -> None:
    lab.Network(tmp_path, "one")
    assert predict("one.pb", "tiny.pb", "music/a.wav", "-o", "a.csv").code == 0
    head, *lines = Path("a.csv").read_text().splitlines()
    assert head == "file,duration,one/quiet,one/loud,tiny/quiet,tiny/loud,error"
    assert len(lines) == 1


def test_jsonl_has_the_same_numbers_by_their_names(predict: Run, bad: str) -> None:
    predict("tiny.pb", "music", "-o", "a.csv")
    assert predict("tiny.pb", "music", "-o", "a.jsonl").code == 1
    *good, failed = rows_of_jsonl("a.jsonl")
    for row, cells in zip(good, rows_of_csv("a.csv"), strict=False):
        assert list(row) == ["file", "duration", "tiny", "error"]
        assert row["file"] == cells["file"]
        assert row["tiny"] == {name: float(cells[name]) for name in CLASSES}
        assert (row["duration"], row["error"]) == (3.2, None)
    assert (failed["file"], failed["duration"], failed["tiny"]) == (bad, None, None)
    assert "cannot be decoded" in failed["error"]


def test_parquet_has_a_list_a_model_and_the_classes_in_its_schema(predict: Run, bad: str) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="PyArrow is not installed")
    from pyarrow.parquet import read_table

    predict("tiny.pb", "music", "-o", "a.csv")
    assert predict("tiny.pb", "music", "-o", "a.parquet").code == 1
    table = read_table("a.parquet")
    assert table.column_names == ["file", "duration", "tiny", "error"]
    assert table.schema.field("tiny").type == pyarrow.list_(pyarrow.float32(), 2)
    assert json.loads(table.schema.metadata[b"tiny"]) == CLASSES
    *good, failed = table.to_pylist()
    for row, cells in zip(good, rows_of_csv("a.csv"), strict=False):
        assert row["tiny"] == [np.float32(cells[name]) for name in CLASSES]
        assert (row["duration"], row["error"]) == (3.2, None)
    assert (failed["file"], failed["duration"], failed["tiny"]) == (bad, None, None)


def test_npz_of_many_files_is_one_matrix(predict: Run, bad: str) -> None:
    assert predict("tiny.pb", "music", "-o", "a.npz").code == 1
    found = np.load("a.npz")
    assert set(found) == {"matrix", "files", "classes", "model", "layer"}
    assert (found["matrix"].dtype, found["matrix"].shape) == (np.float32, (3, 2))
    assert found["files"].tolist() == FILES, "what failed has no row"
    assert found["classes"].tolist() == CLASSES
    assert (str(found["model"]), str(found["layer"])) == ("tiny", "predictions")
    predict("tiny.pb", "music", "-o", "a.jsonl")
    for mean, row in zip(found["matrix"], rows_of_jsonl("a.jsonl"), strict=False):
        assert mean.tolist() == [np.float32(row["tiny"][name]) for name in CLASSES]


def test_npz_of_several_models_has_a_matrix_each(predict: Run, tmp_path: Path, music: Path) -> None:
    lab.Network(tmp_path, "one")
    command = ("one.pb", "tiny.pb", "music", "--layer", "embeddings", "-o", "a.npz")
    assert predict(*command).code == 0
    found = np.load("a.npz")
    assert {key.split("/")[0] for key in found} == {"one", "tiny"}
    assert found["one/matrix"].shape == (3, 3)
    assert str(found["tiny/layer"]) == "embeddings"


def test_json_of_many_files_holds_activations(predict: Run, bad: str) -> None:
    ran = predict("tiny.pb", "music", "-o", "a.json", "--json")
    found = json.loads(Path("a.json").read_text())["results"]
    for row, printed in zip(found, ran.document["results"], strict=True):
        activations = row.pop("activations")
        assert row == printed
        if row["error"] is None:
            np.testing.assert_allclose(np.mean(activations, axis=0), row["mean"], 1e-6)


def test_tempo_and_pitch_are_numbers_and_not_a_column_a_class(
    predict: Run, tmp_path: Path, tiny: Any
) -> None:
    lab.tempo(tmp_path)
    lab.pitch(tmp_path)
    for name in ("a.wav", "b.wav"):
        lab.audio(tmp_path / name, lab.impulses(11025), 11025)
    lab.audio(tmp_path / "c.wav", np.zeros(14 * 11025), 11025)
    numbers = ["bpm", "bpm_confidence", "pitch_hz", "pitch_confidence"]
    files = ("a.wav", "b.wav", "c.wav")
    tempo = predict("tempo.pb", *files, "-o", "tempo.csv", "--json").document["results"][0]
    assert predict("pitch.pb", *files, "-o", "pitch.csv").code == 0
    (first, _, silent), (pitched, *_) = rows_of_csv("tempo.csv"), rows_of_csv("pitch.csv")
    assert list(first) == ["file", "duration", *numbers[:2], "error"]
    assert list(pitched) == ["file", "duration", *numbers[2:], "error"]
    assert float(first["bpm"]) == tempo["tempo"]["bpm"] > 0
    assert float(first["bpm_confidence"]) == tempo["tempo"]["confidence"] > 0
    assert (silent["bpm"], float(silent["bpm_confidence"])) == ("", 0)
    assert float(pitched["pitch_hz"]) > 0
    assert predict("tempo.pb", *files, "-o", "tempo.jsonl").code == 0
    line = rows_of_jsonl("tempo.jsonl")[0]
    assert list(line) == ["file", "duration", *numbers[:2], "error"]
    assert line["bpm"] == tempo["tempo"]["bpm"]
    assert predict("tempo.pb", *files, "-o", "tempo.npz").code == 0
    assert np.load("tempo.npz")["matrix"].shape == (3, 256), "the distribution"


def test_tags_tempo_and_pitch_of_a_folder_are_one_table(
    predict: Run, tmp_path: Path, tiny: Any
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
    lab.tempo(tmp_path)
    lab.pitch(tmp_path)
    (tmp_path / "music").mkdir()
    for rate in (16000, 44100):
        lab.audio(tmp_path / f"music/{rate}.wav", lab.impulses(rate), rate)
    models = ("tiny.pb", "tempo.pb", "pitch.pb")
    ran = predict(*models, "music", "-o", "a.csv")
    assert ran.code == 0, ran.err
    table = rows_of_csv("a.csv")
    numbers = ["bpm", "bpm_confidence", "pitch_hz", "pitch_confidence"]
    assert list(table[0]) == [
        "file", "duration", "tiny/quiet", "tiny/loud", *numbers, "error",
    ]  # fmt: skip
    assert all(float(cells["bpm"]) > 0 for cells in table)
    assert predict(*models, "music", "-o", "a.parquet").code == 0
    names = parquet.read_table("a.parquet").column_names
    assert names == ["file", "duration", "tiny", *numbers, "error"]


def test_numbers_of_two_tempo_models_stand_behind_their_ids(predict: Run, tmp_path: Path) -> None:
    names = ["one", "two"]
    for name in names:
        lab.tempo(tmp_path, name)
        lab.audio(tmp_path / f"{name}.wav", lab.impulses(11025), 11025)
    assert predict("one.pb", "two.pb", "one.wav", "two.wav", "-o", "a.csv").code == 0
    columns = [f"{name}/{number}" for name in names for number in ("bpm", "bpm_confidence")]
    assert list(rows_of_csv("a.csv")[0]) == ["file", "duration", *columns, "error"]


def test_a_model_that_hears_nothing_in_a_file_leaves_the_others_alone(
    predict: Run, tmp_path: Path, tiny: Any
) -> None:
    lab.tempo(tmp_path)
    lab.audio(tmp_path / "short.wav", lab.sine(11025), 11025)
    lab.audio(tmp_path / "long.wav", lab.impulses(11025), 11025)
    ran = predict("tempo.pb", "tiny.pb", "short.wav", "long.wav", "-o", "a.jsonl")
    assert ran.code == 1
    short, long = rows_of_jsonl("a.jsonl")
    assert (short["duration"], short["bpm"], long["error"]) == (3.2, None, None)
    assert set(short["tiny"]) == set(CLASSES)
    assert "too short" in short["error"]


def test_the_files_of_three_formats_of_one_name_lie_side_by_side(
    predict: Run, tmp_path: Path, tiny: Any
) -> None:
    for ending in ("wav", "flac", "ogg"):
        lab.audio(tmp_path / f"beat.{ending}", lab.sine(16000), 16000)
    command = ("tiny.pb", "beat.wav", "beat.flac", "beat.ogg", "-o", "arrays/")
    assert predict(*command, "--plot", "plots").code == 0
    names = sorted(path.name for path in Path("arrays").iterdir())
    assert names == ["beat.flac.npz", "beat.ogg.npz", "beat.wav.npz"]
    assert len(list(Path("plots").glob("beat.*.png"))) == 3


def test_without_pyarrow_nothing_is_begun(
    predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = predict("tiny.pb", "music", "-o", "a.parquet")
    assert (ran.code, ran.out) == (6, "")
    assert "audiozoo[parquet]" in ran.err
