"""What is drawn on a terminal, on a narrow one, and on a dumb one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab
from tests.support.terminal import on_terminal

pytestmark = pytest.mark.slow

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _lines(text: str) -> list[str]:
    """The lines that stay to be read."""
    return [line.split("\r")[-1] for line in CONTROL.sub("", text).splitlines()]


@pytest.fixture(autouse=True)
def _here(store_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")


def test_bars_are_blocks_in_colour(tiny: Any, song: str) -> None:
    shown = on_terminal("predict", tiny.path, song)
    assert shown.code == 0 and "█" in shown.text and "#" not in shown.text
    assert "\x1b[36m" in shown.text


def test_bars_are_hashes_where_there_are_no_blocks(tiny: Any, song: str) -> None:
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert "##" in on_terminal("predict", tiny.path, song, **settings).text


def test_a_dumb_terminal_gets_plain_lines(tiny: Any, song: str) -> None:
    for command in ("predict", "listen"):
        shown = on_terminal(command, tiny.path, song, TERM="dumb")
        assert shown.code == 0 and "\x1b" not in shown.text and "█" in shown.text


@pytest.mark.parametrize(
    "words",
    [
        ("predict", "tiny.pb", "song.wav"),
        ("predict", "tiny.pb", "a-much-longer-name-of-a-model.pb", "song.wav"),
        ("listen", "-q", "tiny.pb", "short.wav"),
        ("ls", "-q", "msd*"),
        ("search", "tempo"),
        ("inspect", "tiny.pb", "--layers"),
        ("validate", "tiny.pb"),
    ],
)
def test_a_terminal_of_40_columns_is_honoured(
    tiny: Any, song: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    lab.Network(tmp_path, "a-much-longer-name-of-a-model")
    lab.audio(tmp_path / "short.wav", lab.sine(16000), 16000)
    shown = on_terminal(*words, columns=40)
    lines = _lines(shown.text)
    long = [line for line in lines if len(line) > 40 and len(line.split()) > 1]
    assert lines and not long, shown.text
    if words[0] == "predict":
        assert "█" in shown.text


def test_ctrl_c_says_what_is_kept_and_the_same_command_goes_on(tiny: Any, tmp_path: Path) -> None:
    for place in range(12):
        lab.audio(tmp_path / f"song-{place}.wav", lab.impulses(16000), 16000)
    words = ("predict", tiny.path, *(f"song-{place}.wav" for place in range(12)), "-o", "songs.csv")
    shown = on_terminal(*words, interrupt_at="song-1.wav")
    kept = re.search(r"(\d+) of 12 files are kept in (\S+)\.", " ".join(_lines(shown.text)))
    assert shown.code == 130 and kept and 1 <= int(kept[1]) < 12, shown.text
    assert Path(kept[2]).is_file() and not Path("songs.csv").exists()
    again = on_terminal(*words)
    assert again.code == 0 and f"{kept[1]} of 12 files were already done" in again.text
    assert len(Path("songs.csv").read_text().splitlines()) == 13


@pytest.mark.parametrize("words", [("predict", "tiny.pb", "long.wav", "--plot", "long.png")])
def test_ctrl_c_ends_with_130_and_leaves_nothing(
    tiny: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    lab.audio(tmp_path / "long.wav", np.tile(lab.impulses(16000), 60), 16000)
    shown = on_terminal(*words, interrupt_at="0/1")
    assert shown.code == 130 and "Interrupted" in shown.text and "Traceback" not in shown.text
    assert not Path("long.png").exists() and not list(tmp_path.glob(".*"))


def test_ctrl_c_while_the_command_is_imported_is_no_traceback() -> None:
    program = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'zoo.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from zoo.__main__ import main\n"
        "main()"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")
