"""Locks: made in one store, compared with it, and enough to fill another one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.store import Store

Zoo = Callable[..., Any]
EARS, HEAD, TAGGER = b"\n\x04ears", b"\n\x04head", b"\n\x06tagger"
CONTENTS = {"ears-1": EARS, "task-ears-1": HEAD, "msd-musicnn-1": TAGGER}


def _listed(id: str, content: bytes, **zoo: Any) -> dict[str, Any]:
    block = {"id": id, "kind": "extractor", "license": "ISC", "task": "embedding", **zoo}
    file = {
        "path": f"models/{id}/{id}.pb",
        "kind": "pb",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    record = {"name": id, "description": "Hears.", "framework": "none", "zoo": block}
    return {"record": record, "files": [file]}


def _published(folder: Path) -> Path:
    """A published folder of an extractor, its head, and a tagger with a name of zoo's own."""
    for id, content in CONTENTS.items():
        (folder / "models" / id).mkdir(parents=True)
        (folder / "models" / id / f"{id}.pb").write_bytes(content)
    models = [
        _listed("ears-1", EARS),
        _listed("task-ears-1", HEAD, kind="head", extractor={"id": "ears-1"}),
        _listed("msd-musicnn-1", TAGGER),
    ]
    listing = {"format": 1, "title": "The lab", "models": models}
    (folder / "catalog.json").write_text(json.dumps(listing))
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalog.download.fetch, "WAITS", ())
    return _published(tmp_path / "site")


@pytest.fixture
def lab(site: Path, server: Any) -> str:
    """The same folder, served."""
    for path in site.rglob("*"):
        if path.is_file():
            server.files[f"/zoo/{path.relative_to(site).as_posix()}"] = path.read_bytes()
    return f"{server.url}/zoo"


@pytest.fixture
def colleague(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Store]:
    """Go on with the store of somebody else, which is empty."""

    def go() -> Store:
        home = tmp_path / "colleague"
        monkeypatch.setenv("ZOO_HOME", str(home))
        return Store(home)

    return go


def test_a_lock_is_enough_on_an_empty_machine(
    zoo: Zoo, lab: str, server: Any, colleague: Callable[[], Store], tmp_path: Path
) -> None:
    mine = Store.default()
    assert zoo("pull", "*", "--catalog", lab).code == 0
    assert zoo("lock").code == 0
    text = (tmp_path / "zoo.lock").read_bytes()
    entries = {each["id"]: each for each in json.loads(text)["models"]}
    assert list(entries) == sorted(CONTENTS)
    catalog_json = server.files["/zoo/catalog.json"]
    head = entries["task-ears-1"]
    assert head["catalog"] == {
        "address": f"{lab}/catalog.json",
        "sha256": hashlib.sha256(catalog_json).hexdigest(),
    }
    assert (head["license"], head["extractor"]) == ("ISC", "ears-1")
    assert head["record"]["description"] == "Hears."
    (file,) = head["files"]
    assert file["urls"][0] == f"{lab}/models/task-ears-1/task-ears-1.pb"
    assert (file["size"], file["sha256"]) == (len(HEAD), hashlib.sha256(HEAD).hexdigest())

    theirs = colleague()
    server.requests.clear()
    pulled = zoo("pull", "--locked", "--json").document["models"]
    assert [each["status"] for each in pulled] == ["installed"] * 3
    assert {path for path, _ in server.requests} == {f"/zoo/models/{id}/{id}.pb" for id in CONTENTS}
    for id in CONTENTS:
        one, other = mine.manifest(id), theirs.manifest(id)
        assert one and other
        assert (one.license, one.origin, one.source) == (other.license, other.origin, other.source)
        assert one.record == other.record
        assert [file.sha256 for file in one.files] == [file.sha256 for file in other.files]
    assert theirs.manifest("msd-musicnn-1").license == "ISC"  # type: ignore[union-attr]
    assert zoo("lock", "--check").code == 0
    zoo("lock", "-o", "again.lock")
    assert (tmp_path / "again.lock").read_bytes() == text


