"""A Dask cluster gives the same data set as one process, whoever dies meanwhile."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
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
KILLS = 20


def rows(place: str) -> list[dict[str, Any]]:
    found = pyarrow.dataset.dataset(place).to_table().to_pylist()
    return sorted(found, key=lambda row: str(row["file"]))


@pytest.fixture
def clips(tmp_path: Path, tiny: Any) -> Path:
    """A folder of many short files, some of which are none."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for index in range(CLIPS):
        if index % 20 == 7:
            (folder / f"{index}.wav").write_bytes(b"RIFF")
        else:
            lab.audio(folder / f"{index}.wav", lab.sine(16000 * 4) * (index + 1) / CLIPS, 16000)
    return folder


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A cluster of processes on this machine."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setitem(dask.config.config["distributed"]["scheduler"], "allowed-failures", 1)
    with distributed.LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as running:
        yield running


def test_a_cluster_and_one_process_give_the_same_rows(
    predict: Run, clips: Path, cluster: Any, tmp_path: Path
) -> None:
    lab.Head(tmp_path, "tiny")
    command = ["tiny.pb", "head.pb", "clips", "--activations"]
    assert predict(*command, "-o", "one.parquet/").code == 1
    ran = predict(*command, "-o", "many.parquet/", "--scheduler", cluster.scheduler_address)
    assert ran.code == 1 and f"{BAD} failed" in ran.err
    assert rows("many.parquet") == rows("one.parquet")
    ran = predict(*command, "-o", "many.parquet/", "--scheduler", cluster.scheduler_address)
    assert f"{CLIPS - BAD} were there already" in ran.err
    assert rows("many.parquet") == rows("one.parquet")


def test_workers_that_are_killed_cost_no_row(
    predict: Run, clips: Path, cluster: Any, tmp_path: Path
) -> None:
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
        ran = predict(
            "tiny.pb", "clips", "-o", "many.parquet/", "--scheduler", cluster.scheduler_address
        )
    finally:
        stop.set()
        thread.join()
    assert killed
    while ran.code == 1 and "ended the worker" in ran.err:  # perhaps not the file's fault
        ran = predict(
            "tiny.pb", "clips", "-o", "many.parquet/", "--scheduler", cluster.scheduler_address
        )
    predict("tiny.pb", "clips", "-o", "one.parquet/")
    assert rows("many.parquet") == rows("one.parquet")


def test_a_file_that_kills_each_worker_is_found_and_told(
    predict: Run, clips: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with distributed.Client(cluster, set_as_default=False) as client:
        client.register_plugin(Deadly())
    ran = predict("tiny.pb", "clips", "-o", "a.parquet/", "--scheduler", cluster.scheduler_address)
    assert ran.code == 1
    errors = {row["file"]: row["error"] for row in rows("a.parquet") if row["error"]}
    assert set(errors) == {f"clips/{index}.wav" for index in (33, *range(7, CLIPS, 20))}
    assert "ended the worker process" in errors["clips/33.wav"]
    assert len(rows("a.parquet")) == CLIPS


class Deadly(distributed.WorkerPlugin):
    """Lets one file end the process that reads it."""

    def setup(self, worker: Any) -> None:
        from zoo.predicting.request import Request

        run = Request.run
        Request.run = lambda *all: os._exit(1) if all[2] == "clips/33.wav" else run(*all)


def test_a_client_that_is_killed_leaves_what_the_next_one_goes_on_with(
    predict: Run, clips: Path, cluster: Any
) -> None:
    words = ["tiny.pb", "clips", "-o", "a.parquet/", "--scheduler", cluster.scheduler_address]
    code = (
        "import sys; from zoo.collecting import dataset; dataset.ROWS = 5\n"
        f"sys.argv = ['zoo', 'predict', *{words}]\nfrom zoo.cli import main; main()"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    while len(list(Path().glob("a.parquet/part-*"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = rows("a.parquet")
    assert 15 <= len(kept) < CLIPS
    predict(*words)
    predict("tiny.pb", "clips", "-o", "one.parquet/")
    assert rows("a.parquet") == rows("one.parquet")


def test_a_worker_gets_the_networks_that_it_cannot_pull(
    predict: Run, clips: Path, tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictors.runtimes import engines
    from zoo import api, elsewhere
    from zoo.collecting import worker
    from zoo.predicting.request import Request
    from zoo.predicting.task import Task

    task = Task(
        Request("predictions", None, "discard", None, None), api.load_many(["tiny.pb"]), len
    )
    job = worker.Job.of(task)
    Path("tiny.pb").rename("away.pb")
    monkeypatch.setattr(worker, "_jobs", {job.key: job})
    monkeypatch.setattr(worker, "_tasks", {})
    monkeypatch.setattr(elsewhere, "received", {})
    monkeypatch.setattr(engines, "threads", engines.threads)
    assert worker.hear(job.key, ["clips/1.wav"]) == [1]


def test_a_scheduler_that_is_not_there_is_told(predict: Run, clips: Path) -> None:
    words = ["tiny.pb", "clips", "-o", "a.parquet/", "--scheduler"]
    ran = predict(*words, "tcp://127.0.0.1:9")
    assert ran.code == 4 and "dask scheduler" in ran.err
    ran = predict("tiny.pb", "clips", "-o", "a.csv", "--scheduler", "tcp://127.0.0.1:9")
    assert ran.code == 2


def test_the_example_for_a_cluster_of_ones_own_runs(
    predict: Run, clips: Path, cluster: Any
) -> None:
    text = (ROOT / "docs" / "collections.md").read_text()
    (code,) = re.findall(r"```python\n(import zoo\nfrom distributed.*?)```", text, re.S)
    for word, other in {
        '"msd-musicnn-1", "deeptemp-k16-3"': '"tiny.pb"',
        "msd-musicnn-1": "tiny",
        "tcp://host:8786": cluster.scheduler_address,
    }.items():
        code = code.replace(word, other)
    files = [str((clips / f"{index}.wav").absolute()) for index in range(4)]
    names = {"files": files}
    exec(code, names)
    expected = predict("tiny.pb", files[1], "--json", "--top", "3").document["results"][0]["top"]
    assert [name for name, _ in names["tags"][1]] == [each["class"] for each in expected]
