"""A lab publishes anew, and a colleague who has only a lock goes on: the whole story, and parts."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.storage import make_folder
from catalog.store import Store, sha256_of
from tests.support import lab
from validate import run
from zoo.publishing.webserver import WebServer

pytestmark = pytest.mark.slow

Zoo = Callable[..., Any]


class Lab:
    """A published folder, served from this machine, and the store of its author."""

    def __init__(self, zoo: Zoo, folder: Path, server: WebServer, environ: pytest.MonkeyPatch):
        self.zoo = zoo
        self.folder = folder
        self.site = folder / "site"
        self.address = server.address
        self.environ = environ

    def write(self, name: str, seed: int, **zoo: Any) -> str:
        """A network and its record; the digest of the network."""
        network = lab.Network(self.folder, name, seed=seed)
        lab.described(network.path, **zoo)
        return sha256_of(network.path)

    def publish(self, *words: str) -> None:
        assert self.zoo("publish", *words, "--to", "site", "--plain").code == 0

    def store_of(self, name: str) -> Store:
        """Go on with somebody's store."""
        home = self.folder / name
        self.environ.setenv("ZOO_HOME", str(home))
        return Store(home)

    def outdated(self, *names: str) -> Any:
        return self.zoo("outdated", *names, "--json").document["models"]

    def tags(self, model: str) -> Any:
        """What a model says of a song, and what is said on the way."""
        ran = self.zoo("predict", model, "song.wav", "--json")
        assert ran.code == 0, ran.err
        return ran.document["results"][0]["mean"], ran.err


