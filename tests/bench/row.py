"""One line of the bench table, and how whole processes are timed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

ZOO = (sys.executable, "-m", "zoo")
"""The command."""


@dataclass(frozen=True)
class Row:
    """A ratio of two things measured alternately in one run.

    Attributes
    ----------
    what, against : str
    ratio : float
        Time (or memory) of the first over the second: below one is better.
    aim : str
    rest : str
        Where the rest of the time goes.
    """

    what: str
    against: str
    ratio: float
    aim: str
    rest: str


def seconds(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Time one run of a command, start-up included."""
    start = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, env=env, **quiet)
    return time.perf_counter() - start


def medians(commands: Sequence[Sequence[str]], rounds: int = 5) -> list[float]:
    """Time several commands in turns, so that a busy moment hits all of them alike."""
    for command in commands:
        seconds(command)
    times = [[seconds(command) for command in commands] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]
