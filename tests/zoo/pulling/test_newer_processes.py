"""Locks and updates in real processes: killed, sixteen at once, and of two users of a group."""

from __future__ import annotations

import ctypes  # noqa: F401  # beforehand: other users may not read this interpreter's modules
import hashlib
import itertools
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import jsonschema  # noqa: F401
import pytest
import requests  # noqa: F401

from catalog import lock as locks
from catalog.record import Record
from catalog.store import Store
from tests.support.forking import Answer, Forks
from zoo.publishing.site import Site
from zoo.publishing.webserver import WebServer
from zoo.pulling import locking, newer, wanted
from zoo.pulling.added_catalogs import Sources
from zoo.pulling.puller import Puller

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals, users and forks"),
]

OLD, REPLACED, NEWER = b"\n\x03old" * 9, b"\n\x08replaced" * 9, b"\n\x05newer" * 9


def _publish(folder: Path, **contents: bytes) -> None:
    """A published folder, as small as it can be."""
    models = []
    for name, content in sorted(contents.items()):
        id = name.replace("_", "-")
        path = folder / f"{id}.pb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        file = {"path": path.name, "kind": "pb", "size": len(content), "sha256": digest}
        zoo = {"id": id, "kind": "extractor", "license": "ISC"}
        record = {"name": id, "description": "Hears.", "framework": "none", "zoo": zoo}
        models.append({"record": record, "files": [file]})
    (folder / "catalog.json").write_text(
        json.dumps({"format": 1, "title": "The lab", "models": models})
    )


