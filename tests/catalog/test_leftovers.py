"""What killed processes leave goes with the next run; what others work on stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from catalog import leftovers
from catalog.download.part import KEPT, own_part
from catalog.leftovers import DAY, sweep, working_folder
from catalog.storage import unfinished, write_whole
from catalog.store import Store

KILLED = """
import os, signal, sys
from pathlib import Path
from catalog.leftovers import working_folder
from catalog.storage import unfinished
with working_folder(Path(sys.argv[1])) as folder, unfinished(Path(sys.argv[1]) / "x") as made:
    (folder / "half").write_bytes(b"half")
    made.write_bytes(b"half")
    os.kill(os.getpid(), signal.{})
"""


@pytest.fixture(autouse=True)
def _swept_anew() -> None:
    sweep.cache_clear()


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_what_a_killed_process_left_goes_with_the_next_file(how: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED.format(how), str(tmp_path)]
    assert subprocess.run(command, capture_output=True).returncode == -getattr(signal, how)
    assert len(list(tmp_path.iterdir())) == (0 if how == "SIGINT" else 2)
    write_whole(tmp_path / "y", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["y"]


def test_what_others_work_on_stays_for_a_day(tmp_path: Path) -> None:
    mine = tmp_path / leftovers.name()
    elsewhere = tmp_path / ".zoo-000000-1-abc.tmp"
    others = [tmp_path / name for name in (".zoo-work", "zoo-models", ".zoo-x-1-y", "zoo-1-2-3")]
    for folder in (mine, *others):
        folder.mkdir()
    elsewhere.touch()
    sweep(tmp_path)
    assert {*tmp_path.iterdir()} == {mine, elsewhere, *others}
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - DAY - 60,) * 2)
    sweep(tmp_path)
    assert {*tmp_path.iterdir()} == {mine, elsewhere, *others}, "a folder is looked through once"
    sweep.cache_clear()
    sweep(tmp_path)
    assert {*tmp_path.iterdir()} == set(others)


def test_a_link_to_elsewhere_is_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    link = tmp_path / "there" / ".zoo-000000-1-abc"
    link.parent.mkdir()
    link.symlink_to(kept)
    leftovers.remove(link)
    assert not link.is_symlink() and (kept / "file").exists()


def test_a_working_folder_goes_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), working_folder(tmp_path) as folder:
        (folder / "a").mkdir()
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="no"), unfinished(tmp_path / "x") as made:
        made.touch()
        raise ValueError("no")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no groups")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_groups_folder_stays_the_groups_under_any_umask(umask: int, tmp_path: Path) -> None:
    ours, own = tmp_path / "ours", tmp_path / "own"
    for folder, mode in ((ours, 0o2775), (own, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
    before = os.umask(umask)
    try:
        for folder in (ours, own):
            write_whole(folder / "a" / "b" / "file", b"x", folder / "parts")
    finally:
        os.umask(before)
    for path in ours.rglob("*"):
        wanted = 0o2070 if path.is_dir() else 0o060
        assert path.stat().st_mode & wanted == wanted, path
    assert (own / "a").stat().st_mode & 0o777 == 0o777 & ~umask
    assert (own / "a" / "b" / "file").stat().st_mode & 0o777 == 0o666 & ~umask


def test_unfinished_downloads_stay_a_month(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key, age in (("new", KEPT - 60), ("old", KEPT + 60)):
        with suppress(KeyboardInterrupt), own_part(store.parts, key) as part:
            part.begin("http://127.0.0.1/m.pb", "tag")
            part.path.write_bytes(b"half")
            os.utime(part.path, (time.time() - age,) * 2)
            raise KeyboardInterrupt
    store.tidy()
    assert sorted(path.name for path in store.parts.iterdir()) == ["new.part", "new.part.json"]
