"""``make bench``: every measurement as a ratio taken in one run, printed as a Markdown table."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.collection import rows, workers
from tests.bench.essentia import cold_musicnn, cold_tempocnn, feature_speed, many_clips
from tests.bench.export import export
from tests.bench.freeze import freeze
from tests.bench.frontend import frontend_in_graph
from tests.bench.heads import heads
from tests.bench.inspect import inspection
from tests.bench.page import page
from tests.bench.pull import pull_throughput
from tests.bench.row import Row
from tests.bench.startup import startup
from tests.bench.train import train

MEASUREMENTS: tuple[Callable[[], list[Row]], ...] = (
    startup,
    inspection,
    pull_throughput,
    freeze,
    export,
    cold_musicnn,
    cold_tempocnn,
    feature_speed,
    many_clips,
    rows,
    workers,
    heads,
    frontend_in_graph,
    train,
    page,
)


def machine() -> str:
    """Name the processor, its cores and the Python version."""
    model = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open() as lines:
            model = next(line for line in lines if line.startswith("model name")).split(": ")[1]
    except (OSError, StopIteration):
        pass
    return f"{model.strip()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    print(machine(), end="\n\n")
    print("| what | against | ratio | aim |\n|---|---|---|---|")
    for measurement in MEASUREMENTS:
        if len(sys.argv) > 1 and measurement.__name__ not in sys.argv[1:]:
            continue
        for row in measurement():
            print(f"| {row.what} | {row.against} | {row.ratio:.2f} | {row.aim} |", flush=True)


if __name__ == "__main__":
    main()
