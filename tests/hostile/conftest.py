"""What the tests with hostile files share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import lab
from validate import run
from zoo import cli, output

HERE = Path(__file__).parent

Zoo = Callable[..., int]


@pytest.fixture
def zoo(
    store_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Zoo:
    """The command, far from any network; networks are not run to be validated."""
    monkeypatch.setattr(run, "check", lambda _: [])
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        monkeypatch.setattr(output, "quiet", False)
        code = cli.run()
        out, err = capsys.readouterr()
        assert code in (0, 1, 2, 3, 4, 5, 6), (words, out, err)
        assert code == 0 or (out + err).strip(), (words, "not a word")
        assert "\x1b" not in out + err, (words, out, err)
        return code

    return command


@pytest.fixture(scope="session")
def is_long() -> bool:
    """Whether the whole corpus is tried: ``ZOO_FUZZ=N``, N examples of each property."""
    return "ZOO_FUZZ" in os.environ


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return lab.audio(tmp_path / "song.wav", lab.sine(16000), 16000)
