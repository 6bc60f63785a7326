"""The command, run inside the test's own process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from zoo import cli, output


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def zoo(
    store_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """The command, with an empty store: ``zoo("ls", "--json").document``."""

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
        monkeypatch.setattr(output, "quiet", False)
        capsys.readouterr()
        answer = Answer(cli.run(), *capsys.readouterr())
        assert "Traceback" not in answer.err
        return answer

    return run
