"""Waiting for other processes, as long as a machine with much to do may need."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 120


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until something holds; the test fails if it never does."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "It never happened."
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    """Tell whether a process runs; one that has died and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
