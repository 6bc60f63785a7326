"""Whatever happens with one file, the others are heard: odd names, bugs, killed processes."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import ROOT, lab
from tests.zoo.predicting.conftest import FILES

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
LATIN = os.fsdecode(b"music/caf\xe9.wav")
SHOWN = r"music/caf\xe9.wav"


@pytest.fixture
def latin(music: Path) -> Path:
    """A file whose name is Latin-1, beside one that is UTF-8 and one that is not audio."""
    try:
        lab.audio(music / "x.wav", lab.sine(16000), 16000).rename(LATIN)
    except OSError:
        pytest.skip("this file system has no names but UTF-8")
    (music / os.fsdecode(b"bad\xe9.wav")).write_bytes(b"RIFF")
    lab.audio(music / "été.wav", lab.sine(16000), 16000)
    return music


def ran(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, as a user's locale makes it."""
    command = [sys.executable, "-c", "from zoo.cli import main; main()", "predict", *words]
    given = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(command, env=given, capture_output=True, timeout=120)


def named(name: str) -> list[str]:
    """The files in an output, as any program reads it."""
    path = Path(name)
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as stream:
            return [row["file"] for row in csv.DictReader(stream)]
    if path.suffix == ".jsonl":
        return [json.loads(line)["file"] for line in path.read_text("utf-8").splitlines()]
    if path.suffix == ".json":
        return [row["file"] for row in json.loads(path.read_text("utf-8"))["results"]]
    if path.suffix == ".npz":
        return list(np.load(path)["files"].tolist())
    parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
    return list(parquet.read_table(path)["file"].to_pylist())


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json", "npz", "parquet"])
def test_names_that_are_not_utf_8_are_heard_shown_and_found_again(
    ending: str, predict: Run, latin: Path
) -> None:
    output = f"a.{ending}"
    first = predict("tiny.pb", "music", "-o", output, "--json")
    assert first.code == 1
    everything = {*FILES, SHOWN, r"music/bad\xe9.wav", "music/été.wav"}
    assert {row["file"] for row in first.document["results"]} == everything
    assert r"music/bad\xe9.wav cannot be decoded" in first.err
    assert set(named(output)) == everything - ({r"music/bad\xe9.wav"} if ending == "npz" else set())
    again = predict("tiny.pb", "music", "-o", output, "--json")
    assert "5 of 6 files were already done" in again.err
    assert again.document == first.document


def test_folders_and_pictures_keep_names_as_they_are(
    predict: Run, latin: Path, tmp_path: Path
) -> None:
    ran = predict("tiny.pb", "music", "-o", "arrays", "--plot", "plots")
    assert (ran.code, "bug" in ran.err) == (1, False)
    assert Path("arrays", os.fsdecode(b"caf\xe9.wav.npz")).exists()
    assert Path("plots", os.fsdecode(b"caf\xe9.wav.png")).exists()
    ran = predict("tiny.pb", LATIN, "--plot", "one.svg")
    assert (ran.code, rf"{SHOWN}  3.2 s" in ran.out) == (0, True)
    assert r"caf\xe9.wav" in Path("one.svg").read_text()
    ran = predict("tiny.pb", "music", "--layer", "embeddings", "--plot", "alike.svg")
    assert (ran.code, Path("alike.svg").exists()) == (1, True)