def test_a_catalog_in_a_folder_may_have_moved(
    zoo: Zoo, site: Path, colleague: Callable[[], Store], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    zoo("pull", "task-ears-1", "--catalog", "site")
    zoo("lock")
    text = (tmp_path / "zoo.lock").read_bytes()
    site.rename(tmp_path / "moved")
    colleague()
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    answer = zoo("pull", "--locked")
    assert answer.code == 4
    assert "zoo pull --locked --catalog DIR" in answer.err and f"folder {site}." in answer.err
    assert zoo("pull", "--locked", "--catalog", "nowhere").code == 3
    planned = zoo("pull", "--locked", "--catalog", "moved", "--dry-run", "--json").document
    assert [each["status"] for each in planned["models"]] == ["planned", "planned"]
    assert zoo("pull", "--locked", "--catalog", "moved").code == 0
    assert zoo("verify").code == 0
    zoo("lock", "-o", "again.lock")
    assert (tmp_path / "again.lock").read_bytes() == text


def test_a_catalog_on_a_server_may_have_moved(
    zoo: Zoo, lab: str, server: Any, colleague: Callable[[], Store], tmp_path: Path
) -> None:
    zoo("pull", "task-ears-1", "--catalog", lab)
    zoo("lock")
    text = (tmp_path / "zoo.lock").read_bytes()
    moved = {path.replace("/zoo/", "/new/"): data for path, data in server.files.items()}
    server.files.clear()
    server.files.update(moved)
    colleague()
    answer = zoo("pull", "--locked")
    assert answer.code == 4
    assert "If its catalog is elsewhere now: zoo pull --locked --catalog URL" in answer.err
    assert zoo("pull", "--locked", "--catalog", f"{server.url}/new").code == 0
    zoo("lock", "-o", "again.lock")
    assert (tmp_path / "again.lock").read_bytes() == text


def test_a_mirror_folder_serves_locked_official_models_offline(
    zoo: Zoo, site: Path, colleague: Callable[[], Store], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    records = tmp_path / "records"
    records.mkdir()
    listed = _listed("extra-1", TAGGER)
    file = {key: listed["files"][0][key] for key in ("kind", "size", "sha256")}
    official = "https://essentia.upf.edu/models/extra/extra-1"
    files = [
        {**file, "urls": [f"{official}.pb"]},
        {"kind": "json", "urls": [f"{official}.json"]},
    ]
    record = {**listed["record"], "zoo": {**listed["record"]["zoo"], "files": files}}
    (records / "extra-1.json").write_text(json.dumps(record))
    mirror = tmp_path / "mirror" / "extra"
    mirror.mkdir(parents=True)
    (mirror / "extra-1.pb").write_bytes(TAGGER)
    (mirror / "extra-1.json").write_text('{"name": "Extra", "classes": ["a", "b"]}')
    monkeypatch.setenv("ZOO_CATALOG", str(records))
    monkeypatch.setenv("ZOO_MIRROR", str(mirror.parent))
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    zoo("pull", "extra-1")
    zoo("lock")
    (entry,) = json.loads((tmp_path / "zoo.lock").read_text())["models"]
    assert [(each["kind"], each["urls"]) for each in entry["files"]] == [
        ("pb", [f"{official}.pb"]), ("json", [f"{official}.json"]),
    ]  # fmt: skip
    assert entry["catalog"] is None

    colleague()
    monkeypatch.delenv("ZOO_CATALOG")
    assert zoo("pull", "--locked").code == 0
    assert zoo("info", "extra-1", "--field", "license").code == 3
    assert zoo("info", "extra-1", "--json").document["record"]["classes"] == ["a", "b"]
    (mirror / "extra-1.json").write_text('{"name": "Extra", "classes": ["b", "a"]}')
    zoo("rm", "-y", "extra-1")
    assert zoo("pull", "--locked").code == 5


def test_check_says_what_is_not_as_locked(
    zoo: Zoo, lab: str, store_home: Path, tmp_path: Path
) -> None:
    zoo("pull", "task-ears-1", "--catalog", lab)
    zoo("lock")
    zoo("pull", "msd-musicnn-1", "--catalog", lab)
    answer = zoo("lock", "--check", "--json")
    assert answer.code == 0
    assert answer.document == {
        "ok": True,
        "models": [
            {"id": "ears-1", "status": "locked"},
            {"id": "task-ears-1", "status": "locked"},
            {"id": "msd-musicnn-1", "status": "extra"},
        ],
    }
    network = store_home / "models" / "ears-1" / "ears-1.pb"
    network.write_bytes(EARS[::-1])
    zoo("rm", "-y", "task-ears-1")
    answer = zoo("lock", "--check", "--json")
    assert answer.code == 1
    states = {each["id"]: each["status"] for each in answer.document["models"]}
    assert states == {"ears-1": "changed", "task-ears-1": "missing", "msd-musicnn-1": "extra"}
    assert "zoo pull --locked zoo.lock" in zoo("lock", "--check").err
    assert zoo("lock", "--check", "-o", "no.lock").code == 3
    assert zoo("lock", "--check", "ears-1").code == 2


def test_update_renews_one_model_and_leaves_the_others(
    zoo: Zoo, lab: str, server: Any, tmp_path: Path
) -> None:
    zoo("pull", "*", "--catalog", lab)
    zoo("lock")
    before = json.loads((tmp_path / "zoo.lock").read_text())["models"]
    listing = json.loads(server.files["/zoo/catalog.json"])
    listing["title"] = "The lab, again"
    server.files["/zoo/catalog.json"] = json.dumps(listing).encode()
    zoo("pull", "*", "--catalog", lab, "--force")
    assert zoo("lock", "--update", "msd-musicnn-1").code == 0
    after = json.loads((tmp_path / "zoo.lock").read_text())["models"]
    changed = [one["id"] for one, other in zip(before, after, strict=True) if one != other]
    assert changed == ["msd-musicnn-1"]
    assert zoo("lock", "--update").code == 2
    assert zoo("lock", "--update", "ears-1", "-o", "no.lock").code == 3


def test_an_empty_or_partial_lock_is_an_error_and_leaves_the_one_there(
    zoo: Zoo, lab: str, tmp_path: Path
) -> None:
    assert zoo("lock").code == 3
    assert not (tmp_path / "zoo.lock").exists()
    zoo("pull", "task-ears-1", "--catalog", lab)
    zoo("lock")
    before = (tmp_path / "zoo.lock").read_bytes()
    network = Store.default().path("ears-1")
    network.unlink()
    assert zoo("lock").code == 5
    zoo("rm", "-y", "ears-1")
    assert zoo("lock").code == 3
    assert zoo("lock", "task-ears-1").code == 3
    assert (tmp_path / "zoo.lock").read_bytes() == before


def test_a_store_of_version_0_1_is_locked_where_a_catalog_lists_its_file(
    zoo: Zoo, lab: str, store_home: Path, tmp_path: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    zoo("pull", "ears-1")
    zoo("lock")
    text = (tmp_path / "zoo.lock").read_bytes()
    path = store_home / "models" / "ears-1" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["record"], manifest["origin"]
    for file in manifest["files"]:
        del file["kind"], file["urls"]
    path.write_text(json.dumps(manifest))
    assert zoo("ls", "--installed", "--json").document["models"][0]["id"] == "ears-1"
    assert zoo("lock").code == 0
    assert (tmp_path / "zoo.lock").read_bytes() == text
    path.write_text(json.dumps({**manifest, "license": "MIT"}))
    assert zoo("lock").code == 0
    assert zoo("lock", "--check").code == 0
    assert json.loads((tmp_path / "zoo.lock").read_text())["models"][0]["license"] == "MIT"
    zoo("catalog", "rm", "lab")
    answer = zoo("lock")
    assert (answer.code, "zoo pull ears-1 --force" in answer.err) == (5, True)


def test_a_lock_of_version_1_is_replaced_and_another_file_is_not(
    zoo: Zoo, lab: str, tmp_path: Path
) -> None:
    zoo("pull", "ears-1", "--catalog", lab)
    old = '{"version": 1, "models": []}'
    (tmp_path / "zoo.lock").write_text(old)
    answer = zoo("pull", "--locked")
    assert (answer.code, "zoo lock -o zoo.lock" in answer.err) == (5, True)
    assert zoo("lock").code == 0
    shutil.copy(tmp_path / "site" / "catalog.json", tmp_path / "other.json")
    assert zoo("lock", "-o", "other.json").code == 5
