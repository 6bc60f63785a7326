"""The command doctor, and what every command does when its output cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Zoo = Callable[..., Any]
COMMAND = [sys.executable, "-c", "from zoo.cli import main; main()"]


def test_doctor_names_a_broken_catalog(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken-1.json").write_text("{")
    monkeypatch.setenv("ZOO_CATALOG", str(tmp_path / "mine"))
    answer = zoo("doctor")
    assert answer.code == 1
    assert "broken-1.json" in answer.out


def test_doctor_names_a_store_that_cannot_be_written(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    answer = zoo("doctor")
    assert answer.code == 1
    assert "export ZOO_HOME" in answer.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["ls"], ["ls", "--json"]])
def test_an_output_without_room_gives_7_and_a_sentence(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 7
    assert "Traceback" not in done.stderr


def test_debug_adds_a_traceback_and_changes_nothing_else() -> None:
    done = subprocess.run(
        [*COMMAND, "info", "no-such-model", "--json"],
        env={**os.environ, "ZOO_DEBUG": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["type"] == "UnknownModelError"
    assert "Traceback" in done.stderr


def test_without_arguments_the_help_is_shown(zoo: Zoo) -> None:
    answer = zoo()
    assert answer.code == 0
    assert "predict" in answer.out


def test_a_name_in_no_alphabet_is_told_and_not_a_bug(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.flac"
    Path(os.fsdecode(name)).write_bytes(b"no audio")
    command = [*COMMAND, "predict", "msd-musicnn-1", name]
    done = subprocess.run(
        command,
        env={**os.environ, "ZOO_HOME": str(tmp_path), "ZOO_OFFLINE": "1"},
        capture_output=True,
    )
    assert done.returncode == 4
    command[-2] = b"x\xff"
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"bug" not in done.stderr