def _pull(store: Store, site: Path | str, *names: str) -> None:
    for model in wanted.named(names, str(site)):
        Puller(Sources(store)).pull(model)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A lab that replaces a model, and has a newer version of another, after these were pulled."""
    return tmp_path / "site"


@pytest.fixture
def store(site: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.chdir(store_home.parent)
    store = Store(store_home)
    _publish(site, ears_1=OLD, tagger_1=OLD)
    _pull(store, site, "ears-1", "tagger-1")
    locking.lock([], Path("zoo.lock"), store)
    _publish(site, ears_1=REPLACED, tagger_1=OLD, tagger_2=NEWER)
    return store


def _whole(store: Store) -> dict[str, bytes]:
    """The networks that are installed, each of which is as its manifest says."""
    found = {}
    for id in store.names():
        assert all(state.ok for state in store.verify(id)), id
        found[id] = store.path(id).read_bytes()
    return found


def _update(store: Store) -> None:
    list(newer.update([], store))


def _lock(store: Store) -> None:
    locking.lock([], Path("zoo.lock"), store)


def _gc(store: Store) -> None:
    for id in newer.unneeded(store, ()):
        store.remove(id)


@pytest.mark.parametrize("work", [_update, _lock, _gc])
def test_whoever_is_killed_leaves_nothing_half(
    work: Callable[[Store], None], store: Store, forks: Forks
) -> None:
    if work is not _update:
        list(newer.update([], store))
    before = store.home.with_name("before")
    shutil.copytree(store.home, before)
    lock, locked = Path("zoo.lock"), Path("zoo.lock").read_bytes()
    seen = set()
    for last in itertools.count(1, 2):
        shutil.rmtree(store.home)
        shutil.copytree(before, store.home)
        lock.write_bytes(locked)
        answer = forks.do(partial(work, store), last=last)
        assert answer.code in (0, -signal.SIGKILL), answer.err
        there = _whole(store)
        assert there["ears-1"] in (OLD, REPLACED)
        assert there.get("tagger-1", OLD) == OLD and there.get("tagger-2", NEWER) == NEWER
        assert there.keys() >= {"tagger-1"} or there.keys() >= {"tagger-2"}
        assert locks.read(lock)
        seen.add((tuple(there.items()), lock.read_bytes()))
        _did(forks.do(partial(work, store)))  # who comes next finishes it
        done = _whole(store)
        assert not [path for path in lock.parent.iterdir() if path.name.startswith(".zoo-")]
        if answer.code == 0:
            break
    assert len(seen) > 1, "no process was killed before the end"
    assert done["ears-1"] == REPLACED and done["tagger-2"] == NEWER
    assert ("tagger-1" in done) == (work is not _gc)


def _did(answer: Answer) -> None:
    assert answer.code == 0, answer.err


@pytest.fixture(params=["folder", "server"])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    """Where the lab's catalog is: its folder, or a server of it on this machine."""
    if request.param == "folder":
        yield str(site)
        return
    server = WebServer(site, 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.address
    server.shutdown()
    server.server_close()


def _install(models: Sequence[Record], store: Store) -> None:
    puller = Puller(Sources(store, locked=True))
    for model in models:
        puller.pull(model)
    locking.lock([], Path("again.lock"), store)


def _sixteen_times(work: Callable[[], object]) -> None:
    """Do something in sixteen processes at once."""
    children = []
    for _ in range(16):
        child = os.fork()
        if child == 0:
            work()
            return
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 16


def test_sixteen_processes_install_one_lock_at_once(
    store: Store, site: Path, address: str, forks: Forks
) -> None:
    _publish(site, ears_1=OLD, tagger_1=OLD)
    shutil.rmtree(store.home)
    _pull(store, address, "ears-1", "tagger-1")
    locking.lock([], Path("zoo.lock"), store)
    shutil.rmtree(store.home)
    models = wanted.locked(Path("zoo.lock"))
    assert all(file.urls[0].startswith(address) for model in models for file in model.files)
    _did(forks.do(partial(_sixteen_times, partial(_install, models, store))))
    assert _whole(store) == {"ears-1": OLD, "tagger-1": OLD}
    assert Path("again.lock").read_bytes() == Path("zoo.lock").read_bytes()
    assert not list(store.parts.glob("*.part"))


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of a group, under ``/tmp``, where every user may enter."""
    if os.getuid() != 0:
        pytest.skip("only root can become two users")
    with tempfile.TemporaryDirectory(prefix="zoo-group-") as name:
        folder = Path(name)
        os.chown(folder, 0, 4242)
        folder.chmod(0o2775)
        yield folder


def _as(user: int, work: Callable[[], object]) -> None:
    """Do something as a user of the group, who keeps all to himself by habit."""
    os.umask(0o077)
    os.setgroups([4242])
    os.setgid(4242)
    os.setuid(user)
    work()


def test_two_users_of_a_group_share_a_store(
    shared: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def do(user: int, work: Callable[..., object], *arguments: object) -> None:
        _did(forks.do(partial(_as, user, partial(work, *arguments))))

    published, lock = shared / "published", shared / "zoo.lock"
    _publish(published, ears_1=OLD, tagger_1=OLD)
    home, one, other = Store(shared / "home"), 65_533, 65_532
    monkeypatch.chdir(shared)
    monkeypatch.setenv("ZOO_HOME", str(home.home))
    do(one, _pull, home, published, "ears-1", "tagger-1")
    do(other, _lock, home)
    _publish(published, ears_1=REPLACED, tagger_1=OLD, tagger_2=NEWER)
    do(other, _update, home)
    do(one, _lock, home)
    do(other, home.remove, "tagger-1")
    do(one, home.remove, "tagger-2")
    _publish(published, ears_1=REPLACED, tagger_1=OLD, tagger_2=NEWER)
    models = wanted.locked(lock)
    do(one, _install, models, home)
    assert _whole(home) == {"ears-1": REPLACED, "tagger-1": OLD, "tagger-2": NEWER}


def _stage(folder: Path, *names: str) -> None:
    with Site.at(folder).stage() as (new, _):
        for name in ("catalog.json", *names):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_text(name)


def test_two_users_of_a_group_publish_to_one_folder(shared: Path, forks: Forks) -> None:
    folder = shared / "site"
    for user, names in ((65_533, "ab"), (65_532, "ac"), (65_533, "d")):
        work = partial(_stage, folder, *(f"models/{name}" for name in names))
        _did(forks.do(partial(_as, user, work), folder=shared))
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "SHA256SUMS", "catalog.json", "d",
    ]  # fmt: skip
    assert [path.name for path in shared.iterdir()] == ["site"]
