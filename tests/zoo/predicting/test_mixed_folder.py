"""A folder as real collections are, heard by several models, killed at random, taken up again."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, lab
from zoo.predicting.rows import is_good

pytestmark = pytest.mark.slow

COUNT = 200
KILLS = 4
KINDS = ("good", "formats", "page", "short", "empty", "cut", "odd", "latin")


def mixed(folder: Path) -> Counter[str]:
    """Files of every kind, nested, and how many there are of each."""
    sources = {
        ending: lab.audio(folder / f"source.{ending}", lab.impulses(11025), 11025).read_bytes()
        for ending in ("wav", "flac", "ogg")
    }
    whole = sources["wav"]
    short = lab.audio(folder / "short.wav", lab.sine(11025)[:9999], 11025).read_bytes()
    contents: dict[str, dict[str, bytes]] = {
        "good": {"{}.wav": whole},
        "formats": {f"{{}}.{ending}": data for ending, data in sources.items()},
        "page": {"{}.mp3": b"<!DOCTYPE html>"},
        "short": {"{}.wav": short},
        "empty": {"{}.flac": b""},
        "cut": {"{}.flac": sources["flac"][: len(sources["flac"]) // 3]},
        "odd": {'{}\n, "été" [live]-ñ.wav': whole},
        "latin": {"{}-caf\udce9.wav": whole},
    }
    made: Counter[str] = Counter()
    while made.total() < COUNT:
        for kind in KINDS:
            for name, data in contents[kind].items():
                inside = folder / "music" / "cd/"[: made.total() % 2 * 3] / str(made.total() % 5)
                inside.mkdir(parents=True, exist_ok=True)
                (inside / name.format(f"{made[kind] // len(contents[kind]):03}")).write_bytes(data)
                made[kind] += 1
    return made


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8, and SIGKILL")
def test_a_mixed_folder_killed_at_random_gives_one_row_a_file(tmp_path: Path) -> None:
    lab.Network(tmp_path)
    lab.tempo(tmp_path)
    made = mixed(tmp_path)
    files = {path for path in (tmp_path / "music").rglob("*") if path.is_file()}
    (tmp_path / "music" / "nothing").mkdir()
    command = [sys.executable, "-c", "from zoo.cli import main; main()", "predict", "-q"]
    command += ["tiny.pb", "tempo.pb", *sorted(map(str, (tmp_path / "music").iterdir()))]
    given: dict[str, Any] = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    moments = random.Random(11)
    journal, rows = tmp_path / "a.csv.journal", 0
    for _ in range(KILLS):
        running = subprocess.Popen(
            [*command, "-o", "a.csv"], **given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        wanted, deadline = rows + moments.randrange(1, 50), time.monotonic() + 60
        while running.poll() is None and rows < wanted:
            time.sleep(0.01)
            rows = journal.read_bytes().count(b'"stamp"') if journal.exists() else 0
            assert time.monotonic() < deadline
        time.sleep(moments.random() / 20)
        running.send_signal(signal.SIGKILL)
        assert b"error" not in running.communicate()[1]
    for output in ("a.csv", "whole.csv"):
        done = subprocess.run([*command, "-o", output], **given, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (1, "")
    table, whole = (rows_of(tmp_path / name) for name in ("a.csv", "whole.csv"))
    shown = [os.fsencode(path).decode("utf-8", "backslashreplace") for path in files]
    assert sorted(row["file"] for row in table) == sorted(shown), "one row a file"
    assert len(table) == made.total()
    assert sorted(map(str, table)) == sorted(map(str, whole))
    good = [row for row in table if not row["error"]]
    assert len(good) == made["good"] + made["formats"] + made["odd"] + made["latin"]
    assert all(float(row["bpm"]) > 0 and row["tiny/loud"] for row in good)
    lines = map(json.loads, journal.read_bytes().splitlines())
    heard = Counter(line["file"] for line in lines if "file" in line and is_good(line))
    assert set(heard.values()) == {1}, "what is good was computed once"


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
