"""The support vector machines of an archive: pulled, listed, verified, run, removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freeze.formats.gaia import history
from tests.support import histories
from tests.support.histories import POOL, packed

Zoo = Callable[..., Any]


@pytest.fixture
def old(zoo: Zoo, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zoo:
    """The command, with an archive ``old`` on a server, and ``song.json``."""
    whole = history.serialize(histories.chain())
    path = packed(tmp_path / "old.tar.gz", {"svm/mood.history": whole, "svm/b.history": whole})
    server.files["/old.tar.gz"] = path.read_bytes()
    record = {
        "name": "Old ones",
        "description": "Some classifiers.",
        "framework": "gaia",
        "model_types": ["gaia_history"],
        "zoo": {
            "id": "old",
            "kind": "svm",
            "family": "gaia",
            "license": "CC0-1.0",
            "members": ["mood", "gone"],
            "files": [{"kind": "archive", "urls": [f"{server.url}/old.tar.gz"]}],
        },
    }
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "old.json").write_text(json.dumps(record))
    (tmp_path / "song.json").write_text(json.dumps(POOL))
    monkeypatch.setenv("ZOO_CATALOG", str(tmp_path / "records"))
    monkeypatch.chdir(tmp_path)
    return zoo


def listed(old: Zoo) -> dict[str, bool]:
    rows = old("ls", "old/*", "--json").document["models"]
    return {row["id"]: row["installed"] for row in rows}


def test_its_models_are_listed_before_and_after_it_is_there(old: Zoo) -> None:
    assert listed(old) == {"old/mood": False, "old/gone": False}
    (row,) = old("pull", "old/mood", "--json").document["models"]
    assert row["id"] == "old/mood" and Path(row["path"]).name == "mood.history"
    assert listed(old) == {"old/mood": True, "old/b": True}
    info = old("info", "old/mood", "--json").document
    assert info["path"] == row["path"] and info["sha256"] == row["sha256"]
    assert info["record"]["zoo"]["license"] == "CC0-1.0"
    assert "old/mood" in old("info", "old").out


def test_its_models_run_and_are_looked_into_like_any_other(old: Zoo) -> None:
    ran = old("predict", "old/mood", "song.json", "--json")
    (result,) = ran.document["results"]
    assert ran.code == 0 and result["model"] == "mood" and result["classes"][0] == "happy"
    assert "kernel" in old("inspect", "old/mood").out
    assert old("validate", "old/mood", "--strict").code == 0
    assert old("path", "old/mood").out.strip().endswith("old/mood.history")


def test_its_files_are_verified_locked_and_removed_together(old: Zoo, store_home: Path) -> None:
    old("pull", "old")
    assert old("verify", "old/mood").code == 0
    assert old("lock", "-o", "zoo.lock").code == 0
    (store_home / "models" / "old" / "mood.history").write_bytes(b"changed")
    ran = old("verify", "--json")
    (model,) = ran.document["models"]
    states = {each["path"]: each["status"] for each in model["files"]}
    assert ran.code == 1 and states["mood.history"] == "changed" and states["b.history"] == "ok"
    refused = old("rm", "-y", "old/mood")
    assert refused.code == 2 and "zoo rm old" in refused.err
    assert old("rm", "-y", "old").code == 0
    assert old("pull", "--locked", "zoo.lock").code == 0
    assert old("verify").code == 0 and listed(old)["old/b"]


def test_a_model_that_is_not_in_it_is_told(old: Zoo) -> None:
    ran = old("pull", "old/gone")
    assert ran.code == 3 and "does not hold gone" in ran.err


def test_an_archive_without_a_history_leaves_nothing(
    old: Zoo, server: Any, tmp_path: Path, store_home: Path
) -> None:
    server.files["/old.tar.gz"] = packed(tmp_path / "x.tar.gz", {"README": b"x"}).read_bytes()
    ran = old("pull", "old")
    assert ran.code == 5 and "holds no history" in ran.err
    assert listed(old) == {"old/mood": False, "old/gone": False}
