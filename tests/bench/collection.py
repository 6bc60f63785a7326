"""Collections: rows through a data set, and files on a cluster."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from catalog.workers import available_cores
from tests.bench.essentia import network
from tests.bench.row import Row
from tests.support import lab, many_rows
from zoo import api
from zoo.collecting import cluster
from zoo.predicting import pool
from zoo.predicting.request import Request
from zoo.predicting.task import Task

ROWS = (10_000, 100_000)
CLIPS = 200


def rows() -> list[Row]:
    """Time a row of 400 classes, into a data set that grows."""
    each = []
    for count in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            many_rows.write(count, Path(folder) / "a.parquet")
            each.append((time.perf_counter() - start) / count)
    few, many = (f"{count:,}" for count in ROWS)
    rest = "packing and writing the row, however many there are already"
    return [Row(f"a row of {many}", f"a row of {few}", each[1] / each[0], "<= 1.1", rest)]


def workers() -> list[Row]:
    """Time clips of ten seconds on Dask workers and in the local pool, models loaded before."""
    from distributed import LocalCluster

    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None:
        return []
    cores = available_cores()
    request = Request("predictions", None, "discard", None, None)
    task = Task(request, api.load_many([str(graph)]), len)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=cores, threads_per_worker=1, dashboard_address=None) as running,
    ):
        noise = np.random.default_rng(0).normal(0, 0.1, 16000 * 10).astype(np.float32)
        files = [str(lab.audio(Path(folder) / f"{n}.wav", noise, 16000)) for n in range(CLIPS)]
        address = running.scheduler_address
        times = []
        for answers in (
            lambda: cluster.answers(task, files, address),
            lambda: pool.answers(task, files),
        ):
            start = time.perf_counter()
            assert len(list(answers())) == CLIPS
            times.append(time.perf_counter() - start)
    return [
        Row(
            f"{CLIPS} clips on {cores} Dask workers",
            "the local pool",
            times[0] / times[1],
            "<= 1.11",
            "sending tasks and answers; the clips' own work is the same",
        )
    ]
