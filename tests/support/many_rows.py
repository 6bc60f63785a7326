"""Rows of files that nobody heard, through a data set and out again; run, its peak of memory."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from zoo.collecting import collect
from zoo.collecting.dataset import DataSet
from zoo.predicting.rows import Layout
from zoo.predicting.tables import Columns

CLASSES = 400
COLUMNS = Columns({"m": Layout(tuple(f"style {index}" for index in range(CLASSES)), ())})
SETTINGS = {"options": {"layer": "predictions"}, "models": {"m": ["digest"]}, "numbers": {"m": []}}


def write(rows: int, place: Path) -> int:
    """Add the rows that a data set lacks; return how many it lacked."""
    dataset = DataSet(str(place), COLUMNS.schema(), SETTINGS)
    chance, added = np.random.default_rng(0), 0
    for index in range(rows):
        file, stamp = f"music/{index:08d}.mp3", (1, index)
        if not dataset.is_done(file, stamp):
            mean = chance.random(CLASSES, np.float32)
            dataset.add({"file": file, "duration": 240.0, "m": mean, "error": None}, stamp)
            added += 1
    dataset.flush()
    dataset.close()
    return added


if __name__ == "__main__":
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    assert write(count, folder / "a.parquet") == count
    assert write(count, folder / "a.parquet") == 0
    for ending in ("npz", "csv"):
        collect.collect(str(folder / "a.parquet"), folder / f"a.{ending}")
    with Path("/proc/self/status").open() as status:
        print(1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1]))
