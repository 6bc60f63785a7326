"""Data sets: a row for each file, whatever ended a run before."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.dataset
import pytest
from pyarrow import parquet

from tests.support import lab
from zoo.collecting import dataset
from zoo.predicting.request import Request

Run = Callable[..., Any]


def rows(place: str = "a.parquet") -> list[dict[str, Any]]:
    found = pyarrow.dataset.dataset(place).to_table().to_pylist()
    return sorted(found, key=lambda row: row["file"])


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that models were asked about."""
    files: list[str] = []
    run = Request.run
    monkeypatch.setattr(Request, "run", lambda *all: files.append(all[2]) or run(*all))
    return files


def test_each_file_has_a_row_with_the_means_of_the_json_document(
    predict: Run, songs: list[str]
) -> None:
    Path("music/bad.wav").write_bytes(b"RIFF")
    document = predict("tiny.pb", "music", "--json").document["results"]
    ran = predict("tiny.pb", "music", "-o", "a.parquet/")
    assert ran.code == 1 and "1 failed" in ran.err
    assert [row["file"] for row in rows()] == [*songs, "music/bad.wav"]
    for row, expected in zip(rows(), document, strict=True):
        assert row["error"] == expected["error"]
        assert (row["tiny"] is None) == (expected["mean"] is None)
        if row["tiny"]:
            np.testing.assert_array_equal(np.float32(row["tiny"]), np.float32(expected["mean"]))


def test_classes_digests_and_settings_stand_in_the_metadata(
    predict: Run, songs: list[str], tiny: Any
) -> None:
    predict("tiny.pb", songs[0], "-o", "a.parquet/", "--patch-hop", "100")
    schema = pyarrow.dataset.dataset("a.parquet").schema
    assert schema.names == ["file", "duration", "tiny", "error"]
    assert schema.field("tiny").type == pyarrow.list_(pyarrow.float32(), 2)
    assert json.loads(schema.metadata[b"tiny"]) == ["quiet", "loud"]
    settings = json.loads(schema.metadata[b"zoo"])
    assert settings["options"]["patch_hop"] == 100
    assert hashlib.sha256(tiny.path.read_bytes()).hexdigest() in settings["models"]["tiny"]


def test_identifiers_and_activations_stand_beside(predict: Run, songs: list[str]) -> None:
    Path("tracks.csv").write_text("id,path\n" + "".join(f"x{each},{each}\n" for each in songs))
    document = predict("tiny.pb", *songs, "--json").document["results"]
    code = predict(
        "tiny.pb", "--files", "tracks.csv:path", "--id", "id", "--activations", "-o", "a.parquet/"
    ).code
    assert code == 0
    for row, expected in zip(rows(), document, strict=True):
        assert row["id"] == f"x{row['file']}"
        assert row["tiny/times"] == expected["times"]
        found = np.array(row["tiny/activations"], np.float32)
        np.testing.assert_array_equal(found.mean(0), np.float32(expected["mean"]))


def test_the_same_command_again_hears_only_what_is_new_failed_or_changed(
    predict: Run, songs: list[str], heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "ROWS", 2)
    Path("music/3.wav").rename("music/3.bak")
    Path("music/3.wav").write_bytes(b"RIFF")
    assert predict("tiny.pb", "music", "-o", "a.parquet/").code == 1
    before = {path: path.read_bytes() for path in Path("a.parquet").iterdir()}
    assert len(before) == 3
    heard.clear()
    Path("music/3.bak").replace("music/3.wav")
    lab.audio(Path("music/0.wav"), lab.sine(16000 * 5), 16000)
    shutil.copy("music/1.wav", "music/9.wav")
    assert predict("tiny.pb", "music", "-o", "a.parquet/").code == 0
    assert heard == ["music/0.wav", "music/3.wav", "music/9.wav"]
    assert [row["file"] for row in rows()] == [*songs, "music/9.wav"]
    assert not any(row["error"] for row in rows())
    same = [path.name for path, data in before.items() if path.read_bytes() == data]
    assert same == ["part-000002.parquet"]
    heard.clear()
    assert predict("tiny.pb", "music", "-o", "a.parquet").code == 0
    assert heard == []