@pytest.fixture
def ours(zoo: Zoo, tmp_path: Path, song: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalog.download.fetch, "WAITS", ())
    monkeypatch.setattr(run, "check", lambda trial: [])  # tests of `validate` run networks
    monkeypatch.setattr(shutil, "which", lambda name: None)  # neither npm nor Node.js
    server = WebServer(tmp_path / "site", 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield Lab(zoo, tmp_path, server, monkeypatch)
    server.shutdown()
    server.server_close()


def test_a_colleague_goes_on_with_a_lock_whatever_is_published(ours: Lab) -> None:
    zoo = ours.zoo
    ours.store_of("author")
    first = ours.write("tagger-1", seed=1)
    ours.publish("tagger-1.json")
    assert zoo("pull", "tagger-1", "--catalog", ours.address).code == 0
    assert zoo("lock", "-o", "first.lock").code == 0

    theirs = ours.store_of("colleague")
    assert zoo("pull", "--locked", "first.lock").code == 0
    before, _ = ours.tags("tagger-1")
    assert ours.outdated() == []

    ours.store_of("author")
    second = ours.write("tagger-2", seed=2, license="CC-BY-SA-4.0")
    ours.publish("tagger-2.json")

    ours.store_of("colleague")
    assert ours.tags("tagger-1")[0] == before
    assert ours.outdated() == [
        {
            "id": "tagger-1",
            "installed": "tagger-1",
            "available": "tagger-2",
            "reason": "new-version",
        }
    ]
    updated = zoo("update", "--json")
    assert [(row["id"], row["status"]) for row in updated.document["models"]] == [
        ("tagger-2", "installed")
    ]
    assert "license: CC-BY-SA-4.0, not CC-BY-4.0" in updated.err
    assert ours.tags("tagger-1")[0] == before
    assert ours.tags("tagger-2")[0] != before
    assert ours.outdated() == []
    assert zoo("update", "--json").document["models"][0]["status"] == "already"
    assert zoo("lock", "-o", "second.lock").code == 0
    assert sha256_of(theirs.path("tagger-2")) == second

    freed = zoo("gc", "--yes", "--json").document
    assert {row["id"]: row["status"] for row in freed["models"]} == {
        "tagger-1": "removed",
        "tagger-2": "kept",
    }
    third = ours.store_of("third")
    assert zoo("pull", "--locked", "first.lock").code == 0
    assert sha256_of(third.path("tagger-1")) == first
    assert zoo("lock", "--check", "-o", "first.lock").code == 0
    assert zoo("pull", "--locked", "second.lock").code == 0
    assert third.names() == ["tagger-1", "tagger-2"]


def test_who_has_a_replaced_file_keeps_a_working_model(ours: Lab) -> None:
    zoo = ours.zoo
    ours.store_of("author")
    first = ours.write("tagger-1", seed=1)
    ours.publish("tagger-1.json")

    theirs = ours.store_of("colleague")
    zoo("catalog", "add", "lab", ours.address)
    zoo("pull", "lab/tagger-1")
    zoo("lock")
    before, _ = ours.tags("tagger-1")
    old = Path("zoo.lock").read_bytes()

    second = ours.write("tagger-1", seed=2)
    record = json.loads(Path("tagger-1.json").read_text())
    record["classes"][1] = "noisy"
    Path("tagger-1.json").write_text(json.dumps(record))
    ours.publish("tagger-1.json", "--replace")
    zoo("catalog", "update")
    after, said = ours.tags("tagger-1")
    assert after == before
    assert said.count("its catalog has replaced it since") == 1
    assert zoo("verify", "tagger-1").code == 0
    installed = zoo("ls", "--installed", "--json").document["models"]
    assert [row["id"] for row in installed] == ["tagger-1"]
    info = zoo("info", "tagger-1", "--json").document
    assert (info["installed"], info["sha256"]) == (True, first)
    assert info["record"]["classes"] == ["quiet", "loud"]
    assert zoo("pull", "tagger-1", "--json").document["models"][0]["status"] == "already"
    assert zoo("lock").code == 0
    assert Path("zoo.lock").read_bytes() == old
    assert zoo("lock", "--check").code == 0
    assert ours.outdated("tagger-1") == [
        {"id": "tagger-1", "installed": first, "available": second, "reason": "replaced"}
    ]

    third = ours.store_of("third")
    assert zoo("pull", "--locked").code == 0
    assert sha256_of(third.path("tagger-1")) == first

    ours.store_of("colleague")
    updated = zoo("update", "tagger-1")
    assert updated.code == 0
    assert "classes: new noisy; gone loud" in updated.err
    assert sha256_of(theirs.path("tagger-1")) == second
    assert zoo("lock", "--check", "--json").document["models"][0]["status"] == "changed"
    assert ours.outdated() == []


def test_who_has_a_record_that_was_corrected_keeps_it_until_the_update(ours: Lab) -> None:
    zoo = ours.zoo
    ours.store_of("author")
    ours.write("tagger-1", seed=1)
    ours.publish("tagger-1.json")
    theirs = ours.store_of("colleague")
    zoo("catalog", "add", "lab", ours.address)
    zoo("pull", "tagger-1")
    zoo("lock")
    record = json.loads(Path("tagger-1.json").read_text())
    corrected = {**record, "classes": record["classes"][::-1]}
    Path("tagger-1.json").write_text(json.dumps(corrected))
    ours.publish("tagger-1.json", "--replace")
    zoo("catalog", "update")

    assert "its catalog has replaced it since" in ours.tags("tagger-1")[1]
    assert zoo("info", "tagger-1", "--json").document["record"]["classes"] == record["classes"]
    (row,) = ours.outdated()
    assert row["reason"] == "replaced" and row["installed"] != row["available"]
    ours.store_of("third")
    assert zoo("pull", "--locked").code == 0
    assert zoo("info", "tagger-1", "--json").document["record"]["classes"] == record["classes"]

    ours.store_of("colleague")
    before = sha256_of(theirs.path("tagger-1"))
    assert "classes: in another order" in zoo("update").err
    assert sha256_of(theirs.path("tagger-1")) == before
    assert zoo("info", "tagger-1", "--json").document["record"]["classes"] == corrected["classes"]
    assert ours.outdated() == []
    assert "replaced" not in ours.tags("tagger-1")[1]


def test_what_is_withdrawn_is_told_and_works_on(ours: Lab) -> None:
    zoo = ours.zoo
    ours.store_of("author")
    ours.write("tagger-1", seed=1)
    ours.publish("tagger-1.json")
    ours.store_of("colleague")
    zoo("pull", "tagger-1", "--catalog", ours.address)
    zoo("lock")
    ours.publish("--withdraw", "tagger-1", "--why", "No consent.")

    assert ours.outdated() == [
        {"id": "tagger-1", "installed": "tagger-1", "available": None, "reason": "withdrawn"}
    ]
    assert "No consent." in zoo("outdated").out
    assert zoo("update", "--json").document["models"][0]["status"] == "kept"
    assert zoo("pull", "tagger-1", "--catalog", ours.address).code == 0
    assert ours.tags("tagger-1")
    assert zoo("gc", "--yes", "--json").document["models"][0]["status"] == "kept"

    ours.store_of("third")
    answer = zoo("pull", "tagger-1", "--catalog", ours.address)
    assert (answer.code, "No consent." in answer.err) == (3, True)
    assert zoo("pull", "--locked").code == 0
    ours.write("tagger-2", seed=2)
    ours.publish("tagger-2.json")
    zoo("rm", "-y", "tagger-1")
    answer = zoo("pull", "tagger-1", "--catalog", ours.address)
    assert f"zoo pull tagger-2 --catalog {ours.address}" in answer.err


def test_a_catalog_that_cannot_be_reached_stands_as_it_was_read(ours: Lab) -> None:
    zoo = ours.zoo
    ours.store_of("author")
    ours.write("tagger-1", seed=1)
    ours.write("tagger-2", seed=2)
    ours.publish("tagger-1.json")
    ours.store_of("colleague")
    zoo("catalog", "add", "lab", ours.address)
    zoo("pull", "tagger-1")
    ours.publish("tagger-2.json")
    ours.environ.setenv("ZOO_OFFLINE", "1")
    answer = zoo("outdated", "--json")
    assert (answer.code, answer.document["models"]) == (0, [])
    assert "cannot be asked" in answer.err
    ours.environ.delenv("ZOO_OFFLINE")
    zoo("catalog", "update")
    ours.environ.setenv("ZOO_OFFLINE", "1")
    assert [row["available"] for row in ours.outdated()] == ["tagger-2"]
    assert zoo("outdated", "nonsense").code == 3


def test_gc_asks_and_leaves_what_is_referred_to(ours: Lab) -> None:
    zoo = ours.zoo
    store = ours.store_of("author")
    for number in (1, 2):
        ours.write(f"tagger-{number}", seed=number)
        lab.described(lab.Head(ours.folder, f"tagger-{number}").path)
    ours.publish("tagger-1.json", "tagger-2.json")
    zoo("pull", "*", "--catalog", ours.address)
    zoo("lock", "tagger-1")
    kept = zoo("gc")
    assert "nothing to free" in kept.err and "(old version) stays: zoo.lock names it" in kept.err
    Path("zoo.lock").unlink()
    part = store.parts / "x.part"
    compiled = make_folder(store.home / "compiled") / "x"
    for path in (part, compiled):
        path.write_bytes(b"abc")
    answer = zoo("gc")
    assert answer.code == 2
    assert "tagger-1" in answer.out and "unfinished downloads" in answer.out
    assert "compiled networks" in answer.out and "compiled networks needs" in answer.err
    assert part.exists() and compiled.exists() and "tagger-1" in store.names()
    assert zoo("gc", "-y").code == 0
    assert not part.exists() and not compiled.exists()
    assert store.names() == ["tagger-2"]


def test_gc_frees_an_extractor_whose_heads_are_gone_unless_somebody_asked_for_it(ours: Lab) -> None:
    zoo = ours.zoo
    store = ours.store_of("author")
    ours.write("ears-1", seed=1)
    lab.described(lab.Head(ours.folder, "ears-1", "a-1").path)
    lab.described(lab.Head(ours.folder, "ears-1", "b-1").path)
    ours.publish("ears-1.json", "a-1.json", "b-1.json")
    zoo("pull", "a-1", "--catalog", ours.address)
    zoo("pull", "b-1", "--catalog", ours.address)
    zoo("rm", "-y", "a-1")
    assert "nothing to free" in zoo("gc", "-y").err
    zoo("rm", "-y", "b-1")
    shown = zoo("gc")
    assert shown.code == 2 and "came with a head that is gone" in shown.out
    (row,) = zoo("gc", "-y", "--json").document["models"]
    assert (row["id"], row["status"]) == ("ears-1", "removed")
    assert store.names() == []

    for words in (("ears-1",), ("a-1", "ears-1"), ("*",)):
        zoo("pull", "a-1", "--catalog", ours.address)
        zoo("pull", *words, "--catalog", ours.address)
        zoo("pull", "b-1", "--force", "--catalog", ours.address)
        zoo("rm", "-y", "a-1", "b-1")
        assert "nothing to free" in zoo("gc", "-y").err, words
        assert store.names() == ["ears-1"]
        zoo("rm", "-y", "ears-1")
