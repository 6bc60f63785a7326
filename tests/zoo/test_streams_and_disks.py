"""Streams that are closed or full, folders that are gone or read-only, disks without room."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support import ROOT, graphs, lab

pytestmark = pytest.mark.slow

SILENT = ("verify", "doctor -q", "catalog ls")
"""Commands that print nothing on stdout here."""
PRINTING = (
    "--help",
    "ls --json",
    "search tempo",
    "info msd-musicnn-1",
    "pull msd-musicnn-1 --dry-run",
    "inspect {lab}/tiny.pb",
    "predict {lab}/tiny.pb {lab}/song.wav",
    "predict {lab}/tiny.pb {lab}/song.wav --json",
    "listen {lab}/tiny.pb {lab}/short.wav",
    "export {lab}/tiny.pb --to tfjs -o {out}/tiny",
)
WRITING = (
    "inspect {lab}/tiny.pb --plot {out}/graph.svg",
    "predict {lab}/tiny.pb {lab}/song.wav -o {out}/song.npz",
    "predict {lab}/tiny.pb {lab}/song.wav {lab}/short.wav -o {out}/songs.csv",
    "predict {lab}/tiny.pb {lab}/song.wav --plot {out}/song.png",
    "export {lab}/tiny.pb --to tfjs -o {out}/tiny",
)
Ran = subprocess.CompletedProcess[str]
Shell = Callable[..., Ran]


@pytest.fixture
def shell(tmp_path: Path, store_home: Path) -> Shell:
    """Run a command as a shell starts it; none may end with a traceback, or as a bug."""
    folder = tmp_path / "lab"
    folder.mkdir()
    lab.Network(folder)
    lab.audio(folder / "song.wav", lab.impulses(16000), 16000)
    lab.audio(folder / "short.wav", lab.sine(16000), 16000)
    graph = graphs.graph("x = Placeholder\nw = VariableV2\ny = Mul x w\nz = Sigmoid y")
    graphs.save(graphs.checkpoint({"w": np.ones(3, np.float32)}, graph), str(folder / "model"))

    def run(command: str, redirected: str = "", before: str = ":", out: str = ".") -> Ran:
        words = command.format(lab=folder, out=out)
        line = f"{before} && exec {sys.executable} -m zoo {words} {redirected}"
        ran = subprocess.run(
            ["sh", "-c", line],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "ZOO_OFFLINE": "1"},
        )
        assert ran.returncode not in (70, 120), ran.stderr
        assert not {"Traceback", "Exception"} & set(ran.stderr.split()), ran.stderr
        return ran

    return run


@pytest.mark.parametrize("command", SILENT + PRINTING)
def test_a_command_works_without_stdout(shell: Shell, command: str) -> None:
    ran = shell(command, ">&-")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("command", PRINTING)
def test_a_full_disk_behind_stdout_is_told(shell: Shell, command: str) -> None:
    ran = shell(command, ">/dev/full")
    assert ran.returncode == 7 and "No space left on device" in ran.stderr


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("command", "code"),
    [("ls --installed", 0), ("rm -y none", 3), ("predict {lab}/tiny.pb {lab}/song.wav", 0)],
)
def test_what_nobody_can_be_told_changes_nothing(
    shell: Shell, command: str, code: int, closed: str
) -> None:
    ran = shell(command, closed)
    assert ran.returncode == code
    assert bool(ran.stdout) == command.startswith("predict")


@pytest.mark.parametrize("command", WRITING)
def test_a_place_that_cannot_be_written_is_told(shell: Shell, command: str) -> None:
    ran = shell(command, out="/dev/null/folder")
    assert ran.returncode == 7 and ran.stderr.startswith("error: /dev/null/folder")


@pytest.mark.parametrize("command", [*WRITING, "freeze {lab}/model -o {out}/m.pb --node y"])
def test_a_full_disk_is_told(shell: Shell, command: str, tmp_path: Path) -> None:
    """Not a byte may be written to a file, nor are there temporary ones."""
    ran = shell(command, before="ulimit -f 0")
    assert ran.returncode == 7 and "error: " in ran.stderr
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


@pytest.mark.parametrize("command", [*SILENT, *PRINTING[:5], *WRITING])
def test_a_current_folder_that_is_gone_stops_only_what_writes_there(
    shell: Shell, command: str
) -> None:
    ran = shell(command, before="mkdir gone && cd gone && rmdir ../gone")
    assert ran.returncode == (7 if "{out}" in command else 0), ran.stderr


@pytest.mark.parametrize(
    "command", ["ls -q", "verify", "doctor", "catalog ls", "pull msd-musicnn-1"]
)
def test_a_store_that_cannot_be_is_told_or_empty(shell: Shell, command: str) -> None:
    ran = shell(command, before="export ZOO_HOME=/dev/null/home")
    assert ran.returncode in (0, 1, 4, 7)
