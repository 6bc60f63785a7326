"""The store: what counts as installed, what is refused, and what verify sees."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.download.content import metadata
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    StorageError,
    WrongKindError,
)
from catalog.manifest import Manifest, ManifestFile, is_safe
from catalog.record import Record
from catalog.store import FileState, Store

URL = "https://essentia.upf.edu/models/m/m-1.pb"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def file(path: str, content: bytes, url: str | None = URL) -> ManifestFile:
    digest = hashlib.sha256(content).hexdigest()
    return ManifestFile(path, url, len(content), digest, "catalog", "2026-01-01T00:00:00+00:00")


def install(store: Store, id: str, **contents: bytes) -> Manifest:
    """Install a model with files named by their endings."""
    named = {f"{id}.{ending}": content for ending, content in contents.items()}
    files = tuple(file(path, content) for path, content in named.items())
    manifest = Manifest(id, "official", "ISC", files)
    store.place(manifest, named)
    return manifest


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store.installed() == []
    assert store.manifest("m-1") is None
    assert store.path("m-1") == store.home / "models" / "m-1" / "m-1.pb"
    assert not store.home.exists()


def test_the_home_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZOO_HOME", "~/models")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Store.default().home == tmp_path / "models"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_HOME", "here")
    assert Store.default().home == tmp_path / "here"
    monkeypatch.setenv("ZOO_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert Store.default().home.name == "zoo"


def test_what_is_placed_is_installed(store: Store) -> None:
    manifest = install(store, "m-1", pb=b"network", json=b"{}")
    assert store.manifest("m-1") == manifest
    assert store.installed() == [manifest]
    assert store.path("m-1").read_bytes() == b"network"
    assert sorted(path.name for path in store.folder("m-1").iterdir()) == [
        "m-1.json",
        "m-1.pb",
        "manifest.json",
    ]


def test_without_a_manifest_nothing_is_installed(store: Store) -> None:
    install(store, "m-1", pb=b"network")
    (store.folder("m-1") / "manifest.json").unlink()
    assert store.installed() == []
    assert store.path("m-1").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"id": "m-1", "files": []}', "null"])
def test_a_damaged_manifest_counts_as_none(store: Store, text: str) -> None:
    install(store, "m-1", pb=b"network")
    (store.folder("m-1") / "manifest.json").write_text(text)
    assert store.manifest("m-1") is None


def test_a_manifest_that_names_files_elsewhere_counts_as_none(store: Store) -> None:
    manifest = install(store, "m-1", pb=b"network")
    document = json.loads(manifest.to_json())
    document["files"][0]["path"] = "../../pins.json"
    (store.folder("m-1") / "manifest.json").write_text(json.dumps(document))
    assert store.manifest("m-1") is None


@pytest.mark.parametrize(
    "damage", [{"record": []}, {"record": "x"}, {"origin": {"x": 1}}, {"origin": "x"}]
)
def test_a_manifest_whose_record_or_origin_is_none_counts_as_none(
    store: Store, damage: dict[str, object]
) -> None:
    manifest = install(store, "m-1", pb=b"network")
    document = json.loads(manifest.to_json())
    (store.folder("m-1") / "manifest.json").write_text(json.dumps({**document, **damage}))
    assert store.manifest("m-1") is None


def test_a_model_that_lost_a_file_or_a_byte_is_not_installed(store: Store) -> None:
    install(store, "m-1", pb=b"network", json=b"{}")
    store.path("m-1").write_bytes(b"networ")
    assert store.manifest("m-1") is None
    store.path("m-1").unlink()
    assert store.manifest("m-1") is None


def test_an_installed_model_is_whole_until_others_have_taken_its_place(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import catalog.store

    install(store, "m-1", pb=b"old")

    def fail(*_: object) -> None:
        raise StorageError("full")

    monkeypatch.setattr(catalog.store, "write_whole", fail)
    with pytest.raises(StorageError):
        install(store, "m-1", pb=b"new")
    assert store.verify("m-1") == [FileState("m-1.pb", "ok")]
    assert store.path("m-1").read_bytes() == b"old"


@pytest.mark.parametrize("can_exchange", [True, False])
def test_what_somebody_else_put_beside_a_model_stays(
    store: Store, can_exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import catalog.store

    install(store, "m-1", pb=b"old")
    (store.folder("m-1") / "notes.txt").write_text("mine")
    if not can_exchange:
        monkeypatch.setattr(catalog.store, "exchange", lambda one, other: False)
    install(store, "m-1", pb=b"new")
    assert store.path("m-1").read_bytes() == b"new"
    assert (store.folder("m-1") / "notes.txt").read_text() == "mine"
    assert [path.name for path in store.parts.iterdir() if path.is_dir()] == []


def test_a_file_that_the_new_version_lacks_is_removed(store: Store) -> None:
    install(store, "m-1", pb=b"old", json=b"{}")
    install(store, "m-1", pb=b"new")
    assert store.verify("m-1") == [FileState("m-1.pb", "ok")]


def test_verify_tells_changed_missing_and_extra(store: Store) -> None:
    install(store, "m-1", pb=b"network", json=b"{}", txt=b"fine")
    folder = store.folder("m-1")
    (folder / "m-1.pb").write_bytes(b"NETWORK")
    (folder / "m-1.json").unlink()
    (folder / "notes").mkdir()
    assert store.verify("m-1") == [
        FileState("m-1.pb", "changed"),
        FileState("m-1.json", "missing"),
        FileState("m-1.txt", "ok"),
        FileState("notes", "extra"),
    ]


def test_a_folder_without_a_manifest_is_not_the_stores(store: Store) -> None:
    install(store, "m-1", pb=b"network")
    (store.models / "thesis").mkdir()
    assert store.names() == ["m-1"]


def test_remove_takes_the_whole_model_and_no_other(store: Store) -> None:
    install(store, "m-1", pb=b"network")
    other = install(store, "m-2", pb=b"network")
    store.remove("m-1")
    assert store.installed() == [other]
    assert not store.folder("m-1").exists()


def test_remove_follows_no_link(store: Store, tmp_path: Path) -> None:
    manifest = install(store, "m-1", pb=b"network")
    elsewhere = tmp_path / "elsewhere"
    store.folder("m-1").rename(elsewhere)
    store.folder("m-1").symlink_to(elsewhere)
    assert store.manifest("m-1") == manifest
    store.remove("m-1")
    assert (elsewhere / "m-1.pb").exists()
    assert store.names() == []


HOSTILE = ["", ".", "..", "../x", "a/b", "a\\b", "/x", ".hidden", "a..b", "a\0b", "a\nb", "C:x"]


@pytest.mark.parametrize(
    "name", [*HOSTILE, "-rf", "manifest", "a" * 201, "a.", "é", "a b", "a%2fb"]
)
def test_a_name_that_is_no_plain_file_name_becomes_no_path(store: Store, name: str) -> None:
    assert not is_safe(name)
    for use in (store.folder, store.path, store.manifest, store.remove, store.verify):
        with pytest.raises(IntegrityError):
            use(name)
    with pytest.raises(IntegrityError):
        store.place(Manifest(name, "official", None, (file("x.pb", b""),)), {"x.pb": b""})
    assert not store.home.exists()


@pytest.mark.parametrize(
    "name", ["msd-musicnn-1", "MSD_musicnn_frozen_small", "a", "essentia-svm-v2.1_beta5.tar.gz"]
)
def test_ordinary_names_are_fine(name: str) -> None:
    assert is_safe(name)


def test_the_pulled_metadata_win_over_the_catalog(store: Store) -> None:
    model = Record({"classes": ["a", "b"], "description": "ours", "zoo": {"id": "m-1"}})
    assert store.record(model) is model
    install(store, "m-1", pb=b"x", json=b'{"classes": ["b", "a"], "description": "theirs"}')
    assert store.record(model).classes == ("b", "a")
    assert store.record(model).description == "ours"


def test_the_license_is_that_of_the_installed_file(store: Store) -> None:
    model = Record({"zoo": {"id": "m-1", "license": "CC-BY-NC-SA-4.0"}})
    install(store, "m-1", pb=b"x")
    assert (store.record(model).license, model.license) == ("ISC", "CC-BY-NC-SA-4.0")


def test_pulled_metadata_that_are_damaged_are_told(store: Store) -> None:
    install(store, "m-1", pb=b"x", json=b"{}")
    (store.folder("m-1") / "m-1.json").write_bytes(b"{]")
    with pytest.raises(WrongKindError):
        store.record(Record({"zoo": {"id": "m-1"}}))


def test_a_store_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        install(Store(tmp_path / "file" / "home"), "m-1", pb=b"network")


def test_the_first_digest_stays(store: Store) -> None:
    store.pins.pin("m-1/m-1.pb", "1" * 64, 7, URL)
    store.pins.pin("m-1/m-1.pb", "1" * 64, 7, URL)
    with pytest.raises(ChecksumError, match="differs from what was downloaded"):
        store.pins.pin("m-1/m-1.pb", "2" * 64, 7, URL)
    assert store.pins.read()["m-1/m-1.pb"].sha256 == "1" * 64


@pytest.mark.parametrize("text", ["{", "[1]", '{"m-1/m-1.pb": {}}', '{"m-1/m-1.pb": 3}'])
def test_damaged_pins_are_not_forgotten_silently(store: Store, text: str) -> None:
    store.home.mkdir()
    store.pins.path.write_text(text)
    with pytest.raises(IntegrityError, match="damaged"):
        store.pins.pin("m-1/m-1.pb", "1" * 64, 7, URL)
    assert store.pins.path.read_text() == text


DOCUMENT: dict[str, Any] = {"name": "Frühling", "classes": ["a", "b"]}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("end", ["", "\n"])
def test_metadata_may_be_laid_out_anew(ascii_only: bool, end: str) -> None:
    official = (json.dumps(DOCUMENT, indent=4, ensure_ascii=ascii_only) + end).encode()
    known = [hashlib.sha256(official).hexdigest()]
    windows = json.dumps(DOCUMENT, indent=2).replace("\n", "\r\n").encode()
    assert metadata(windows, "m-1.json", known) == DOCUMENT
    with pytest.raises(ChecksumError):
        metadata(windows.replace(b'"b"', b'"c"'), "m-1.json", known)


@pytest.mark.parametrize("data", [b"", b"[]", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(WrongKindError):
        metadata(data, "m-1.json")
