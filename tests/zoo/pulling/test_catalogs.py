"""Added catalogs: listed, searched, pulled from, and never believed more than can be checked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.store import Store
from tests.support.laboratory import EXTRACTOR, HEAD, NETWORK, entry, listing

pytestmark = pytest.mark.usefixtures("lab")

Zoo = Callable[..., Any]


def _network(home: Path, id: str) -> bytes:
    return (home / "models" / id / f"{id}.pb").read_bytes()


def test_a_catalog_is_added_once_and_read_without_a_network(
    zoo: Zoo, lab: str, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = zoo("catalog", "add", "lab", lab, "--json").document["catalogs"]
    assert [(row["name"], row["title"], row["models"]) for row in added] == [("lab", "The lab", 4)]
    assert added[0]["address"] == f"{lab}/catalog.json"
    server.requests.clear()
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    rows = {row["id"]: row for row in zoo("ls", "lab/*", "--json").document["models"]}
    assert rows.keys() == {"ears-1", "lab-net-1", "msd-musicnn-1", "task-ears-1"}
    assert {row["catalog"] for row in rows.values()} == {"lab"}
    assert "lab/lab-net-1" in zoo("ls").out
    assert "lab/lab-net-1" in zoo("search", "kazoos").out
    assert zoo("info", "lab-net-1").out.startswith("lab/lab-net-1\n")
    assert "lab/lab-net-1" in zoo("info", "lab-net-1").err
    assert zoo("catalog", "ls", "--json").document["catalogs"] == added
    assert server.requests == []


def test_rows_of_zoos_own_models_stay_as_they_are(zoo: Zoo, lab: str) -> None:
    before = zoo("ls", "--json").document["models"]
    zoo("catalog", "add", "lab", lab)
    after = zoo("ls", "--json").document["models"]
    assert [row for row in after if "catalog" not in row] == before


def test_a_removed_catalog_is_forgotten_and_its_models_stay(
    zoo: Zoo, lab: str, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    assert zoo("pull", "lab-net-1").code == 0
    assert zoo("catalog", "rm", "lab").code == 0
    assert zoo("catalog", "ls", "--json").document == {"catalogs": []}
    assert [row["id"] for row in zoo("ls", "--installed", "--json").document["models"]] == [
        "lab-net-1"
    ]
    assert zoo("path", "lab-net-1").out.strip() == str(Store(store_home).path("lab-net-1"))
    assert zoo("info", "ears-1").code == 3
    assert zoo("catalog", "rm", "lab").code == 3


def test_a_models_extractor_comes_from_the_same_catalog(
    zoo: Zoo, lab: str, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    pulled = zoo("pull", "task-ears-1", "--json").document["models"]
    assert [(each["id"], each["source"]) for each in pulled] == [
        ("ears-1", "mirror"),
        ("task-ears-1", "mirror"),
    ]
    assert _network(store_home, "task-ears-1") == HEAD
    assert zoo("verify").code == 0


@pytest.mark.parametrize("local", [False, True], ids=["server", "folder"])
def test_a_model_is_pulled_from_a_catalog_that_is_not_added(
    zoo: Zoo, lab: str, local: bool, server: Any, tmp_path: Path, store_home: Path
) -> None:
    if local:
        for path, content in server.files.items():
            (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path[1:]).write_bytes(content)
    where = "zoo" if local else lab
    answer = zoo("pull", "lab-net-1", "--catalog", where, "--json")
    assert [(each["id"], each["status"]) for each in answer.document["models"]] == [
        ("lab-net-1", "installed")
    ]
    assert _network(store_home, "lab-net-1") == NETWORK
    assert zoo("info", "lab-net-1", "--json").document["installed"] is True
    assert zoo("catalog", "ls", "--json").document == {"catalogs": []}
    assert zoo("pull", "nonsense", "--catalog", where).code == 3
    assert len(zoo("pull", "*ears*", "--catalog", where, "--json").document["models"]) == 2


def test_a_whole_name_means_zoos_own_model_first(zoo: Zoo, lab: str, server: Any) -> None:
    added = zoo("catalog", "add", "lab", lab)
    assert "lab/msd-musicnn-1" in added.err
    answer = zoo("info", "msd-musicnn-1", "--json")
    assert answer.document["record"]["zoo"]["license"] == "CC-BY-NC-SA-4.0"
    assert "lab/msd-musicnn-1" in answer.err
    assert zoo("info", "msd-musicnn").out.startswith("msd-musicnn-1\n")
    theirs = zoo("info", "lab/msd-musicnn-1", "--json").document
    assert (theirs["record"]["zoo"]["license"], theirs["catalog"]) == ("ISC", "lab")
    planned = zoo("pull", "*-musicnn-1", "--dry-run", "--json").document["models"]
    assert not any(server.url in str(each) for each in planned)


def test_a_model_that_takes_an_own_name_is_told_at_every_turn(
    zoo: Zoo, lab: str, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo("catalog", "add", "lab", lab)
    answer = zoo("pull", "lab/msd-musicnn-1")
    assert "is also a name in zoo's own catalog" in answer.err
    assert _network(store_home, "msd-musicnn-1") == NETWORK
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    answer = zoo("pull", "msd-musicnn-1")
    assert (answer.code, "not from zoo's own" in answer.err) == (0, True)
    Path("a.wav").write_bytes(b"")
    assert "not from zoo's own" in zoo("predict", "msd-musicnn-1", "a.wav").err


def test_a_model_never_takes_the_place_of_another_unasked(
    zoo: Zoo, lab: str, server: Any, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    zoo("pull", "lab-net-1")
    other = b"\n\x05other"
    changed = listing(entry("lab-net-1", other))
    server.files["/zoo/catalog.json"] = json.dumps(changed).encode()
    server.files["/zoo/lab-net-1/lab-net-1.pb"] = other
    answer = zoo("pull", "lab-net-1", "--catalog", lab)
    assert (answer.code, "zoo update lab-net-1" in answer.err) == (0, True)
    assert _network(store_home, "lab-net-1") == NETWORK
    assert zoo("pull", "lab-net-1", "--catalog", lab, "--force").code == 0
    assert _network(store_home, "lab-net-1") == other
    assert [row["installed"] for row in zoo("ls", "lab-net*", "--json").document["models"]] == [
        True
    ]
    assert zoo("catalog", "update", "--json").document["catalogs"][0]["models"] == 1
    assert [row["installed"] for row in zoo("ls", "lab-net*", "--json").document["models"]] == [
        True
    ]


def test_a_lock_holds_models_of_further_catalogs(
    zoo: Zoo, lab: str, server: Any, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    zoo("pull", "task-ears-1")
    assert zoo("lock").code == 0
    zoo("rm", "-y", "*")
    pulled = zoo("pull", "--locked", "--json").document["models"]
    assert [each["status"] for each in pulled] == ["installed", "installed"]
    assert zoo("pull", "--locked", "--json").document["models"][0]["status"] == "already"
    server.files["/zoo/ears-1/ears-1.pb"] = EXTRACTOR[::-1]
    zoo("rm", "-y", "ears-1")
    assert zoo("pull", "--locked").code == 5
    assert "task-ears-1 reads the embeddings of ears-1" in zoo("lock").err


def test_every_command_takes_a_name_behind_its_catalog(
    zoo: Zoo, lab: str, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    for name in ("lab/lab-net-1", "lab/lab-net", "lab/LAB"):
        assert zoo("pull", name).code == 0
        assert zoo("path", name).out == f"{Store(store_home).path('lab-net-1')}\n"
    assert zoo("verify", "lab/lab-net-1").code == 0
    assert (
        zoo("validate", "lab/lab-net-1", "--json").document["targets"][0]["target"] == "lab-net-1"
    )
    assert zoo("inspect", "lab/lab-net-1").code == 5  # its bytes are no network
    assert zoo("inspect", "lab/ears-1").err.count("zoo pull lab/ears-1") == 1
    assert zoo("doctor").code == 0
    assert zoo("ls", "lab/lab*", "--json").document == zoo("ls", "lab-*", "--json").document
    assert zoo("rm", "-y", "lab/lab-net-1").code == 0
    for wrong in ("lab/nonsense", "other/lab-net-1", "lab/", "/lab-net-1", "lab/../ears-1"):
        assert zoo("info", wrong).code == 3
    assert "lab/lab-net-1" in zoo("info", "lab-nt-1").err


def test_a_name_of_two_further_catalogs_asks_which(zoo: Zoo, lab: str) -> None:
    zoo("catalog", "add", "lab", lab)
    zoo("catalog", "add", "twin", lab)
    answer = zoo("info", "ears-1")
    assert (answer.code, "lab/ears-1, twin/ears-1" in answer.err) == (2, True)
    assert zoo("info", "twin/ears-1").out.startswith("twin/ears-1\n")


def test_the_digests_of_the_catalog_are_enforced(
    zoo: Zoo, lab: str, server: Any, store_home: Path
) -> None:
    zoo("catalog", "add", "lab", lab)
    server.files["/zoo/lab-net-1/lab-net-1.pb"] = NETWORK[::-1]
    answer = zoo("pull", "lab-net-1")
    assert answer.code == 5
    assert "zoo catalog update lab" in answer.err
    unnamed = zoo("pull", "lab-net-1", "--catalog", lab)
    assert (unnamed.code, "zoo catalog update" in unnamed.err) == (5, False)
    assert not (store_home / "models" / "lab-net-1" / "manifest.json").exists()


def test_what_cannot_be_reached_leaves_what_is_kept(
    zoo: Zoo, lab: str, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo("catalog", "add", "lab", lab)
    del server.files["/zoo/catalog.json"]
    assert zoo("catalog", "update", "lab").code == 4
    server.files["/zoo/catalog.json"] = b"<!doctype html><p>Please log in"
    assert zoo("catalog", "update").code == 5
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    assert zoo("catalog", "update").code == 4
    assert zoo("info", "lab/ears-1").code == 0


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://203.0.113.1/zoo", 5),
        ("ftp://127.0.0.1/zoo", 2),
        ("https://127.0.0.1:1/zoo", 4),
        ("no/such/folder", 3),
        (".", 3),
    ],
)
def test_an_address_is_judged_before_it_is_kept(zoo: Zoo, address: str, code: int) -> None:
    assert zoo("catalog", "add", "lab", address).code == code
    assert zoo("pull", "x", "--catalog", address).code == code
    assert zoo("catalog", "ls", "--json").document == {"catalogs": []}


@pytest.mark.parametrize("name", ["../lab", "a/b", ".lab", "store", ""])
def test_a_catalogs_name_is_a_plain_word(zoo: Zoo, lab: str, name: str, store_home: Path) -> None:
    assert zoo("catalog", "add", name, lab).code == 2
    assert not (store_home / "catalogs").exists()


def test_a_name_is_given_once(zoo: Zoo, lab: str) -> None:
    assert zoo("catalog", "add", "lab", lab).code == 0
    again = zoo("catalog", "add", "Lab", lab)
    assert (again.code, "zoo catalog rm lab" in again.err) == (2, True)


def test_a_damaged_file_of_the_store_is_named(zoo: Zoo, lab: str, store_home: Path) -> None:
    zoo("catalog", "add", "lab", lab)
    (store_home / "catalogs" / "lab.json").write_text('{"catalog": []}')
    answer = zoo("ls")
    assert (answer.code, "zoo catalog rm lab" in answer.err) == (5, True)
    assert zoo("catalog", "rm", "lab").code == 0
    assert zoo("ls").code == 0


def test_listing_further_models_imports_nothing_heavy(zoo: Zoo, lab: str, store_home: Path) -> None:
    zoo("catalog", "add", "lab", lab)
    code = (
        "import sys; from zoo import cli; sys.argv[1:] = ['ls', 'lab/*']; cli.run(); "
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "lab/ears-1" in ran.stdout
    assert not {"requests", "jsonschema", "numpy", "rich", "filelock"} & set(ran.stderr.split())
