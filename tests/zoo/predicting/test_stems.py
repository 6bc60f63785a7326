from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import zoo
import zoo.cli
from predictors.separation import Separator
from tests.support import lab
from zoo.predicting import stems


@pytest.fixture(autouse=True)
def folder(store_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with ``split.pb`` and two songs, far from any network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    lab.separator(tmp_path, {"vocals": 0.5, "other": 0.25})
    lab.separator(tmp_path, {"vocals": 1}, "again")
    stereo = np.stack([lab.sine(44100), lab.noise(44100)], axis=1)
    lab.audio(tmp_path / "song.wav", stereo, 44100)
    lab.audio(tmp_path / "two.flac", lab.sine(16000), 16000)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["zoo", "predict", "split.pb", *words])
    return zoo.cli.run()


def test_each_file_gets_a_folder_of_stems(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "song.wav", "two.flac", "--output", "stems/") == 0
    assert "vocals" in capsys.readouterr().out
    found, rate = soundfile.read("stems/song/vocals.wav")
    music, _ = soundfile.read("song.wav")
    assert rate == 44100
    np.testing.assert_allclose(found, 0.5 * music, atol=1e-4)
    assert Path("stems/two/other.wav").exists()


def test_no_file_stops_the_others_or_takes_their_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.audio(folder / "song.flac", lab.sine(44100), 44100)
    separated = Separator.passages

    def failing(self: Separator, source: Any) -> Any:
        return 1 // 0 if source == "two.flac" else separated(self, source)

    monkeypatch.setattr(Separator, "passages", failing)
    assert run(monkeypatch, "two.flac", "song.wav", "song.flac", "-o", "stems/", "--json") == 1
    rows = json.loads(capsys.readouterr().out)["results"]
    assert "bug in zoo: ZeroDivisionError" in rows[0]["error"]
    assert [row["error"] for row in rows[1:]] == [None, None]
    assert (
        Path("stems/song.wav/vocals.wav").exists() and Path("stems/song.flac/vocals.wav").exists()
    )


def test_flac_is_written_where_its_ending_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "song.wav", "-o", "apart.flac") == 0
    assert soundfile.info("apart-vocals.flac").subtype == "PCM_24"
    assert soundfile.info("apart-other.flac").channels == 2


def test_json_says_where_the_stems_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.wav").write_text("no audio")
    assert run(monkeypatch, "song.wav", "broken.wav", "-o", "stems", "--json") == 1
    good, bad = json.loads(capsys.readouterr().out)["results"]
    assert good["classes"] == ["vocals", "other"]
    assert all(Path(path).exists() for path in good["stems"].values())
    assert "broken.wav" in bad["error"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["song.wav"], "--output stems/"),
        (["song.wav", "-o", "a.npz"], "a.npz cannot hold stems"),
        (["song.wav", "two.flac", "-o", "a.wav"], "a.wav cannot hold stems"),
        (["again.pb", "song.wav", "-o", "stems/"], "Only one model"),
    ],
)
def test_wrong_use_is_told(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, *words) == 2
    assert said in capsys.readouterr().err


def test_python_gets_a_separator() -> None:
    assert isinstance(zoo.load("split.pb"), Separator)


def test_what_fails_in_the_middle_leaves_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stems, "LARGEST_WAV", 1_000_000)
    assert run(monkeypatch, "song.wav", "two.flac", "-o", "stems/") == 1
    said = capsys.readouterr().err
    assert "song/vocals.wav cannot hold music of this length" in said
    assert "stems.flac" in said
    assert not list(Path("stems").rglob("*.*"))
