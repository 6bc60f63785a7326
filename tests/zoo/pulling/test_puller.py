"""Pulling a model: what is asked for, believed, placed and said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.download.address import OFFICIAL
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    NetworkError,
    NotFoundError,
    WrongKindError,
)
from catalog.index import catalog as all_records
from tests.support.pulling import LICENSE, METADATA, NETWORK, Session, record, sha256
from zoo.pulling.added_catalogs import Sources
from zoo.pulling.puller import Puller


def test_a_model_is_pulled_with_its_metadata(session: Session) -> None:
    pulled = session.pull(record())
    assert session.files() == {"m-1.pb": NETWORK, "m-1.json": METADATA}
    assert pulled.path == session.store.path("m-1")
    assert (pulled.sha256, pulled.size) == (sha256(NETWORK), len(NETWORK))
    assert (pulled.source, pulled.status) == ("mirror", "installed")
    assert session.store.record(record()).classes == ("b", "a")


def test_the_manifest_tells_where_from_and_how_it_was_checked(session: Session) -> None:
    session.pull(record())
    manifest = session.store.manifest("m-1")
    assert manifest is not None and manifest.license == LICENSE
    assert [(file.path, file.checked) for file in manifest.files] == [
        ("m-1.pb", "catalog"),
        ("m-1.json", "pinned"),
    ]
    assert manifest.main.url == f"{session.server.url}/m/m-1.pb"


def test_what_is_there_makes_no_request(session: Session) -> None:
    session.pull(record())
    session.server.requests.clear()
    assert session.pull(record()).status == "already"
    assert session.server.requests == []


def test_a_file_that_is_lost_is_pulled_again(session: Session) -> None:
    session.pull(record())
    (session.store.folder("m-1") / "m-1.json").unlink()
    assert session.pull(record()).status == "installed"
    assert session.files()["m-1.json"] == METADATA


def test_force_repairs_what_is_changed(session: Session) -> None:
    path = session.pull(record()).path
    path.write_bytes(NETWORK[::-1])
    assert session.pull(record(), force=True).status == "installed"
    assert path.read_bytes() == NETWORK


def test_a_failed_force_leaves_the_old_one(session: Session) -> None:
    session.pull(record())
    session.server.files["/m/m-1.pb"] = NETWORK[::-1]
    with pytest.raises(ChecksumError):
        session.pull(record(), force=True)
    assert session.pull(record()).status == "already"
    assert session.files()["m-1.pb"] == NETWORK


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", NETWORK[:-1], NETWORK[::-1]])
def test_nothing_is_left_of_a_file_that_is_not_believed(session: Session, content: bytes) -> None:
    session.server.files["/m/m-1.pb"] = content
    with pytest.raises(IntegrityError):
        session.pull(record(), mirror=session.server.url)
    assert session.files() == {}
    assert session.store.installed() == []


def test_the_mirror_of_the_environment_is_asked(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_MIRROR", f"{session.server.url}/")
    assert session.pull(record(), mirror=None).source == "mirror"


def test_a_folder_can_be_the_mirror(session: Session, tmp_path: Path) -> None:
    (tmp_path / "copy" / "m").mkdir(parents=True)
    (tmp_path / "copy" / "m" / "m-1.pb").write_bytes(NETWORK)
    assert session.pull(record(), mirror=str(tmp_path / "copy")).source == "mirror"
    assert session.server.requests == []


def test_addresses_elsewhere_are_not_mirrored(session: Session) -> None:
    urls = [f"{session.server.url}/m/m-1.pb"]
    assert session.pull(record({"urls": urls}), mirror="/nowhere").source == "official"


def test_a_digest_that_nobody_published_is_set_by_the_first_download(session: Session) -> None:
    unknown = record({"sha256": []})
    session.pull(unknown)
    assert session.says(sha256(NETWORK))
    manifest = session.store.manifest("m-1")
    assert manifest is not None and manifest.main.checked == "pinned"
    session.store.remove("m-1")
    session.server.files["/m/m-1.pb"] = NETWORK[::-1]
    with pytest.raises(ChecksumError, match="differs from what was downloaded") as caught:
        session.pull(unknown)
    assert str(session.store.pins.path) in caught.value.hint
    assert session.files() == {}


def test_a_page_is_told_as_such_even_where_the_digest_is_pinned(session: Session) -> None:
    session.pull(record({"sha256": []}))
    session.server.files["/m/m-1.pb"] = b"<html>"
    with pytest.raises(WrongKindError):
        session.pull(record({"sha256": []}), force=True)


def test_require_checksum_refuses_what_nobody_published(session: Session) -> None:
    with pytest.raises(ChecksumError, match="has no known checksum"):
        session.pull(record({"sha256": []}), require_checksum=True)
    assert session.server.requests == []
    session.pull(record(), require_checksum=True)
    assert json.loads(session.files()["m-1.json"]) == record().document


def test_metadata_that_are_not_there_are_replaced_by_the_record(session: Session) -> None:
    del session.server.files["/m/m-1.json"]
    session.pull(record())
    assert json.loads(session.files()["m-1.json"]) == record().document
    assert session.says("own record")


def test_metadata_in_another_layout_are_believed(session: Session) -> None:
    known = record(json={"sha256": sha256(METADATA), "size": len(METADATA)})
    session.server.files["/m/m-1.json"] = json.dumps(json.loads(METADATA)).encode()
    session.pull(known)
    assert session.store.record(known).classes == ("b", "a")


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{", b'{"name": "N"}'])
def test_metadata_with_another_content_are_refused(session: Session, content: bytes) -> None:
    session.server.files["/m/m-1.json"] = content
    with pytest.raises(IntegrityError):
        session.pull(record(json={"sha256": sha256(METADATA)}))
    assert session.files() == {}


def test_metadata_that_change_after_the_first_download_are_refused(session: Session) -> None:
    session.pull(record())
    session.server.files["/m/m-1.json"] = METADATA.replace(b"b", b"c")
    with pytest.raises(ChecksumError):
        session.pull(record(), force=True)
    assert session.files()["m-1.json"] == METADATA


def test_an_archive_keeps_its_own_name(session: Session) -> None:
    url = f"{OFFICIAL}/svm/models-v2.1_beta5.tar.gz"
    session.server.files["/svm/models-v2.1_beta5.tar.gz"] = NETWORK
    pulled = session.pull(record(files=[{"kind": "archive", "urls": [url]}]))
    assert pulled.path.name == "models-v2.1_beta5.tar.gz"
    assert sorted(session.files()) == ["m-1.json", "models-v2.1_beta5.tar.gz"]


@pytest.mark.parametrize("id", ["../evil", "a/b", ".hidden", "..", "manifest", "C:evil"])
def test_a_hostile_id_is_refused_before_anything_is_asked(session: Session, id: str) -> None:
    with pytest.raises(IntegrityError):
        session.pull(record(id=id))
    assert session.server.requests == []
    assert not session.store.home.exists()


@pytest.mark.parametrize("name", ["..", ".hidden", "manifest.json", "%2e%2e", "x?y", ""])
def test_a_hostile_file_name_is_refused(session: Session, name: str) -> None:
    file = {"kind": "archive", "urls": [f"{OFFICIAL}/svm/x/../{name}"], "sha256": "0" * 64}
    with pytest.raises(IntegrityError):
        session.pull(record(files=[file]))
    assert session.server.requests == []


def test_a_record_without_files_says_so(session: Session) -> None:
    with pytest.raises(NotFoundError):
        session.pull(record(files=[]))


def test_the_license_is_said_once_in_words(session: Session) -> None:
    puller = Puller(Sources(session.store, session.server.url))
    puller.pull(record())
    session.server.files["/m/m-2.pb"] = NETWORK
    files = [{"kind": "pb", "urls": [f"{OFFICIAL}/m/m-2.pb"]}]
    puller.pull(record(id="m-2", files=files))
    assert [line for line in session.said if LICENSE in line and "non-commercial" in line] == [
        next(line for line in session.said if LICENSE in line)
    ]


def test_what_cannot_be_reached_and_has_no_recipe_is_an_error(session: Session) -> None:
    del session.server.files["/m/m-1.pb"]
    with pytest.raises(NetworkError, match="does not serve"):
        session.pull(record())
    assert session.files() == {}


def test_a_second_address_is_asked_when_the_first_cannot_be_reached(session: Session) -> None:
    nowhere = "http://127.0.0.1:9/m/m-1.pb"
    here = {"urls": [f"{session.server.url}/m/m-1.json"]}
    model = record({"urls": [nowhere, f"{session.server.url}/m/m-1.pb"]}, here)
    pulled = session.pull(model, mirror=None)
    assert (pulled.source, pulled.sha256) == ("official", sha256(NETWORK))
    manifest = session.store.manifest("m-1")
    assert manifest is not None
    assert manifest.main.url == f"{session.server.url}/m/m-1.pb"
    session.server.files["/m/m-1.pb"] = NETWORK[::-1]
    with pytest.raises(ChecksumError):
        session.pull(model, mirror=None, force=True)
    assert session.files()["m-1.pb"] == NETWORK


def test_a_mirror_replaces_second_addresses_too(session: Session) -> None:
    elsewhere = f"{session.server.url}/elsewhere.pb"
    session.server.files["/elsewhere.pb"] = NETWORK
    del session.server.files["/m/m-1.pb"]
    with pytest.raises(NetworkError):
        session.pull(record({"urls": [f"{OFFICIAL}/m/m-1.pb", elsewhere]}))
    assert not any("elsewhere" in str(request) for request in session.server.requests)


def test_an_unpinned_network_is_told_of_in_one_line(session: Session) -> None:
    session.pull(record({"sha256": []}))
    told = [line for line in session.said if "no published checksum" in line]
    assert len(told) == 1 and sha256(NETWORK) in told[0] and "\n" not in told[0]
    session.log.clear()
    session.pull(record({"sha256": []}), force=True)
    assert not session.says("no published checksum")


@pytest.mark.parametrize("task", ["tonal_atonal", "mood_party", "mood_relaxed", "mood_sad"])
def test_classes_that_the_server_has_in_reverse_are_corrected_and_told(
    session: Session, task: str
) -> None:
    id = f"{task}-musicnn-mtt-2"
    model = all_records().find(id)
    network = model.file("pb")
    assert network is not None and network.size is not None
    right = list(model.classes)
    published = {"name": task, "classes": right[::-1]}
    place = f"/classifiers/{task}/{id}"
    session.server.files[f"{place}.pb"] = NETWORK.ljust(network.size, b"\0")
    session.server.files[f"{place}.json"] = json.dumps(published).encode()
    session.pull(model)
    assert session.says("published metadata name its classes in reverse")
    assert list(session.store.record(model).classes) == right
    session.log.clear()
    session.server.files[f"{place}.json"] = json.dumps({**published, "classes": right}).encode()
    session.store.pins.path.unlink()
    session.pull(model, force=True)
    assert not session.says("in reverse")
    assert list(session.store.record(model).classes) == right


def test_an_inferred_order_of_classes_is_told_unless_its_own_metadata_come(
    session: Session,
) -> None:
    session.pull(record(classes_certainty="same-task"))
    assert not session.says("inferred")
    del session.server.files["/m/m-1.json"]
    session.pull(record(classes_certainty="same-task"), force=True)
    (told,) = [line for line in session.said if "inferred" in line]
    assert "other models of its task" in told


@pytest.mark.shared
def test_real_official_files_come_with_the_digests_of_the_records(
    session: Session, shared: Path
) -> None:
    mirror = shared / "models" / "mirror"
    networks = sorted(mirror.rglob("*.pb"))
    assert len(networks) == 7
    for path in networks:
        model = all_records().find(path.stem)
        pulled = session.pull(model, mirror=str(mirror), require_checksum=True)
        assert pulled.sha256 == sha256(path.read_bytes())
