from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, lab
from tests.support.waiting import is_alive, wait_for
from zoo.predicting import pool

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
COUNT = 24


@pytest.fixture
def music(tmp_path: Path, tiny: Any) -> list[str]:
    """Files enough for a pool of processes; one of them is none."""
    (tmp_path / "music").mkdir()
    lab.audio(tmp_path / "one.wav", lab.sine(16000), 16000)
    names = [f"music/{i:02}.wav" for i in range(COUNT)]
    for name in names:
        (tmp_path / name).symlink_to(tmp_path / "one.wav")
    (tmp_path / names[3]).unlink()
    (tmp_path / names[3]).write_bytes(b"RIFF")
    return names


def test_several_processes_say_what_one_says_in_the_order_of_the_files(
    predict: Run, music: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "available_cores", lambda: 1)
    alone = predict("tiny.pb", "music", "--json", "-o", "alone.csv")
    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    begun = []
    begin = pool.workers
    monkeypatch.setattr(pool, "workers", lambda *given: begun.append(given[0]) or begin(*given))
    together = predict("tiny.pb", "music", "--json", "-o", "together.csv")
    assert begun == [2]
    assert (alone.code, together.code) == (1, 1)
    assert together.document == alone.document
    assert [row["file"] for row in together.document["results"]] == music
    assert together.err.count("error:") == 1
    assert Path("together.csv").read_bytes() == Path("alone.csv").read_bytes()


def test_a_layer_that_is_not_there_ends_the_pool(
    predict: Run, music: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "available_cores", lambda: 2)
    ran = predict("tiny.pb", "music", "--layer", "nothing")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("error:") == 1


SLOW = """
import time
from zoo.predicting import pool
if __name__ == "__main__":
    from zoo.cli import main
    pool.available_cores = lambda: 2
    main()
elif __name__ == "__mp_main__":
    from predictors.audio import decoding
    pieces = decoding.pieces
    def slow(*given):
        time.sleep(0.3)
        return pieces(*given)
    decoding.pieces = slow
"""


def children(process: int) -> list[int]:
    """The processes that a process has begun."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return list(map(int, listed.split()))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("whom", ["all", "parent", "killed"])
def test_an_interrupted_pool_leaves_no_process_behind_and_can_go_on(
    whom: str, music: list[str], tmp_path: Path, predict: Run
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    command = [sys.executable, "slow.py", "predict", "tiny.pb", "music", "-o", "a.jsonl"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    root = str(ROOT)
    environment = os.environ | {"PYTHONPATH": root}
    running = subprocess.Popen(command, start_new_session=True, env=environment, **pipes)
    workers = begun(running, tmp_path)
    if whom == "all":
        os.killpg(running.pid, signal.SIGINT)
    else:
        running.send_signal(signal.SIGINT if whom == "parent" else signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    assert running.returncode == (-signal.SIGKILL if whom == "killed" else 130), said
    assert "Traceback" not in said
    assert whom == "killed" or f"of {COUNT} files are kept in a.jsonl.journal" in said
    wait_for(lambda: not any(map(is_alive, workers)))
    ran = predict("tiny.pb", "music", "-o", "a.jsonl")
    assert (ran.code, "files were already done" in ran.err) == (1, True)
    assert files_of(tmp_path / "a.jsonl") == music


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc here")
def test_a_process_that_is_killed_from_outside_costs_no_file(
    music: list[str], tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    command = [sys.executable, "slow.py", "predict", "tiny.pb", "music", "-o", "a.jsonl"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes)
    os.kill(begun(running, tmp_path)[-1], signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, f"{COUNT - 1} of {COUNT} files" in said) == (1, True), said
    assert files_of(tmp_path / "a.jsonl") == music


def begun(running: subprocess.Popen[str], folder: Path) -> list[int]:
    """The processes of a pool, once the journal holds two files."""
    kept = folder / "a.jsonl.journal"
    wait_for(
        lambda: (
            running.poll() is not None or (kept.exists() and kept.read_text().count('"stamp"') >= 2)
        )
    )
    workers = children(running.pid)
    assert len(workers) >= 2
    return workers


def files_of(table: Path) -> list[str]:
    return [json.loads(line)["file"] for line in table.read_text().splitlines()]
