"""A Dask cluster gives the same data set as one process, whoever dies meanwhile."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest

from tests.support import ROOT, lab

pytestmark = pytest.mark.slow
dask, distributed = map(pytest.importorskip, ("dask", "distributed"))

Run = Callable[..., Any]
CLIPS = int(os.environ.get("ZOO_CLIPS", "60"))
WORKERS = int(os.environ.get("ZOO_WORKERS", "2"))
BAD = len(range(7, CLIPS, 20))
KILLS = 6


def rows(place: str) -> list[dict[str, Any]]:
    found = pyarrow.dataset.dataset(place).to_table().to_pylist()
    return sorted(found, key=lambda row: str(row["file"]))


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where client and workers are: networks, and many short files, some of which are none."""
    place = tmp_path_factory.mktemp("place")
    (place / "clips").mkdir()
    lab.Network(place)
    lab.Head(place, "tiny")
    for index in range(CLIPS):
        path = place / "clips" / f"{index}.wav"
        if index % 20 == 7:
            path.write_bytes(b"RIFF")
        else:
            lab.audio(path, lab.sine(16000 * 4) * (index + 1) / CLIPS, 16000)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        yield place


@pytest.fixture
def predict(zoo: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    return partial(zoo, "predict")


@pytest.fixture(scope="module")
def cluster(place: Path) -> Iterator[Any]:
    """A cluster of processes on this machine, whose workers live on from test to test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setitem(dask.config.config["distributed"]["scheduler"], "allowed-failures", 1)
        with distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            dashboard_address=":0",
            local_directory=str(place),
        ) as running:
            yield running


@pytest.fixture(scope="module")
def expected(place: Path) -> list[dict[str, Any]]:
    """The rows that this process gives."""
    command = [sys.executable, "-c", "from zoo.cli import main; main()", "predict", "tiny.pb"]
    given = os.environ | {"PYTHONPATH": str(ROOT), "ZOO_OFFLINE": "1"}
    subprocess.run([*command, "clips", "-o", "expected.parquet/"], env=given, capture_output=True)
    return rows("expected.parquet")


def test_a_cluster_and_one_process_give_the_same_rows(
    predict: Run, cluster: Any, tmp_path: Path
) -> None:
    command, one, many = (
        ["tiny.pb", "head.pb", "clips", "--activations"],
        f"{tmp_path}/one.parquet/",
        f"{tmp_path}/many.parquet/",
    )
    assert predict(*command, "-o", one).code == 1
    ran = predict(*command, "-o", many, "--scheduler", cluster.scheduler_address)
    assert ran.code == 1 and f"{BAD} failed" in ran.err
    assert rows(many) == rows(one)
    ran = predict(*command, "-o", many, "--scheduler", cluster.scheduler_address)
    assert f"{CLIPS - BAD} were there already" in ran.err
    assert rows(many) == rows(one)


def test_workers_that_are_killed_cost_no_row(
    predict: Run, expected: list[dict[str, Any]], cluster: Any, tmp_path: Path
) -> None:
    command = [
        "tiny.pb",
        "clips",
        "-o",
        f"{tmp_path}/a.parquet/",
        "--scheduler",
        cluster.scheduler_address,
    ]
    stop = threading.Event()
    killed = []

    def kill() -> None:
        while not stop.wait(0.5):
            running = [nanny.pid for nanny in cluster.workers.values() if nanny.pid]
            if running and len(killed) < KILLS:
                os.kill(random.choice(running), signal.SIGKILL)
                killed.append(1)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        ran = predict(*command)
    finally:
        stop.set()
        thread.join()
    assert killed
    while ran.code == 1 and "ended the worker" in ran.err:  # perhaps not the file's fault
        ran = predict(*command)
    assert rows(f"{tmp_path}/a.parquet/") == expected


def test_a_file_that_kills_each_worker_is_found_and_told(
    predict: Run, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    files = ["deadly.wav", *(f"clips/{index}.wav" for index in range(9))]
    shutil.copyfile(files[1], files[0])
    with distributed.Client(cluster, set_as_default=False) as client:
        client.register_plugin(Deadly())
    ran = predict(
        "tiny.pb", *files, "-o", f"{tmp_path}/a.parquet/", "--scheduler", cluster.scheduler_address
    )
    assert ran.code == 1
    errors = {row["file"]: row["error"] for row in rows(f"{tmp_path}/a.parquet/") if row["error"]}
    assert set(errors) == {"deadly.wav", "clips/7.wav"}
    assert "ended the worker process" in errors["deadly.wav"]
    assert len(rows(f"{tmp_path}/a.parquet/")) == len(files)


class Deadly(distributed.WorkerPlugin):
    """Lets one file end the process that reads it."""

    def setup(self, worker: Any) -> None:
        from zoo.predicting.request import Request

        run = Request.run
        Request.run = lambda *all: os._exit(1) if all[2] == "deadly.wav" else run(*all)


NEVER_DONE = """
import sys, time
from zoo.cli import main
from zoo.collecting import dataset

write = dataset.DataSet._write
def _write(self, part, rows):
    if part == 9:
        time.sleep(600)
    write(self, part, rows)
dataset.DataSet._write, dataset.ROWS = _write, 5
sys.argv = ["zoo", "predict", *sys.argv[1:]]
main()
"""


def test_a_client_that_is_killed_leaves_what_the_next_one_goes_on_with(
    predict: Run, expected: list[dict[str, Any]], cluster: Any, tmp_path: Path
) -> None:
    words = [
        "tiny.pb",
        "clips",
        "-o",
        f"{tmp_path}/a.parquet/",
        "--scheduler",
        cluster.scheduler_address,
    ]
    process = subprocess.Popen([sys.executable, "-c", NEVER_DONE, *words])
    while len(list(tmp_path.glob("a.parquet/part-*"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = rows(f"{tmp_path}/a.parquet/")
    assert 15 <= len(kept) < CLIPS
    ran = predict(*words)
    assert "were there already" in ran.err
    assert rows(f"{tmp_path}/a.parquet/") == expected


def test_a_network_that_stays_in_a_child_does_so_in_workers(
    predict: Run, cluster: Any, tmp_path: Path
) -> None:
    """A loud file asks for what nothing has, and costs its own row alone."""
    lab.deciding(lab.Network(tmp_path))
    (tmp_path / "clips").mkdir()
    for name, samples in (("a", 0.001 * lab.sine(16000)), ("b", 8 * lab.noise(16000))):
        lab.audio(tmp_path / "clips" / f"{name}.wav", samples, 16000)
    command = [f"{tmp_path}/tiny.pb", f"{tmp_path}/clips", "--layer", "more"]
    for place, where in (
        ("pool", []),
        ("cluster", ["--scheduler", cluster.scheduler_address]),
    ):
        assert predict(*command, *where, "-o", f"{tmp_path}/{place}.parquet/").code == 1
        quiet, loud = rows(f"{tmp_path}/{place}.parquet/")
        assert quiet["error"] is None and quiet["tiny"]
        assert loud["error"] and loud["tiny"] is None


def test_a_worker_gets_the_networks_that_it_cannot_pull(
    tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.runtimes import openvino_engine
    from zoo import api, elsewhere
    from zoo.collecting import worker
    from zoo.predicting.request import Request
    from zoo.predicting.task import Task

    network = lab.Network(tmp_path).path
    request = Request("predictions", None, "discard", None, None)
    job = worker.Job.of(Task(request, api.load_many([str(network)]), len))
    network.unlink()
    monkeypatch.setattr(worker, "_jobs", {job.key: job})
    monkeypatch.setattr(worker, "_tasks", {})
    monkeypatch.setattr(elsewhere, "received", {})
    monkeypatch.setattr(openvino_engine, "threads", openvino_engine.threads)
    assert worker.hear(job.key, ["clips/1.wav"]) == [1]


def test_a_scheduler_that_is_not_there_is_told(
    predict: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.collecting.cluster.PATIENCE", 0.5)
    words = ["tiny.pb", "clips", "-o", "a.parquet/", "--scheduler"]
    ran = predict(*words, "tcp://127.0.0.1:9")
    assert ran.code == 4 and "dask scheduler" in ran.err
    ran = predict("tiny.pb", "clips", "-o", "a.csv", "--scheduler", "tcp://127.0.0.1:9")
    assert ran.code == 2


def test_the_example_for_a_cluster_of_ones_own_runs(
    predict: Run, place: Path, cluster: Any
) -> None:
    text = (ROOT / "docs" / "collections.md").read_text()
    (code,) = re.findall(r"```python\n(import zoo\nfrom distributed.*?)```", text, re.S)
    for word, other in {
        '"msd-musicnn-1", "deeptemp-k16-3"': '"tiny.pb"',
        "msd-musicnn-1": "tiny",
        "tcp://host:8786": cluster.scheduler_address,
    }.items():
        code = code.replace(word, other)
    files = [str(place / "clips" / f"{index}.wav") for index in range(4)]
    names = {"files": files}
    exec(code, names)
    alone = predict("tiny.pb", files[1], "--json", "--top", "3").document["results"][0]["top"]
    assert [name for name, _ in names["tags"][1]] == [each["class"] for each in alone]
