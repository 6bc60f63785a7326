"""From a checkpoint to somebody else's predictions, over HTTP: every step is the real one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.index import catalog
from catalog.store import sha256_of

Zoo = Callable[..., Any]
SERVE = [sys.executable, "-c", "from zoo.cli import main; main()", "serve", "--port", "0", "-q"]


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Begin to serve a folder; its address."""
    running = []

    def begin(folder: Path) -> str:
        process = subprocess.Popen([*SERVE, str(folder)], stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def _complete(record: Path, license: str) -> None:
    """Fill in what only people know, here from the catalog's record of the same network."""
    draft = json.loads(record.read_text())
    known = catalog().find("msd-musicnn-1").document
    facts = {key: known[key] for key in known if key not in ("name", "link", "schema", "zoo")}
    block = {**draft["zoo"], "license": license, "task": "auto-tagging", "family": "musicnn"}
    record.write_text(json.dumps({**draft, **facts, "zoo": block}))


@pytest.mark.shared
def test_what_is_frozen_here_predicts_the_same_there(
    zoo: Zoo,
    serve: Callable[[Path], str],
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    layers = ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd")
    outputs = [word for layer in layers for word in ("--node", layer)]
    checkpoint = shared / "models" / "musicnn" / "MSD_musicnn"
    frozen = zoo("freeze", checkpoint, "-o", "tagger-1.pb", *outputs, "--json").document
    assert zoo("publish", "tagger-1.json", "--to", "site", "--plain").code == 1  # a draft
    _complete(Path("tagger-1.json"), "ISC")
    assert zoo("validate", "tagger-1.json").code == 0
    assert zoo("publish", "tagger-1.json", "--to", "site", "--plain").code == 0

    address = serve(tmp_path / "site")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "elsewhere"))
    pulled = zoo("pull", "tagger-1", "--catalog", address, "--json").document["models"]
    path = Path(pulled[0]["path"])
    assert sha256_of(path) == pulled[0]["sha256"] == frozen["sha256"]
    assert path.is_relative_to(tmp_path / "elsewhere")
    assert frozen["sha256"] == catalog().find("msd-musicnn-1").zoo["recipe"]["sha256"]

    monkeypatch.setenv("ZOO_OFFLINE", "1")
    song = shared / "goldens" / "audio" / "dubstep.wav"
    zoo("predict", "tagger-1", song, "-o", "theirs.npz")
    zoo("predict", shared / "models" / "msd-musicnn-1.pb", song, "-o", "ours.npz")
    theirs, ours = np.load("theirs.npz"), np.load("ours.npz")
    assert theirs["activations"].shape == ours["activations"].shape
    np.testing.assert_allclose(theirs["activations"], ours["activations"], atol=1e-6)
    assert list(theirs["classes"]) == list(ours["classes"])


@pytest.mark.shared
def test_a_catalog_is_added_from_a_server_and_its_head_pulled_with_its_extractor(
    zoo: Zoo,
    serve: Callable[[Path], str],
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    ids = ("msd-musicnn-1", "emomusic-msd-musicnn-1")
    for id in ids:
        document = catalog().find(id).document
        block = {k: v for k, v in document["zoo"].items() if k not in ("files", "recipe")}
        network = (shared / "models" / f"{id}.pb").read_bytes()
        Path(f"{id}.pb").write_bytes(network)
        Path(f"{id}.json").write_text(json.dumps({**document, "zoo": block}))
    answer = zoo("publish", *(f"{id}.json" for id in ids), "--to", "site", "--plain")
    assert answer.code == 0, answer.err

    address = serve(tmp_path / "site")
    monkeypatch.delenv("ZOO_OFFLINE")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "elsewhere"))
    assert zoo("catalog", "add", "lab", address).code == 0
    pulled = zoo("pull", f"lab/{ids[1]}", "--json").document["models"]
    assert [each["id"] for each in pulled] == list(ids)
    assert [each["sha256"] for each in pulled] == [sha256_of(Path(f"{id}.pb")) for id in ids]

    monkeypatch.setenv("ZOO_OFFLINE", "1")
    song = shared / "goldens" / "audio" / "dubstep.wav"
    theirs = zoo("predict", f"lab/{ids[1]}", song, "--json").document["results"][0]
    assert theirs["error"] is None and theirs["classes"] == ["valence", "arousal"]
