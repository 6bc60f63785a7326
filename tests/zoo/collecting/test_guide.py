"""The four commands of the guide, as they stand there, with a small model and its songs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.dataset

from tests.support import ROOT, lab

Run = Callable[..., Any]


def commands() -> list[list[str]]:
    text = (ROOT / "docs" / "collections.md").read_text()
    block = re.findall(r"```console\n(.*?)```", text, re.S)[0]
    lines = block.replace("\\\n", " ").split("$ ")[1:]
    return [shlex.split(line)[1:] for line in lines]


def test_the_four_commands_of_the_guide_run_as_they_stand(
    predict: Run, zoo: Run, songs: list[str]
) -> None:
    Path("tracks.csv").write_text(
        "recording_mbid,path\n1,song.mp3\n" + "".join(f"2,{each}\n" for each in songs)
    )
    for name in ("song.mp3", "new/a.wav", "new/b.wav"):
        Path(name).parent.mkdir(exist_ok=True)
        lab.audio(Path(name).with_suffix(".wav"), lab.sine(16000 * 4), 16000)
    Path("song.wav").rename("song.mp3")
    made = commands()
    assert len(made) == 4
    for words in made:
        words = ["tiny.pb" if each == "discogs-effnet-bs64-1" else each for each in words]
        ran = zoo(*words)
        assert ran.code == 0, ran.err
    assert Path("songs.npz").exists()
    assert pyarrow.dataset.dataset("songs.parquet").count_rows() == len(songs) + 3
