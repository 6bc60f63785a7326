"""``zoo predict`` over many files: folders, patterns, tables, runs that are taken up again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.index import catalog
from tests.support import lab
from tests.zoo.predicting.conftest import FILES
from zoo.predicting.collection import model_names

Run = Callable[..., Any]


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


@pytest.mark.parametrize("words", [["empty"], ["music/a.wav", "music/*.ogg"]])
def test_where_there_is_no_audio_is_told(words: list[str], predict: Run, music: Path) -> None:
    Path("empty").mkdir()
    ran = predict("tiny.pb", *words)
    assert (ran.code, ran.out) == (3, "")
    assert f"No audio found in {words[-1]}." in ran.err


def test_an_empty_folder_among_others_is_no_error(predict: Run, music: Path) -> None:
    (music / "empty").mkdir()
    ran = predict("tiny.pb", "music/a.wav", "music/album", "music/empty", "--json")
    assert (ran.code, files(ran)) == (0, FILES)
    assert "No audio found in music/empty." in ran.err


def test_results_in_a_folder_lie_as_the_files_do(predict: Run, music: Path) -> None:
    assert predict("tiny.pb", "music", "-o", "arrays").code == 0
    found = sorted(str(path) for path in Path("arrays").rglob("*.*"))
    assert found == ["arrays/a.wav.npz", "arrays/album/a.flac.npz", "arrays/album/b.WAV.npz"]


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
    assert sorted(path.name for path in Path("each").rglob("*.png")) == [
        "a.flac.png", "a.wav.png", "b.WAV.png",
    ]  # fmt: skip
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


@pytest.mark.slow
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
