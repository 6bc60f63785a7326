"""Pulling in real processes: killed, at the same time, interrupted, without a writable disk."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import jsonschema  # noqa: F401  # beforehand: other users may not read this interpreter's modules
import pytest
import requests  # noqa: F401

from catalog.errors import StorageError
from catalog.record import Record
from catalog.store import Store
from tests.support import misbehaving
from tests.support.forking import Forks
from tests.support.waiting import SECONDS, wait_for
from zoo.pulling.puller import pull

SIZE = 1 << 20
ZOO = str(Path(sys.executable).parent / "zoo")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals and permissions"),
]


@pytest.fixture
def content() -> bytes:
    return random.Random(1).randbytes(SIZE)


@pytest.fixture
def record(tmp_path: Path, server: Any, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record in a folder of ``ZOO_CATALOG``, whose files the server has."""
    server.files["/m-1.pb"] = content
    server.files["/m-1.json"] = b'{"name": "M"}'
    document = {
        "name": "M",
        "description": "Noise.",
        "framework": "none",
        "zoo": {
            "id": "m-1",
            "kind": "end-to-end",
            "files": [
                {
                    "kind": "pb",
                    "urls": [f"{server.url}/m-1.pb"],
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": SIZE,
                },
                {"kind": "json", "urls": [f"{server.url}/m-1.json"]},
            ],
        },
    }
    path = tmp_path / "catalog" / "m-1.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document))
    monkeypatch.setenv("ZOO_CATALOG", str(path.parent))
    return path


@pytest.fixture
def store(store_home: Path) -> Store:
    return Store(store_home)


class Watcher(Thread):
    """Looks at the place of a model all the time, and remembers what should not be there."""

    def __init__(self, store: Store, content: bytes) -> None:
        super().__init__()
        self.store, self.content = store, content
        self.done = Event()
        self.looks, self.wrong = 0, list[str]()

    def run(self) -> None:
        path, manifest = self.store.folder("m-1") / "m-1.pb", self.store.folder("m-1")
        while not self.done.wait(0.005):
            installed = (manifest / "manifest.json").exists()
            there = path.exists()
            self.looks += there
            if there and path.read_bytes() != self.content:
                self.wrong.append("a file that is not whole")
            if installed and not there:
                self.wrong.append("a manifest without its file")

    def __enter__(self) -> Watcher:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()


def test_a_pull_killed_at_twenty_moments_leaves_nothing_half_and_goes_on(
    server: Any, record: Path, store: Store, content: bytes, forks: Forks
) -> None:
    server.manner = misbehaving.slow(SIZE // 16, 0.02)
    seed = random.randrange(1000)
    moments, work = random.Random(seed), partial(pull, Record.load(record), store, force=True)
    seconds = forks.do(work).wall
    with Watcher(store, content) as watcher:
        for _ in range(20):
            answer = forks.do(work, kill=(moments.uniform(0, seconds), signal.SIGKILL))
            assert answer.code in (0, -signal.SIGKILL), answer.err
    assert watcher.wrong == [], f"seed {seed}"
    assert watcher.looks > 0
    resumed = [headers["Range"] for _, headers in server.requests if "Range" in headers]
    assert resumed, f"seed {seed}: nothing went on from where it stopped"

    server.manner = misbehaving.good
    subprocess.run([ZOO, "pull", "-q", "--force", "m-1"], check=True)
    assert store.path("m-1").read_bytes() == content
    assert {state.status for state in store.verify("m-1")} == {"ok"}
    assert list(store.parts.glob("*.part")) == []


def test_four_processes_pull_the_same_model(
    server: Any, record: Path, store: Store, content: bytes
) -> None:
    server.manner = misbehaving.slow(SIZE // 8, 0.1)
    with Watcher(store, content) as watcher:
        command = [ZOO, "pull", "--json", "m-1"]
        pulls = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
        answers = [json.loads(pull.communicate()[0]) for pull in pulls]
    assert [pull.returncode for pull in pulls] == [0] * 4
    assert watcher.wrong == []
    assert {answer["models"][0]["sha256"] for answer in answers} == {
        hashlib.sha256(content).hexdigest()
    }
    assert {state.status for state in store.verify("m-1")} == {"ok"}
    assert list(store.parts.glob("*.part")) == []


def test_ctrl_c_keeps_what_came_and_says_how_to_go_on(
    server: Any, record: Path, store: Store, content: bytes
) -> None:
    server.manner = misbehaving.slow(SIZE // 32, 0.2)
    pull = subprocess.Popen(
        [ZOO, "pull", "m-1", "--force"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: any(part.stat().st_size for part in store.parts.glob("*.part")))
    pull.send_signal(signal.SIGINT)
    output, errors = pull.communicate(timeout=SECONDS)
    assert pull.returncode == 130
    assert "Traceback" not in errors
    assert "zoo pull m-1 --force" in errors
    assert output == ""
    assert store.manifest("m-1") is None

    server.manner = misbehaving.good
    server.requests.clear()
    subprocess.run([ZOO, "pull", "-q", "m-1"], check=True)
    assert "Range" in server.requests[0][1]
    assert store.path("m-1").read_bytes() == content


def test_a_full_disk_loses_nothing(server: Any, record: Path, store: Store, content: bytes) -> None:
    limited = [
        "sh",
        "-c",
        f"ulimit -f {SIZE // 1024}; exec {ZOO} pull --json m-1",
    ]  # 512-byte blocks
    run = subprocess.run(limited, capture_output=True, text=True)
    assert run.returncode == 7
    assert json.loads(run.stdout)["error"]["type"] == "StorageError"
    assert "Traceback" not in run.stderr
    assert store.manifest("m-1") is None
    subprocess.run([ZOO, "pull", "-q", "m-1"], check=True)
    assert "Range" in server.requests[-2][1]
    assert store.path("m-1").read_bytes() == content


@pytest.fixture
def read_only_store(record: Path) -> Iterator[Path]:
    """A store that only its owner may write, in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="zoo-store-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        (home / "parts").mkdir()
        (home / "models").mkdir()
        for each in (home / "parts", home / "models", home):
            each.chmod(0o555)
        yield home
        for each in (home, home / "parts", home / "models"):
            each.chmod(0o755)


def _as_nobody(model: Record, store: Store) -> None:
    """Pull, and tell how it went; root would not heed permissions."""
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        print(pull(model, store)[0].status)
    except StorageError as error:
        print(error.exit_code, error.why)


def test_a_store_that_cannot_be_written_is_told(
    record: Path, read_only_store: Path, forks: Forks
) -> None:
    answer = forks.do(partial(_as_nobody, Record.load(record), Store(read_only_store)))
    assert answer.out == "7 Permission denied\n", answer.err


def test_what_is_installed_in_such_a_store_can_be_used(
    record: Path, read_only_store: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    (read_only_store / "models").chmod(0o755)
    (read_only_store / "parts").chmod(0o755)
    read_only_store.chmod(0o755)
    monkeypatch.setenv("ZOO_HOME", str(read_only_store))
    subprocess.run([ZOO, "pull", "-q", "m-1"], check=True)
    for path in (read_only_store / "models" / "m-1", read_only_store / "models", read_only_store):
        path.chmod(0o555)
    answer = forks.do(partial(_as_nobody, Record.load(record), Store(read_only_store)))
    assert answer.out == "already\n", answer.err
    (read_only_store / "models" / "m-1").chmod(0o755)