def test_the_same_holds_where_the_locale_knows_ascii_only(predict: Run, latin: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = ("tiny.pb", "music", "-o", "a.csv", "--plot", "plots")
    first = ran(*command, **ascii_only)
    assert first.returncode == 1, first.stderr
    assert b"bug" not in first.stderr and SHOWN.encode() in first.stdout
    assert set(named("a.csv")) == {*FILES, SHOWN, r"music/bad\xe9.wav", "music/été.wav"}
    again = ran(*command, LC_ALL="C.UTF-8")
    assert b"5 of 6 files were already done" in again.stderr
    assert "été" in Path("a.csv").read_text("utf-8")
    document = json.loads(ran("tiny.pb", LATIN, "--json", **ascii_only).stdout)
    assert document["results"][0]["file"] == SHOWN


@pytest.mark.parametrize("error", [ValueError("odd"), OSError(5, "I/O error"), MemoryError()])
@pytest.mark.parametrize("layer", ["predictions", "embeddings"])
def test_whatever_happens_with_a_file_is_its_error(
    layer: str, error: Exception, predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.audio import decoding

    pieces = decoding.pieces

    def failing(path: Any, *others: Any) -> Any:
        if str(path) == FILES[1]:
            raise error
        return pieces(path, *others)

    monkeypatch.setattr(decoding, "pieces", failing)
    from zoo import cli, output

    monkeypatch.setattr(output, "quiet", False)
    words = ["zoo", "predict", "tiny.pb", "music", "-o", "a.jsonl", "--layer", layer]
    monkeypatch.setattr(sys, "argv", words)
    assert cli.run() == 1
    rows = [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    assert [row["error"] is None for row in rows] == [True, False, True]
    if isinstance(error, ValueError):
        assert rows[1]["error"] == "This is a bug in zoo: ValueError: odd"
    else:
        assert rows[1]["error"].startswith(FILES[1])


def test_a_picture_that_cannot_be_drawn_is_its_files_error(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.plots import one_file
    from zoo import cli

    draw = one_file.draw

    def failing(prediction: Any, ending: str, title: str) -> bytes:
        return b"" if 1 / (title != "a.flac") == 0 else draw(prediction, ending, title)

    monkeypatch.setattr(one_file, "draw", failing)
    monkeypatch.chdir(tmp_path)
    words = ["zoo", "predict", "tiny.pb", "music", "-o", "a.jsonl", "--plot", "plots"]
    monkeypatch.setattr(sys, "argv", words)
    assert cli.run() == 1
    rows = [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    assert [row["error"] is None for row in rows] == [True, False, True]
    assert "bug in zoo: ZeroDivisionError" in rows[1]["error"]
    assert len(list(Path("plots").rglob("*.png"))) == 2
    monkeypatch.setattr(one_file, "draw", draw)
    assert cli.run() == 0
    assert len(list(Path("plots").rglob("*.png"))) == 3


def test_how_to_report_a_bug_is_told(
    predict: Run,
    music: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from predictors.audio import decoding
    from zoo import cli

    monkeypatch.setattr(decoding, "pieces", lambda *_: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["zoo", "predict", "tiny.pb", FILES[0]])
    assert cli.run() == 1
    told = capsys.readouterr().err
    assert "This is a bug in zoo: ZeroDivisionError" in told
    assert "ZOO_DEBUG=1" in told and "Traceback" not in told
    monkeypatch.setenv("ZOO_DEBUG", "1")
    assert cli.run() == 1
    assert "Traceback" in capsys.readouterr().err


DEADLY = """
import os, signal, sys
from zoo.predicting import pool
if __name__ == "__main__":
    from zoo.cli import main
    pool.available_cores = lambda: 2
    main()
elif __name__ == "__mp_main__":
    from predictors.audio import decoding
    pieces = decoding.pieces
    def deadly(path, *given):
        if "deadly" in str(path):
            os.kill(os.getpid(), signal.SIGKILL)
        return pieces(path, *given)
    decoding.pieces = deadly
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_file_that_kills_its_process_is_told_and_all_others_are_heard(
    tmp_path: Path, tiny: Any
) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY)
    (tmp_path / "music").mkdir()
    names = [f"{i:02}{'-deadly' * (i in (3, 4, 19))}.wav" for i in range(20)]
    for name in names:
        lab.audio(tmp_path / "music" / name, lab.sine(16000), 16000)
    command = [sys.executable, "deadly.py", "predict", "tiny.pb", "music", "-o", "a.jsonl"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["file"] for row in rows] == [f"music/{name}" for name in names]
    for row in rows:
        assert (row["error"] is not None) == ("deadly" in row["file"])
    assert "17 of 20 files; 3 failed: 3 ended the worker process that read it" in done.stderr


def test_a_long_run_ends_with_each_reason_once(predict: Run, music: Path) -> None:
    for i in range(4):
        (music / f"page{i}.mp3").write_text("<!DOCTYPE html>")
    for i in range(6):
        lab.audio(music / f"short{i}.wav", lab.sine(16000)[: 16000 + i], 16000)
    (music / "empty.wav").write_bytes(b"")
    ran = predict("tiny.pb", "music", "-o", "a.csv")
    first, *hints = ran.err.partition("error: ")[2].splitlines()
    assert first == (
        "3 of 14 files; 11 failed: 6 too short, 4 cannot be decoded as audio, 1 empty."
    )
    assert len(hints) == 3 and "--last-patch repeat" in hints[0]
    assert ran.err.count("error:") == 1
    told = predict("tiny.pb", "music", "-o", "a.csv", "-v").err
    assert told.count("error:") == 12
    quiet = predict("tiny.pb", "music", "-o", "a.csv", "-q")
    assert (quiet.code, quiet.err) == (1, "")
    for path in [*music.glob("page*"), *music.glob("short*"), music / "empty.wav"]:
        path.unlink()
    for i in range(9):
        lab.audio(music / f"{i}.wav", lab.sine(16000), 16000)
    assert "12 of 12 files." in predict("tiny.pb", "music", "-o", "b.csv").err


def test_of_few_files_each_tells_its_error(predict: Run, music: Path) -> None:
    for i in range(2):
        (music / f"page{i}.mp3").write_text("<!DOCTYPE html>")
    ran = predict("tiny.pb", "music")
    assert ran.err.count("error:") == 2 and " of 5 files" not in ran.err
