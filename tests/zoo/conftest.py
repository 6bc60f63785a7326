"""What the tests of the command share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support import lab
from tests.support.forking import Forks
from zoo import cli, output


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def zoo(
    store_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The command, with an empty store: ``zoo("ls", "--json").document``."""

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, words)])
        monkeypatch.setattr(output, "quiet", False)
        capsys.readouterr()
        ran = Ran(cli.run(), *capsys.readouterr())
        assert "Traceback" not in ran.err and "bug in zoo" not in ran.err
        return ran

    return run


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """A process that forks what is to be killed, or to become another user."""
    with Forks() as forks:
        yield forks


@pytest.fixture
def predict(zoo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``zoo predict`` in an empty folder, far from any network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    return partial(zoo, "predict")


@pytest.fixture
def tiny(tmp_path: Path) -> Any:
    """``tiny.pb`` and ``tiny.json``."""
    return lab.Network(tmp_path)


@pytest.fixture
def song(tmp_path: Path) -> str:
    """Fourteen seconds: eight patches."""
    lab.audio(tmp_path / "song.wav", lab.impulses(16000), 16000)
    return "song.wav"
