"""A long collection needs no more memory than a short one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import many_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here"),
]

SLACK = 16 << 20  # bytes; 20,000 more rows of 400 classes are 32 MB, their names 2 MB


def peak(rows: int, folder: Path) -> int:
    command = [sys.executable, many_rows.__file__, str(rows), str(folder)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_writing_resuming_and_collecting_need_no_memory_for_each_row(tmp_path: Path) -> None:
    short, long = peak(10_000, tmp_path / "short"), peak(30_000, tmp_path / "long")
    assert long - short < SLACK
