"""Runs that write the same output at once."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.zoo.predicting.conftest import FILES
from zoo.predicting.journal import Journal
from zoo.predicting.settings import Settings

Run = Callable[..., Any]


def test_two_runs_do_not_write_one_table(predict: Run, music: Path, tmp_path: Path) -> None:
    holding = Journal(Path("a.csv"), Settings({}, {}))
    ran = predict("tiny.pb", "music", "-o", "a.csv")
    assert (ran.code, ran.out, Path("a.csv").exists()) == (2, "", False)
    assert "Another run is writing a.csv" in ran.err and "Wait" in ran.err
    assert predict("tiny.pb", "music", "-o", "b.csv").code == 0
    holding.close()
    assert predict("tiny.pb", "music", "-o", "a.csv").code == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_of_eight_runs_at_once_those_that_end_well_wrote_every_row(
    predict: Run, music: Path
) -> None:
    words = [sys.executable, "-c", "from zoo.cli import main; main()", "predict", "-q"]
    words += ["tiny.pb", "music", "-o", "a.csv"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    runs = [subprocess.Popen(words, env=environment, **pipes) for _ in range(8)]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]
    codes = {run.returncode for run in runs}
    assert codes <= {0, 2} and 0 in codes, said
    assert all(
        "Another run" in text for run, text in zip(runs, said, strict=True) if run.returncode
    )
    lines = Path("a.csv").read_text().splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == FILES


@pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_a_drive_has_no_locks_a_file_does(
    number: int, predict: Run, music: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import fcntl

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refused)
    holding = Journal(Path("a.csv"), Settings({}, {}))
    assert predict("tiny.pb", "music", "-o", "a.csv").code == 2
    holding.close()
    assert predict("tiny.pb", "music", "-o", "a.csv").code == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
