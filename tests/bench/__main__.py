"""``make bench``: every measurement as a ratio taken in one run, written into docs/speed.md.

Names of measurements as arguments take these alone, and leave the other rows as they are.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import table
from tests.bench.arithmetic import arithmetic
from tests.bench.clips import short_clips
from tests.bench.cold import cold_clips
from tests.bench.collection import rows, workers
from tests.bench.essentia import cold_musicnn, cold_tempocnn, feature_speed, many_clips
from tests.bench.export import export
from tests.bench.freeze import freeze
from tests.bench.frontend import frontend_in_graph
from tests.bench.heads import heads
from tests.bench.inspect import inspection
from tests.bench.overlap import overlap, page_overlap
from tests.bench.page import page
from tests.bench.patch import page_patch
from tests.bench.pull import pull_throughput
from tests.bench.rates import rates
from tests.bench.resampling import exact_resampling
from tests.bench.row import Row
from tests.bench.startup import startup
from tests.bench.train import train

MEASUREMENTS: tuple[Callable[[], list[Row]], ...] = (
    startup,
    inspection,
    pull_throughput,
    freeze,
    export,
    cold_clips,
    cold_musicnn,
    cold_tempocnn,
    exact_resampling,
    feature_speed,
    many_clips,
    short_clips,
    rates,
    arithmetic,
    rows,
    workers,
    heads,
    overlap,
    frontend_in_graph,
    train,
    page,
    page_patch,
    page_overlap,
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
    named = sys.argv[1:]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its bytecode, too
    on = machine()
    print(f"{on}\n\n{table.head()}")
    found = []
    for measurement in MEASUREMENTS:
        if named and measurement.__name__ not in named:
            continue
        for row in measurement():
            print(table.written(row), flush=True)
            found.append(row)
    table.write(found, on, whole=not named)


if __name__ == "__main__":
    main()
