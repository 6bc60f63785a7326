"""The command doctor, and what every command does when its output cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from zoo import diagnosis
from zoo.version import __version__

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


def test_doctor_tells_what_an_installation_is_made_of(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_MIRROR", "https://ada:secret@mirror.example/models")
    document = zoo("doctor", "--json").document
    assert document["ok"] is True
    checks = {each["id"]: each for each in document["checks"]}
    assert {"zoo", "python", "system", "openvino", "tensorflow", "node", "store"} <= set(checks)
    assert checks["zoo"]["found"] == __version__
    assert checks["openvino"]["status"] == "passed"
    assert checks["environment"]["found"].count("ZOO_MIRROR=https://mirror.example/models") == 1
    assert set(checks["zoo"]) == {"id", "status", "found", "hint"}


def test_doctor_names_the_extra_of_what_is_not_installed(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(diagnosis, "version", none)
    monkeypatch.setenv("PATH", "")
    answer = zoo("doctor", "--json")
    checks = {each["id"]: each for each in answer.document["checks"]}
    assert answer.code == 1 and answer.document["ok"] is False
    assert checks["openvino"]["status"] == "failed"
    assert checks["scikit-learn"]["status"] == "not-applicable"
    assert checks["scikit-learn"]["hint"] == "pip install 'audiozoo[train]'"
    assert checks["node"] == {
        "id": "node",
        "status": "not-applicable",
        "found": None,
        "hint": None,
    }


def test_the_version_tells_runtimes_on_request(zoo: Zoo) -> None:
    assert zoo("--version").out == f"zoo {__version__}\n"
    first, *others = zoo("--version", "-v").out.splitlines()
    assert first == f"zoo {__version__}"
    assert any(line.split() == ["openvino", version("openvino")] for line in others)