def test_a_file_that_is_named_twice_has_one_row(
    predict: Run, songs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("music/0.wav").write_bytes(b"RIFF")
    Path("list").write_text("\n".join([*songs, *songs]))
    predict("tiny.pb", "--files", "list", "-o", "a.parquet/")
    assert [row["file"] for row in rows()] == songs


def test_what_ctrl_c_ends_keeps_all_that_was_heard(
    predict: Run, songs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Request.run

    def interrupted(request: Request, ensemble: Any, file: str) -> Any:
        if file == songs[4]:
            raise KeyboardInterrupt
        return run(request, ensemble, file)

    with monkeypatch.context() as patched:
        patched.setattr(Request, "run", interrupted)
        ran = predict("tiny.pb", *songs, "-o", "a.parquet/")
    assert ran.code == 130 and "kept in a.parquet" in ran.err
    assert [row["file"] for row in rows()] == songs[:4]
    assert predict("tiny.pb", *songs, "-o", "a.parquet/").code == 0
    assert [row["file"] for row in rows()] == songs


@pytest.mark.parametrize("words", [("--patch-hop", "50"), ("--activations",), ("two.pb",)])
def test_other_options_columns_and_models_are_refused_but_with_force(
    predict: Run, songs: list[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    lab.Network(tmp_path, "two")
    assert predict("tiny.pb", songs[0], "-o", "a.parquet/").code == 0
    models = [word for word in words if word.endswith(".pb")]
    options = [word for word in words if not word.endswith(".pb")]
    command = ["tiny.pb", *models, songs[1], "-o", "a.parquet/", *options]
    ran = predict(*command)
    assert ran.code == 2 and "was not changed" in ran.err
    assert [row["file"] for row in rows()] == songs[:1]
    assert predict(*command, "--force").code == 0
    assert [row["file"] for row in rows()] == songs[1:2]


def test_another_network_of_the_same_name_does_not_mix_its_rows_in(
    predict: Run, songs: list[str], tmp_path: Path
) -> None:
    assert predict("tiny.pb", songs[0], "-o", "a.parquet/").code == 0
    lab.Network(tmp_path, "tiny", seed=5)
    ran = predict("tiny.pb", *songs, "-o", "a.parquet/")
    assert ran.code == 2 and "has changed since it was written" in ran.err
    assert [row["file"] for row in rows()] == songs[:1]


def test_folders_of_others_are_left_alone(predict: Run, songs: list[str]) -> None:
    Path("a.parquet").mkdir()
    Path("a.parquet/notes.txt").write_text("mine")
    assert predict("tiny.pb", songs[0], "-o", "a.parquet/").code == 2
    Path("a.parquet/notes.txt").unlink()
    parquet.write_table(pyarrow.table({"file": ["a"]}), "a.parquet/part-000000.parquet")
    assert predict("tiny.pb", songs[0], "-o", "a.parquet/", "--force").code == 0
    Path("a.parquet/part-000000.parquet").write_bytes(b"PAR1")
    ran = predict("tiny.pb", songs[0], "-o", "a.parquet/")
    assert ran.code == 5 and "damaged" in ran.err


def test_two_runs_do_not_write_one_data_set(predict: Run, songs: list[str]) -> None:
    from zoo.predicting.locks import locked

    with locked(Path("a.parquet"), Path("a.parquet")):
        ran = predict("tiny.pb", songs[0], "-o", "a.parquet/")
    assert ran.code == 2 and "Another run is writing" in ran.err


def test_options_of_data_sets_are_refused_elsewhere(predict: Run, songs: list[str]) -> None:
    for words in (["--activations"], ["--files", "a.csv:file", "--id", "id"]):
        ran = predict("tiny.pb", songs[0], *words, "-o", "a.csv")
        assert ran.code == 2 and "is for data sets" in ran.err
    ran = predict("tiny.pb", songs[0], "-o", "a.parquet/", "--json")
    assert ran.code == 2 and "zoo collect a.parquet/" in ran.out
    ran = predict("tiny.pb", songs[0], "-o", "s3://bucket/a.csv")
    assert ran.code == 2 and "--output s3://bucket/a.csv.parquet/" in ran.err
