"""Whole commands on edited documents: an answer or a sentence, and never the exit code of a bug.

``ZOO_FUZZ=N`` tries N examples of each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.index import catalog
from tests.hostile.conftest import Zoo
from tests.support import fuzzing, lab
from tests.support.fuzzing import damaged, edited

pytestmark = pytest.mark.slow

few = settings(fuzzing.examples(25), deadline=None)  # some start other processes
many = settings(fuzzing.examples(150), deadline=None)


def _lock() -> dict[str, Any]:
    """A lock of a head, and of its extractor, which is built by its recipe."""
    models = []
    for id, source in (("msd-musicnn-1", "recipe"), ("emomusic-msd-musicnn-2", "official")):
        model = catalog().find(id)
        file: dict[str, Any] = {"kind": "pb", "urls": [], "size": 7, "sha256": "0" * 64}
        license = model.license
        if source == "recipe" and model.recipe:
            file |= {"size": model.recipe.size, "sha256": model.recipe.sha256}
            license = model.recipe.license
        else:
            file |= {"urls": list(model.files[0].urls)}
        entry = {"id": id, "catalog": None, "source": source, "license": license}
        extractor = model.extractor.id if model.extractor else None
        entry |= {"extractor": extractor, "files": [file], "record": model.document}
        models.append(entry)
    return {"version": 2, "models": models}


@many
@given(data=st.data())
def test_an_edited_lock_is_followed_or_refused(data: st.DataObject, zoo: Zoo) -> None:
    whole = json.dumps(_lock()).encode()
    Path("zoo.lock").write_bytes(data.draw(edited(_lock()) | damaged(whole)))
    assert zoo("pull", "--locked", "--mirror", "nowhere") != 0
    assert zoo("lock", "--check") != 0


def test_a_good_lock_is_followed_to_the_network(zoo: Zoo) -> None:
    Path("zoo.lock").write_text(json.dumps(_lock()))
    assert zoo("pull", "--locked", "--mirror", "nowhere") == 4


@few
@given(data=st.data())
def test_an_edited_record_beside_a_graph_is_used_or_refused(
    data: st.DataObject, zoo: Zoo, tmp_path: Path, song: Path
) -> None:
    network = lab.Network(tmp_path)
    beside = network.path.with_suffix(".json")
    full = {**catalog().find("msd-musicnn-1").document, **network.record}
    beside.write_bytes(data.draw(edited(network.record) | edited(full)))
    zoo("predict", network.path, song)
    zoo("validate", network.path)
    zoo("info", network.path, "--json")
    zoo("export", network.path, "--to", "tfjs", "-o", tmp_path / "web")
    zoo("publish", beside, "--to", tmp_path / "site", "--plain")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export."""
    from zoo.exporting.exporter import export

    folder = tmp_path_factory.mktemp("web")
    export(lab.Network(folder).path, "tfjs", folder / "tiny-tfjs")
    return folder / "tiny-tfjs"


@few
@given(data=st.data())
def test_an_edited_web_model_is_used_or_refused(
    data: st.DataObject, zoo: Zoo, web: Path, song: Path
) -> None:
    topology = web / "model.json"
    whole = topology.read_bytes()
    try:
        topology.write_bytes(data.draw(edited(json.loads(whole))))
        zoo("predict", web, song)
        zoo("inspect", web)
        zoo("validate", web)
    finally:
        topology.write_bytes(whole)


def test_a_good_web_model_is_used(zoo: Zoo, web: Path, song: Path) -> None:
    assert zoo("predict", web, song) == 0
    assert zoo("inspect", web) == 0


@few
@given(data=st.data())
def test_an_edited_catalog_is_added_or_refused(
    data: st.DataObject, zoo: Zoo, tmp_path: Path
) -> None:
    network = lab.Network(tmp_path)
    record = {**network.record, "description": "d", "framework": "tensorflow"}
    record["zoo"] = {"id": "tiny", "kind": "end-to-end", "license": "MIT"}
    file = {"path": "tiny.pb", "kind": "pb", "size": 7, "sha256": "0" * 64}
    listing = {"format": 1, "title": "Ours", "models": [{"record": record, "files": [file]}]}
    (tmp_path / "catalog.json").write_bytes(data.draw(edited(listing)))
    if zoo("catalog", "add", "ours", tmp_path) == 0:
        for words in (("ls",), ("info", "ours/tiny"), ("search", "tiny"), ("pull", "ours/tiny")):
            zoo(*words)
        zoo("catalog", "rm", "ours")
