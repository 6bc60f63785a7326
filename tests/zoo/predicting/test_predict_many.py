"""``zoo predict`` over many files: folders, patterns, tables, runs that are taken up again."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.index import catalog
from tests.support import lab
from zoo.predicting.collection import model_names

Run = Callable[..., Any]


@pytest.fixture
def music(tmp_path: Path, tiny: Any) -> Path:
    """A folder of three files that can be heard, and what must be passed over."""
    folder = tmp_path / "music"
    for place in ("a.wav", "album/a.flac", "album/b.WAV"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        lab.audio(folder / place, lab.sine(16000), 16000)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "._a.wav").write_bytes(b"AppleDouble")
    (folder / ".trash").mkdir()
    (folder / ".trash" / "c.wav").write_bytes(b"")
    return folder


FILES = ["music/a.wav", "music/album/a.flac", "music/album/b.WAV"]


def files(ran: Any) -> list[str]:
    return [row["file"] for row in ran.document["results"]]


def test_a_folder_means_the_audio_in_it(predict: Run, music: Path) -> None:
    assert files(predict("tiny.pb", "music", "--json")) == FILES


def test_a_pattern_means_what_it_matches(predict: Run, music: Path) -> None:
    assert files(predict("tiny.pb", "music/**/a.*", "--json")) == FILES[:2]
    assert files(predict("tiny.pb", "music/al*", "music", "--json")) == [*FILES[1:], FILES[0]]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(
    predict: Run, tmp_path: Path, music: Path
) -> None:
    lab.audio(tmp_path / "a[live].wav", lab.sine(16000), 16000)
    assert files(predict("tiny.pb", "a[live].wav", "--json")) == ["a[live].wav"]


@pytest.mark.parametrize("word", ["empty", "music/*.ogg"])
def test_where_there_is_no_audio_is_told(word: str, predict: Run, music: Path) -> None:
    Path("empty").mkdir()
    ran = predict("tiny.pb", "music/a.wav", word)
    assert (ran.code, ran.out) == (3, "")
    assert f"No audio found in {word}." in ran.err


def test_results_in_a_folder_lie_as_the_files_do(predict: Run, music: Path) -> None:
    assert predict("tiny.pb", "music", "-o", "arrays").code == 0
    found = sorted(str(path) for path in Path("arrays").rglob("*.*"))
    assert found == ["arrays/a.npz", "arrays/album/a.npz", "arrays/album/b.npz"]
    assert not Path("arrays.part").exists()


def test_a_pattern_of_models_means_all_networks_that_fit() -> None:
    names = model_names(["msd-musicnn-1", "mood_*-msd-musicnn-1", "M*-msd-musicnn-1"])
    assert names[0] == "msd-musicnn-1"
    assert {"mood_happy-msd-musicnn-1", "mood_sad-msd-musicnn-1"} < set(names)
    assert len(set(names)) == len(names)
    kinds = {catalog().find(name).kind for name in model_names(["*"])}
    assert kinds == {model.kind for model in catalog().models} - {"svm"}


def test_a_pattern_that_fits_no_network_is_told(predict: Run, song: str, tiny: Any) -> None:
    ran = predict("tiny_*", song)
    assert (ran.code, ran.out) == (3, "")
    assert "No models match 'tiny_*'" in ran.err
    ran = predict("tin*", song)
    assert "No models match 'tin*'" in ran.err, "tiny.json and tiny.pb are no audio"


def test_several_models_are_shown_in_one_table(predict: Run, tmp_path: Path, song: str) -> None:
    for name in ("one", "another"):
        lab.Network(tmp_path, name)
    head, *lines = predict("one.pb", "another.pb", song).out.splitlines()
    assert head == "song.wav  14.0 s, 2 models"
    assert [line.split()[0] for line in lines][::2] == ["one", "another"]
    assert lines[0].index(lines[0].split()[1]) == lines[2].index(lines[2].split()[1])
    assert all(len(line) <= 80 for line in lines)


def test_the_embeddings_of_all_files_are_drawn_together(predict: Run, music: Path) -> None:
    ran = predict("tiny.pb", "music", "--layer", "embeddings", "--plot", "alike.svg")
    assert (ran.code, sorted(path.name for path in Path().glob("alike*"))) == (0, ["alike.svg"])
    assert "3 files, mean embeddings" in Path("alike.svg").read_text()
    assert predict("tiny.pb", "music", "--layer", "embeddings", "--plot", "each").code == 0
    assert sorted(path.name for path in Path("each").rglob("*.png")) == ["a.png", "a.png", "b.png"]
    assert predict("tiny.pb", "music", "--plot", "tags.png").code == 2


def test_the_picture_of_all_files_shows_those_of_an_earlier_run_too(
    predict: Run, music: Path
) -> None:
    command = ("tiny.pb", "music", "--layer", "embeddings", "-o", "a.jsonl")
    Path("music/album/b.WAV").rename("b.wav")
    assert predict(*command).code == 0
    Path("b.wav").rename("music/album/b.WAV")
    ran = predict(*command, "--plot", "alike.svg")
    assert "2 of 3 files were already done" in ran.err
    assert "3 files, mean embeddings" in Path("alike.svg").read_text()


def rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_jsonl_holds_the_rows_of_the_document(predict: Run, music: Path) -> None:
    Path("music/bad.wav").write_bytes(b"RIFF")
    ran = predict("tiny.pb", "music", "-o", "a.jsonl", "--json")
    assert ran.code == 1
    kept = rows("a.jsonl")
    assert [row["error"] is None for row in kept] == [True, True, True, False]
    for row in kept:
        assert row.pop("settings") == {
            "patch_hop": None, "last_patch": "discard", "resampler": "essentia",
        }  # fmt: skip
    assert kept == ran.document["results"]


def test_csv_of_many_files_has_a_row_each(predict: Run, music: Path) -> None:
    Path("music/bad.wav").write_bytes(b"RIFF")
    ran = predict("tiny.pb", "music", "-o", "a.csv", "--json")
    with Path("a.csv").open(newline="") as stream:
        table = list(csv.DictReader(stream))
    assert list(table[0]) == ["file", "quiet", "loud", "error"]
    for cells, row in zip(table, ran.document["results"], strict=True):
        assert cells["file"] == row["file"]
        if row["error"]:
            assert (cells["error"], cells["quiet"]) == (row["error"], "")
        else:
            np.testing.assert_allclose(
                [float(cells["quiet"]), float(cells["loud"])], row["mean"], rtol=1e-6
            )
    assert not Path("a.csv.part").exists()


def test_csv_of_several_models_names_the_model_in_each_column(
    predict: Run, tmp_path: Path, music: Path
) -> None:
    lab.Network(tmp_path, "one")
    assert predict("one.pb", "tiny.pb", "music/a.wav", "-o", "a.csv").code == 0
    head, *lines = Path("a.csv").read_text().splitlines()
    assert head == "file,one/quiet,one/loud,tiny/quiet,tiny/loud,error"
    assert len(lines) == 1


def test_json_of_many_files_holds_activations(predict: Run, music: Path) -> None:
    assert predict("tiny.pb", "music", "-o", "a.json").code == 0
    found = json.loads(Path("a.json").read_text())["results"]
    assert [row["file"] for row in found] == FILES
    np.testing.assert_allclose(np.mean(found[0]["activations"], axis=0), found[0]["mean"], 1e-6)


def test_parquet_has_the_columns_of_the_document(predict: Run, music: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
    Path("music/bad.wav").write_bytes(b"RIFF")
    ran = predict("tiny.pb", "music", "-o", "a.parquet", "--json")
    assert ran.code == 1
    assert parquet.read_table("a.parquet").to_pylist() == ran.document["results"]


def test_without_pyarrow_nothing_is_begun(
    predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = predict("tiny.pb", "music", "-o", "a.parquet")
    assert (ran.code, ran.out) == (6, "")
    assert "audiozoo[parquet]" in ran.err


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json", "arrays"])
def test_an_interrupted_run_goes_on_where_it_stopped(
    name: str, predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.audio import decoding

    whole = predict("tiny.pb", "music", "--json").document
    assert predict("tiny.pb", "music", "-o", f"whole-{name}").code == 0

    read, heard = decoding.pieces, []

    def interrupted(path: str, *others: Any) -> Any:
        heard.append(path)
        if len(heard) == 3:
            raise KeyboardInterrupt
        return read(path, *others)

    monkeypatch.setattr(decoding, "pieces", interrupted)
    ran = predict("tiny.pb", "music", "-o", name)
    assert ran.code == 130
    assert heard == FILES
    journal = Path(name if name == "a.jsonl" else f"{name}.part")
    with journal.open("a") as file:
        file.write('{"file": "music/alb')  # as a kill leaves it
    ran = predict("tiny.pb", "music", "-o", name, "--json")
    assert (ran.code, heard[3:]) == (0, FILES[2:])
    assert "2 of 3 files were already done" in ran.err
    assert ran.document == whole
    assert name == "a.jsonl" or not journal.exists()
    if name != "arrays":
        assert Path(name).read_bytes() == Path(f"whole-{name}").read_bytes()


def test_what_failed_is_tried_again(predict: Run, music: Path) -> None:
    bad = music / "bad.wav"
    bad.write_bytes(b"RIFF")
    assert predict("tiny.pb", "music", "-o", "a.jsonl").code == 1
    lab.audio(bad, lab.sine(16000), 16000)
    assert predict("tiny.pb", "music", "-o", "a.jsonl").code == 0
    assert [(row["file"], row["error"]) for row in rows("a.jsonl")] == [
        *((file, None) for file in FILES),
        ("music/bad.wav", None),
    ]


def test_results_of_other_models_stay_where_they_are(
    predict: Run, tmp_path: Path, music: Path
) -> None:
    lab.Network(tmp_path, "one")
    predict("tiny.pb", "music", "-o", "a.jsonl")
    predict("one.pb", "tiny.pb", "music", "-o", "a.jsonl")
    kept = [(row["file"], row["model"]) for row in rows("a.jsonl")]
    assert kept == [(f, "tiny") for f in FILES] + [(f, "one") for f in FILES]


@pytest.mark.parametrize("content", ["something else\n", "[]\n", "{}\n"])
def test_a_file_of_something_else_is_left_alone(content: str, predict: Run, music: Path) -> None:
    Path("a.jsonl").write_text(content)
    ran = predict("tiny.pb", "music", "-o", "a.jsonl")
    assert (ran.code, Path("a.jsonl").read_text()) == (2, content)
    assert "does not contain results" in ran.err


def test_results_with_other_settings_are_not_mixed(predict: Run, music: Path) -> None:
    predict("tiny.pb", "music", "-o", "a.jsonl")
    before = Path("a.jsonl").read_bytes()
    ran = predict("tiny.pb", "music", "-o", "a.jsonl", "--patch-hop", 50)
    assert (ran.code, Path("a.jsonl").read_bytes()) == (2, before)
    assert "patch_hop 50" in ran.err


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_memory_does_not_grow_with_the_length_of_a_file(tmp_path: Path, tiny: Any) -> None:
    peaks = []
    for minutes in (3, 23):
        path = lab.audio(tmp_path / "long.wav", np.tile(lab.noise(16000), 19 * minutes), 16000)
        command = "import sys; from zoo.cli import run; run(); "
        command += "print(*open('/proc/self/status'), file=sys.stderr)"
        words = [sys.executable, "-c", command, "predict", "-q", str(tiny.path), str(path)]
        ran = subprocess.run(words, capture_output=True, text=True, check=True)
        assert "tiny" in ran.stdout
        peaks.append(int(ran.stderr.partition("VmHWM:")[2].split()[0]) / 1024)
    more = 20 * 60 * 16000 * 4 / 1e6
    assert peaks[1] - peaks[0] < more / 2, "the decoded samples alone would need more"
