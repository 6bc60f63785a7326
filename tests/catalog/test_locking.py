"""Locks between processes and threads, and their files."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from catalog import locking
from catalog.locking import locked

HOLDS = """
import sys, time
from pathlib import Path
from catalog import locking
if sys.argv[2] == "windows":
    locking.fcntl = None
with locking.locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""

COUNTS = """
import sys
from pathlib import Path
from catalog.locking import locked
for _ in range(50):
    with locked(Path(sys.argv[1])):
        count = Path(sys.argv[2])
        count.write_text(str(int(count.read_text()) + 1))
"""


def test_who_need_not_wait_is_told_and_the_file_goes_with_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "a" / "x.lock"
    with locked(lock) as mine, locked(lock, wait=False) as again:
        assert mine and not again
    assert not lock.exists()
    with locked(lock, wait=False) as mine:
        assert mine
    assert not lock.exists()


def test_processes_wait_for_each_other_although_the_file_goes(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    command = [sys.executable, "-c", COUNTS, tmp_path / "x.lock", tmp_path / "count"]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert (tmp_path / "count").read_text() == "200"
    assert not (tmp_path / "x.lock").exists()


@pytest.mark.parametrize("system", ["unix", "windows"])
def test_a_killed_process_holds_nothing(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system == "windows":
        monkeypatch.setattr(locking, "fcntl", None)
    lock = tmp_path / "x.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, lock, system], stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    with locked(lock, wait=False) as mine:
        assert not mine
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with locked(lock, wait=False) as mine:
        assert mine
    assert not lock.exists()


@pytest.mark.skipif(locking.fcntl is None, reason="Windows locks in another way")
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_has_files_for_them(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, "no locks here")

    monkeypatch.setattr(locking.fcntl, "flock", refuse)
    lock, count = tmp_path / "x.lock", [0]

    def add(_: int) -> None:
        with locked(lock):
            before = count[0]
            time.sleep(0.01)
            count[0] = before + 1

    with locked(lock) as mine, locked(lock, wait=False) as again:
        assert mine and not again
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(8)))
    assert count == [8]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(locking.fcntl is None, reason="Windows locks in another way")
def test_another_error_of_the_disk_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(locking.fcntl, "flock", refuse)
    with pytest.raises(OSError, match="broken"), locked(tmp_path / "x.lock"):
        pass
