"""The commands pull, path, verify, rm and lock: documents, exit codes, words."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.locking import locked
from catalog.store import Store

EXTRACTOR, HEAD = b"\n\x09extractor", b"\n\x04head"


Zoo = Callable[..., Any]


@pytest.fixture(autouse=True)
def further_models(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two further models in the catalog: an extractor and its head."""
    server.files.update({"/extra-1.pb": EXTRACTOR, "/task-extra-1.pb": HEAD})
    folder = tmp_path / "catalog"
    folder.mkdir()
    _write(folder, server, "extra-1", "extractor", EXTRACTOR)
    _write(folder, server, "task-extra-1", "head", HEAD, extractor={"id": "extra-1"})
    monkeypatch.setenv("ZOO_CATALOG", str(folder))
    monkeypatch.setattr(catalog.download.fetch, "WAITS", ())
    monkeypatch.chdir(tmp_path)


def _write(folder: Path, server: Any, id: str, kind: str, content: bytes, **more: Any) -> None:
    file = {
        "kind": "pb",
        "urls": [f"{server.url}/{id}.pb"],
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    block = {"id": id, "kind": kind, "license": "ISC", "files": [file], **more}
    record = {"name": id, "description": "A test.", "framework": "none", "zoo": block}
    (folder / f"{id}.json").write_text(json.dumps(record))


def test_pull_prints_one_document(zoo: Zoo, store_home: Path) -> None:
    answer = zoo("pull", "extra-1", "--json")
    assert answer.code == 0
    assert answer.document == {
        "models": [
            {
                "id": "extra-1",
                "path": str(store_home / "models" / "extra-1" / "extra-1.pb"),
                "source": "official",
                "sha256": hashlib.sha256(EXTRACTOR).hexdigest(),
                "size": len(EXTRACTOR),
                "status": "installed",
            }
        ]
    }
    assert "License" in answer.err
    assert zoo("pull", "extra-1", "--json").document["models"][0]["status"] == "already"


def test_a_head_brings_its_extractor_once(zoo: Zoo) -> None:
    answer = zoo("pull", "task-extra-1", "extra-1", "--json")
    assert [model["id"] for model in answer.document["models"]] == ["extra-1", "task-extra-1"]


def test_a_pattern_pulls_all_that_fit(zoo: Zoo) -> None:
    assert len(zoo("pull", "*extra-1", "--json").document["models"]) == 2
    assert zoo("pull", "nothing-like-*").code == 3


def test_without_a_name_pull_says_what_it_needs(zoo: Zoo) -> None:
    answer = zoo("pull")
    assert answer.code == 2
    assert "zoo pull NAME" in answer.err


def test_an_unknown_name_gives_3(zoo: Zoo) -> None:
    assert zoo("pull", "no-such-model-1", "--json").document["error"]["code"] == 3


def test_quiet_says_nothing_but_the_result(zoo: Zoo) -> None:
    answer = zoo("pull", "-q", "extra-1")
    assert answer.err == ""
    assert "extra-1.pb" in answer.out


def test_dry_run_asks_nobody_and_changes_nothing(zoo: Zoo, server: Any, store_home: Path) -> None:
    answer = zoo("pull", "--dry-run", "--json", "task-extra-1")
    assert [(model["id"], model["status"]) for model in answer.document["models"]] == [
        ("extra-1", "planned"),
        ("task-extra-1", "planned"),
    ]
    assert "planned" in zoo("pull", "--dry-run", "extra-1").out
    assert server.requests == []
    assert not store_home.exists()


def test_a_server_without_the_file_gives_4_in_three_lines(zoo: Zoo, server: Any) -> None:
    server.files.clear()
    answer = zoo("pull", "extra-1")
    assert answer.code == 4
    assert len(answer.err.splitlines()) == 3
    assert "404" in answer.err and "--mirror" in answer.err


def test_another_file_gives_5_and_offline_gives_4(
    zoo: Zoo, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/extra-1.pb"] = EXTRACTOR[::-1]
    assert zoo("pull", "extra-1").code == 5
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    assert zoo("pull", "extra-1", "--json").document["error"]["type"] == "OfflineError"


def test_path_is_one_line_or_a_hint(zoo: Zoo, store_home: Path) -> None:
    answer = zoo("path", "extra-1")
    assert (answer.code, answer.out) == (3, "")
    assert "zoo pull extra-1" in answer.err
    zoo("pull", "extra-1")
    expected = f"{store_home}/models/extra-1/extra-1.pb\n"
    assert zoo("path", "extra-1").out == expected
    assert zoo("path", "EXTRA").out == expected
    assert zoo("path", "no-such-model-1").code == 3


def test_verify_says_no_with_1_and_names_the_file(zoo: Zoo, store_home: Path) -> None:
    zoo("pull", "task-extra-1")
    assert zoo("verify", "--json").document["ok"] is True
    assert zoo("verify", "task-extra-1").code == 0
    (store_home / "models" / "extra-1" / "extra-1.pb").write_bytes(EXTRACTOR[::-1])
    answer = zoo("verify", "--json")
    assert answer.code == 1
    assert answer.document == {
        "ok": False,
        "models": [
            {
                "id": "extra-1",
                "files": [
                    {"path": "extra-1.pb", "status": "changed"},
                    {"path": "extra-1.json", "status": "ok"},
                ],
            },
            {
                "id": "task-extra-1",
                "files": [
                    {"path": "task-extra-1.pb", "status": "ok"},
                    {"path": "task-extra-1.json", "status": "ok"},
                ],
            },
        ],
    }
    assert "extra-1.pb" in zoo("verify", "extra-1").out
    assert zoo("verify", "task-extra-1").code == 0
    assert zoo("verify", "no-such-model-1").code == 3


def test_a_repair_is_named_and_repairs(zoo: Zoo, store_home: Path) -> None:
    zoo("pull", "extra-1")
    (store_home / "models" / "extra-1" / "extra-1.json").unlink()
    (store_home / "models" / "extra-1" / "stray").touch()
    answer = zoo("verify")
    assert "zoo rm -y extra-1 && zoo pull extra-1" in answer.err
    assert zoo("rm", "-y", "extra-1").code == 0
    assert zoo("pull", "extra-1").code == 0
    assert zoo("verify").code == 0


def test_rm_asks_and_without_a_terminal_refuses(
    zoo: Zoo, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo("pull", "task-extra-1")
    assert zoo("rm", "extra-1").code == 2
    assert "zoo rm --yes extra-1" in zoo("rm", "extra-1").err
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for yes, left in ((False, 2), (True, 1)):
        monkeypatch.setattr(
            "typer.confirm", lambda text, yes=yes, **_: (asked.append(text), yes)[1]
        )
        assert zoo("rm", "extra-1").code == (0 if yes else 1)
        assert len(Store(store_home).installed()) == left
    assert "extra-1" in asked[0]
    assert zoo("rm", "-y", "*").code == 0
    assert Store(store_home).installed() == []
    assert zoo("rm", "-y", "extra-1").code == 3


def test_rm_finishes_what_a_killed_process_began(zoo: Zoo, store_home: Path) -> None:
    half = store_home / "models" / "msd-musicnn-1"
    gone = store_home / "parts" / ".zoo-000000-1-abc"
    for folder in (half, gone):
        folder.mkdir(parents=True)
        (folder / "msd-musicnn-1.pb").touch()
    os.utime(gone, (0, 0))
    lock = gone.with_name("other-1.lock")
    lock.touch()
    assert zoo("rm", "-y", "msd-musicnn-1").code == 0
    assert not half.exists() and not gone.exists() and not lock.exists()
    assert zoo("rm", "-y", "msd-musicnn-1").code == 3


def test_rm_waits_for_a_pull_of_the_same_model(zoo: Zoo, store_home: Path) -> None:
    store = Store(store_home)
    folder = store.folder("msd-musicnn-1")
    folder.mkdir(parents=True)
    with ThreadPoolExecutor(1) as threads:
        with locked(store.parts / "msd-musicnn-1.lock"):
            removed = threads.submit(store.remove, "msd-musicnn-1")
            with pytest.raises(TimeoutError):
                removed.result(timeout=0.3)
            assert folder.exists()
        removed.result()
    assert not folder.exists()


def test_rm_touches_no_folder_that_it_did_not_make(zoo: Zoo, store_home: Path) -> None:
    thesis = store_home / "models" / "thesis"
    thesis.mkdir(parents=True)
    assert zoo("rm", "-y", "thesis").code == 3
    assert zoo("rm", "-y", "*").code == 3
    assert zoo("verify").code == 0
    assert thesis.is_dir()


def test_a_lock_overwrites_nothing_but_a_lock(zoo: Zoo, tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"ID3 music")
    assert zoo("lock", "-o", "song.mp3").code == 5
    assert song.read_bytes() == b"ID3 music"


def test_locked_replaces_what_was_damaged_in_place(zoo: Zoo, store_home: Path) -> None:
    zoo("pull", "extra-1")
    zoo("lock")
    network = store_home / "models" / "extra-1" / "extra-1.pb"
    network.write_bytes(network.read_bytes()[::-1])
    answer = zoo("pull", "--locked", "--json").document
    assert [model["status"] for model in answer["models"]] == ["installed"]
    assert zoo("verify").code == 0


def test_a_model_that_no_catalog_describes_any_more_is_locked_as_before(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    zoo("pull", "extra-1")
    zoo("lock")
    before = (tmp_path / "zoo.lock").read_bytes()
    monkeypatch.delenv("ZOO_CATALOG")
    assert zoo("lock").code == 0
    assert (tmp_path / "zoo.lock").read_bytes() == before
    zoo("rm", "-y", "*")
    assert zoo("pull", "--locked", "--json").document["models"][0]["status"] == "installed"


def test_a_lock_installs_exactly_what_was_installed(
    zoo: Zoo, server: Any, store_home: Path, tmp_path: Path
) -> None:
    zoo("pull", "task-extra-1")
    assert zoo("lock", "task-extra-1").code == 0
    lock = tmp_path / "zoo.lock"
    text = lock.read_bytes()
    assert [model["id"] for model in json.loads(text)["models"]] == ["extra-1", "task-extra-1"]
    zoo("lock", "-o", "all.lock")
    assert (tmp_path / "all.lock").read_bytes() == text

    zoo("rm", "-y", "*")
    assert len(zoo("pull", "--locked", "--json").document["models"]) == 2
    server.requests.clear()
    answer = zoo("pull", "--locked", "all.lock", "--json").document
    assert {model["status"] for model in answer["models"]} == {"already"}
    assert server.requests == []

    changed = text.replace(hashlib.sha256(HEAD).hexdigest().encode(), b"0" * 64)
    lock.write_bytes(changed)
    assert zoo("pull", "--locked").code == 5
    assert zoo("pull", "--locked", "no.lock").code == 3
    assert zoo("pull", "--locked", "a.lock", "b.lock").code == 2


def test_a_lock_names_the_official_address_even_after_a_mirror(
    zoo: Zoo, server: Any, tmp_path: Path
) -> None:
    official = "https://essentia.upf.edu/models/extra-1.pb"
    record = tmp_path / "catalog" / "extra-1.json"
    record.write_text(record.read_text().replace(f"{server.url}/extra-1.pb", official))
    answer = zoo("pull", "extra-1", "--mirror", server.url, "--json")
    assert answer.document["models"][0]["source"] == "mirror"
    zoo("lock")
    (model,) = json.loads((tmp_path / "zoo.lock").read_text())["models"]
    assert (model["source"], model["files"][0]["urls"]) == ("mirror", [official])


def test_a_hostile_record_writes_nothing_outside_the_store(
    zoo: Zoo, tmp_path: Path, store_home: Path
) -> None:
    record = json.loads((tmp_path / "catalog" / "extra-1.json").read_text())
    record["zoo"]["id"] = "../../evil"
    (tmp_path / "catalog" / "extra-1.json").write_text(json.dumps(record))
    assert zoo("pull", "../../evil").code in (3, 5)
    assert not store_home.exists()


def test_path_imports_nothing_heavy(zoo: Zoo) -> None:
    zoo("pull", "extra-1")
    code = (
        "import sys; sys.argv = ['zoo', 'path', 'extra-1']\n"
        "from zoo.cli import run\n"
        "code = run()\n"
        "heavy = {'numpy', 'requests', 'urllib3', 'rich', 'jsonschema', 'filelock', 'openvino'}\n"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ
    )
    assert run.stdout.splitlines()[1:] == ["0 []"]


def test_verify_says_how_many_are_right(zoo: Zoo) -> None:
    assert zoo("verify").err == "Verified 0 models: OK\n"
