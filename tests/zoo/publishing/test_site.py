"""A published folder: whole at any time, unchanged where nothing changed, and nobody else's."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from catalog.errors import StorageError, UsageError
from catalog.store import sha256_of
from tests.support.forking import Forks
from zoo.publishing import site as module
from zoo.publishing.site import SUMS, Change, Site, read_sums

pytestmark = pytest.mark.usefixtures("store_home")

OLD = {"catalog.json": "1", "index.html": "old", "models/a/a.pb": "a", "models/b/b.pb": "b"}
NEW = {"catalog.json": "2", "index.html": "new", "models/a/a.pb": "a", "models/c/c.pb": "c"}


def publish(folder: Path, files: Mapping[str, str]) -> Change:
    with Site.at(folder).stage() as (new, change):
        for path, text in files.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_text(text)
    return change


def contents(folder: Path) -> dict[str, str]:
    """Every file but the list of digests, which must agree with them."""
    found = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != SUMS
    }
    sums = read_sums(folder / SUMS)
    assert sums == {path: sha256_of(folder / path) for path in found}
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place / "site"


def _beside(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir() if path != folder]


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in [folder, *folder.rglob("*")]
    }


def test_a_folder_is_made_and_then_replaced(folder: Path) -> None:
    assert sorted(publish(folder, OLD).written) == sorted(OLD)
    assert contents(folder) == OLD
    change = publish(folder, NEW)
    assert sorted(change.written) == ["catalog.json", "index.html", "models/c/c.pb"]
    assert change.removed == ["models/b/b.pb"]
    assert contents(folder) == NEW
    assert _beside(folder) == []


def test_files_that_are_as_they_were_stay_the_same_files(folder: Path) -> None:
    publish(folder, OLD)
    kept = folder / "models" / "a" / "a.pb"
    os.utime(kept, ns=(10**18, 10**18))
    before = kept.stat()
    publish(folder, NEW)
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_is_touched_where_nothing_changed(folder: Path) -> None:
    publish(folder, OLD)
    before = _stamps(folder)
    assert publish(folder, OLD) == Change()
    assert _stamps(folder) == before


def test_an_empty_folder_is_taken_with_its_permissions(folder: Path) -> None:
    folder.mkdir(mode=0o750)
    folder.chmod(0o750)
    publish(folder, OLD)
    assert contents(folder) == OLD
    assert folder.stat().st_mode & 0o777 == 0o750


def test_a_link_to_a_folder_stays_a_link(folder: Path) -> None:
    link = folder.with_name("link")
    folder.mkdir()
    link.symlink_to(folder)
    publish(link, OLD)
    assert link.is_symlink()
    assert contents(folder) == OLD


@pytest.mark.parametrize("system_can_exchange", [True, False])
def test_an_error_on_the_way_leaves_the_old_folder(
    folder: Path, system_can_exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "exchange", module.exchange if system_can_exchange else _cannot)
    publish(folder, OLD)
    before = _stamps(folder)
    with pytest.raises(ZeroDivisionError), Site.at(folder).stage() as (new, _):
        (new / "catalog.json").write_text("half")
        raise ZeroDivisionError
    assert _stamps(folder) == before
    assert _beside(folder) == []
    publish(folder, NEW)
    assert contents(folder) == NEW
    assert _beside(folder) == []


def _cannot(one: Path, other: Path) -> bool:
    return False


@pytest.mark.parametrize(
    "strange", ["notes.txt", ".git/config", "models/a/mine.txt", "zoo", ".hidden", "SHA256SUMS.bak"]
)
def test_other_peoples_files_are_never_harmed(folder: Path, strange: str) -> None:
    publish(folder, OLD)
    (folder / strange).parent.mkdir(exist_ok=True)
    (folder / strange).write_text("mine")
    before = _stamps(folder)
    with pytest.raises(UsageError, match=strange):
        publish(folder, NEW)
    assert _stamps(folder) == before


def test_links_in_the_folder_are_other_peoples(folder: Path, tmp_path: Path) -> None:
    publish(folder, OLD)
    (folder / "models" / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="elsewhere"):
        publish(folder, NEW)
    (folder / "models" / "elsewhere").unlink()
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match=r"index\.html"):
        publish(folder, NEW)


def test_a_folder_with_digests_that_nobody_published_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "release.tar").write_text("x")
    (folder / SUMS).write_text(f"{sha256_of(folder / 'release.tar')}  release.tar\n")
    with pytest.raises(UsageError):
        publish(folder, NEW)
    assert (folder / "release.tar").read_text() == "x"


def test_a_file_in_the_place_of_the_folder_is_refused(folder: Path) -> None:
    folder.write_text("x")
    with pytest.raises(UsageError):
        publish(folder, NEW)
    assert folder.read_text() == "x"


def test_the_folder_that_somebody_works_in_is_not_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder, OLD)
    for inside in (folder, folder / "models"):
        monkeypatch.chdir(inside)
        with pytest.raises(UsageError):
            publish(folder, NEW)
    assert contents(folder) == OLD


def test_two_cannot_publish_to_one_folder_at_once(folder: Path) -> None:
    publish(folder, OLD)
    with Site.at(folder).stage() as (new, _):
        with pytest.raises(UsageError, match="Another process"):
            publish(folder, NEW)
        for path, text in OLD.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_text(text)
    assert contents(folder) == OLD


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.parent.chmod(0o500)
    with pytest.raises(StorageError):
        publish(folder, NEW)


FULL = """
import resource, sys
from pathlib import Path
from catalog.errors import StorageError
from zoo.publishing.site import Site

resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    with Site.at(Path(sys.argv[1])).stage() as (new, change):
        (new / "catalog.json").write_text("2")
        (new / "large").write_bytes(bytes(10_000))
except StorageError as error:
    print(error.why)
"""


def test_a_disk_without_room_leaves_the_old_folder(folder: Path) -> None:
    publish(folder, OLD)
    before = _stamps(folder)
    told = subprocess.run([sys.executable, "-c", FULL, str(folder)], capture_output=True, text=True)
    assert told.stdout == "File too large\n"
    assert _stamps(folder) == before
    assert _beside(folder) == []


def _publish_new(folder: Path, can_exchange: bool) -> None:
    if not can_exchange:
        module.exchange = _cannot
    publish(folder, NEW)


@pytest.mark.slow
@pytest.mark.parametrize("can_exchange", [True, False])
def test_whoever_is_killed_leaves_the_old_folder_or_the_new_one(
    folder: Path, can_exchange: bool, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "exchange", module.exchange if can_exchange else _cannot)
    work = partial(_publish_new, folder, can_exchange)
    found = []
    for last in itertools.count(1):
        publish(folder, OLD)
        answer = forks.do(work, last=last)
        if answer.code == 0:
            break
        assert answer.code == -signal.SIGKILL, answer.err
        if can_exchange:
            found.append(contents(folder))  # there is no moment without a folder
            assert found[-1] in (OLD, NEW)
        publish(folder, NEW)  # whatever lies beside is cleared away
        assert contents(folder) == NEW
        assert _beside(folder) == []
    assert contents(folder) == NEW
    if can_exchange:
        assert OLD in found and NEW in found, "the swap itself was not among the steps"
