"""Files that are damaged or cut off are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import AudioError
from predictors.audio.decoding import read
from tests.support import lab
from tests.support.recordings import FORMATS, encode, joined, music, patched, xing

WRITTEN: dict[str, Callable[[Path], Path]] = {
    "wav": lambda path: lab.audio(path, music(), 44100),
    "w64": lambda path: lab.audio(path, music(), 44100),
    "caf": lambda path: lab.audio(path, music(), 44100),
    "aiff": lambda path: lab.audio(path, music(), 44100),
    "au": lambda path: lab.audio(path, music(), 44100),
    "flac": lambda path: lab.audio(path, music(), 44100),
    "mp3": lambda path: encode(path, music(), "libmp3lame"),
    "webm": lambda path: encode(path, music(8, 48000), "libopus", 48000),
}


@pytest.mark.parametrize("ending", WRITTEN)
def test_a_file_that_lasts_less_than_it_says_is_told(ending: str, tmp_path: Path) -> None:
    path = WRITTEN[ending](tmp_path / f"a.{ending}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    with pytest.raises(AudioError, match="damaged or cut off") as caught:
        read(path)
    if ending != "flac":  # whose last frame is cut off, too
        assert "says that it lasts 8." in caught.value.why
        assert caught.value.why.endswith(" s were decoded.")


def test_a_xing_header_that_promises_more_is_told(tmp_path: Path) -> None:
    path = xing(encode(tmp_path / "a.mp3", music(), "libmp3lame"), 2, 2)
    with pytest.raises(AudioError, match="damaged or cut off") as caught:
        read(path)
    assert caught.value.why == "Its header says that it lasts 16.0 s, and 8.0 s were decoded."


def test_flac_that_lasts_longer_than_it_says_is_told(tmp_path: Path) -> None:
    part = lab.audio(tmp_path / "part.flac", music(), 44100)
    with pytest.raises(AudioError, match="damaged") as caught:
        read(joined(tmp_path / "a.flac", part, part))
    assert caught.value.why == "Its header says that it lasts 8.0 s, and 16.0 s were decoded."


@pytest.mark.parametrize("name", ["a.m4a", "a.wma"])
def test_other_files_that_are_cut_off_are_told(name: str, tmp_path: Path) -> None:
    path = encode(tmp_path / name, music(), FORMATS[name])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match="damaged or cut off"):
        read(path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.mp2", "mp2"),
        ("a.aac", "aac"),
        ("a.m4a", "aac"),
        ("a.mka", "aac"),
        ("a.flac", "flac"),
        ("a.opus", "libopus"),
        ("a.wma", "wmav2"),
    ],
)
def test_damage_in_the_middle_is_told(name: str, codec: str, tmp_path: Path) -> None:
    rate = 48000 if codec == "libopus" else 44100
    format = "adts" if name == "a.aac" else None
    path = encode(tmp_path / name, music(8, rate), codec, rate, format)
    size = path.stat().st_size
    assert abs(read(path).duration - 8) < 0.1
    for damage in (bytes(size // 20), np.random.default_rng(2).bytes(size // 20)):
        patched(path, size // 2, damage)
        with pytest.raises(AudioError, match="damaged or cut off"):
            read(path)
