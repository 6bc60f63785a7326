"""Commands killed at random moments leave nothing half, and the next run leaves nothing behind.

``ZOO_KILLS=N`` kills N times in all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from catalog.catalogs import Catalogs
from catalog.lock import read
from tests.support import graphs, lab
from tests.support.forking import Forks, import_commands
from tests.support.killing import Lab, Words, state
from zoo.publishing.site import SUMS, read_sums

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
    pytest.mark.timeout(0 if "ZOO_KILLS" in os.environ else 300),
]


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    engine = tmp_path_factory.mktemp("engine")
    (engine / "tf-core.js").write_text("// a stand-in")
    with Forks({"ZOO_OFFLINE": 1}, partial(import_commands, engine)) as forks:
        yield forks


@pytest.fixture
def place(tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch) -> Lab:
    place = Lab(tmp_path, forks)
    monkeypatch.setenv("ZOO_HOME", str(place.store.home))
    monkeypatch.setenv("TMPDIR", str(place.temporary))
    return place


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def _record(folder: Path, id: str) -> Path:
    """A record that may be published, and its network."""
    return lab.described(lab.Network(_folder(folder), id, seed=len(id)).path)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return _record(tmp_path / "ours", "ours-1")


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    folder.mkdir()
    for name in "abc":
        lab.audio(folder / f"{name}.wav", lab.noise(16000), 16000)
    return folder


def _as_good(place: Lab, output: Path, command: Words) -> None:
    """Kill a command that writes an output, which must be as it is when nobody is killed."""
    place.run(*command)
    shutil.rmtree(output) if output.is_dir() else output.unlink()
    seconds = place.run(*command)
    good = state(output)
    assert good and place.left() == []

    def look() -> None:
        assert state(output) in (good, {})

    place.kill(command, look=look, span=1.2 * seconds)
    place.run(*command)
    assert state(output) == good
    assert place.left() == []


@pytest.mark.parametrize(("form", "name"), [("tfjs", "web"), ("tfjs", "web.zip"), ("pb", "o.pb")])
def test_an_export_is_whole_or_not_there(place: Lab, record: Path, form: str, name: str) -> None:
    output = place.out / name
    _as_good(place, output, ("export", record.with_suffix(".pb"), "--to", form, "-o", output))


def test_a_frozen_graph_is_whole_or_not_there(place: Lab, tmp_path: Path) -> None:
    graph = graphs.graph("x = Placeholder\nv = VariableV2\ny = Mul x v")
    graphs.save(graphs.checkpoint({"v": np.arange(6, dtype=np.float32)}, graph), tmp_path / "model")
    output = place.out / "frozen.pb"
    _as_good(place, output, ("freeze", tmp_path / "model", "-o", output, "--node", "y"))


def test_a_pair_that_is_frozen_anew_has_two_whole_files(place: Lab, tmp_path: Path) -> None:
    graph = graphs.graph("x = Placeholder\nv = VariableV2\ny = Mul x v")
    for name, first in (("old", 0), ("new", 6)):
        values = np.arange(first, first + 6, dtype=np.float32)
        graphs.save(graphs.checkpoint({"v": values}, graph), tmp_path / name)
    output, record = place.out / "m.pb", place.out / "m.json"

    def freeze(name: str, *words: str) -> Words:
        return ("freeze", tmp_path / name, "-o", output, "--node", "y", *words)

    place.run(*freeze("old", "--author", "Ada"))
    old = state(place.out)
    seconds = place.run(*freeze("new"))
    new = state(place.out)
    assert old["m.pb"] != new["m.pb"] and old["m.json"] != new["m.json"]

    def look() -> None:
        found = state(place.out)
        assert all(
            found[each.name] in (old[each.name], new[each.name]) for each in (output, record)
        )

    place.kill(freeze("old"), freeze("new"), look=look, span=1.2 * seconds)
    place.run(*freeze("new"))
    assert state(place.out) == new and "Ada" in record.read_text()
    assert place.left() == []


def test_metadata_are_corrected_or_as_they_were(place: Lab, record: Path) -> None:
    document = json.loads(record.read_text())
    document["schema"]["inputs"][0]["shape"] = [187, 95]
    before = json.dumps(document)

    def begin() -> None:
        record.write_text(before)

    def look() -> None:
        assert state(record.parent) in (old, corrected)

    begin()
    command = ("validate", "--fix", record, record.with_suffix(".pb"))
    old = state(record.parent)
    seconds = place.run(*command)
    corrected = state(record.parent)
    assert old != corrected
    place.kill(command, begin=begin, look=look, span=seconds, codes=(0, 1))
    place.run(*command)
    assert state(record.parent) == corrected
    assert len(list(record.parent.iterdir())) == 2 and place.left() == []


def test_a_publication_is_whole_or_not_there(place: Lab, record: Path) -> None:
    output = place.out / "site"

    def look() -> None:
        found = state(output)
        listed = read_sums(output / SUMS) if found else {}
        assert {name: sha256 for name, sha256 in found.items() if name != SUMS} == listed

    command = ("publish", record, "--to", output, "--plain")
    seconds = place.run(*command)
    place.kill(command, look=look, span=seconds)
    place.run(*command)
    look()
    assert place.left() == []


def test_published_versions_are_whole_while_they_are_replaced_and_withdrawn(
    place: Lab, record: Path, tmp_path: Path
) -> None:
    site = place.out / "site"
    second = _record(tmp_path / "ours", "ours-2")
    other = lab.described(lab.Network(_folder(tmp_path / "other"), "ours-1", seed=1).path)
    corrected = _folder(tmp_path / "corrected") / "ours-1.json"
    shutil.copyfile(record.with_suffix(".pb"), corrected.with_suffix(".pb"))
    document = json.loads(record.read_text())
    corrected.write_text(json.dumps({**document, "classes": document["classes"][::-1]}))

    def look() -> None:
        found = state(site)
        listed = read_sums(site / SUMS)
        assert {name: sha256 for name, sha256 in found.items() if name != SUMS} == listed
        for model in json.loads((site / "catalog.json").read_bytes())["models"]:
            versions = [model, *model.get("earlier", ())]
            for file in (file for version in versions for file in version["files"]):
                assert found[file["path"]] == file["sha256"]
            assert model["files"] or model["withdrawn"]

    def publish(*words: object) -> Words:
        return ("publish", *words, "--to", site, "--plain")

    place.run(*publish(record))
    commands = (
        publish(record, "--replace"),
        publish(other, "--replace"),
        publish(corrected, "--replace"),
        publish(second),
        publish("--withdraw", "ours-1", "--why", "No consent."),
    )
    seconds = place.run(*commands[1])
    place.kill(*commands, look=look, span=1.2 * seconds)
    for command in commands:
        place.run(*command)
        look()
    assert place.left() == []


@pytest.mark.parametrize("name", ["table.csv", "table.jsonl", "table.npz", "table.parquet"])
def test_a_table_has_rows_as_they_should_be_or_none(
    place: Lab, record: Path, songs: Path, name: str
) -> None:
    output = place.out / name
    command = ("predict", record.with_suffix(".pb"), songs, "-o", output)

    def begin() -> None:
        if output.exists():
            for path in place.out.iterdir():
                path.unlink()

    def look() -> None:
        assert state(output) in (good, {}) or _rows(output) <= rows

    place.run(*command)
    begin()
    seconds = place.run(*command)
    good, rows = state(output), _rows(output)
    place.kill(command, begin=begin, look=look, span=1.2 * seconds)
    place.run(*command)
    assert _rows(output) == rows
    assert place.left() == []


def test_a_data_set_has_whole_parts_and_so_has_what_is_collected_of_it(
    place: Lab, record: Path, songs: Path
) -> None:
    rows, table = place.out / "rows.parquet", place.out / "table.csv"
    fill = ("predict", record.with_suffix(".pb"), songs, "-o", f"{rows}/")
    collect = ("collect", f"{rows}/", "--to", table)

    def begin() -> None:
        if table.exists():
            shutil.rmtree(place.out)
            place.out.mkdir()

    def look() -> None:
        assert all(_rows(part) <= good for part in rows.glob("[!.]*"))
        assert state(table) in (collected, {})

    seconds = place.run(*fill)
    good = {row for part in rows.glob("[!.]*") for row in _rows(part)}
    place.run(*collect)
    collected = state(table)
    assert len(good) == 3
    kill = partial(place.kill, look=look, span=1.2 * seconds, codes=(0, 3))
    kill(fill, collect, begin=begin)
    place.run(*fill)
    place.run(*collect)
    look()
    assert place.left() == []


def _rows(table: Path) -> set[str]:
    """The rows of a table as texts."""
    if table.suffix == ".parquet":
        import pyarrow.parquet as pq

        return set(map(str, pq.read_table(table).to_pylist()))
    if table.suffix == ".npz":
        with np.load(table) as found:
            return {
                f"{file} {row}" for file, row in zip(found["files"], found["matrix"], strict=True)
            }
    return set(table.read_text().splitlines())


def test_arrays_and_pictures_of_many_files_are_whole(place: Lab, record: Path, songs: Path) -> None:
    output, pictures = place.out / "arrays", place.out / "pictures"
    command = ("predict", record.with_suffix(".pb"), songs, "-o", output, "--plot", pictures)
    words = tuple(f"{word}/" if word in (output, pictures) else word for word in command)

    def begin() -> None:
        shutil.rmtree(place.store.home / "tried", ignore_errors=True)
        if len(state(output)) == 3:
            shutil.rmtree(place.out)
            place.out.mkdir()

    def look() -> None:
        assert state(output).items() <= good.items()
        for path in pictures.glob("*"):
            assert path.read_bytes().endswith(b"IEND\xaeB`\x82")

    place.run(*words)
    begin()  # each run tries the network out in a child
    seconds = place.run(*words)
    good = state(output)
    assert len(good) == 3
    place.kill(words, begin=begin, look=look, span=1.2 * seconds)
    place.run(*words)
    assert state(output) == good and len(list(pictures.iterdir())) == 3
    assert place.left() == []


def _whole(place: Lab) -> None:
    """Every installed model is as its manifest says."""
    for id in place.store.names():
        assert all(found.ok for found in place.store.verify(id)), place.store.verify(id)


def test_a_model_is_whole_or_not_there_while_it_is_pulled_and_removed(
    place: Lab, record: Path
) -> None:
    site = place.out / "site"
    place.run("publish", record, "--to", site, "--plain")
    pull = ("pull", "ours-1", "--catalog", site)
    seconds = place.run(*pull)
    place.run("lock")
    commands = (pull, (*pull, "--force"), ("rm", "-y", "ours-1"), ("pull", "--locked"))
    place.kill(*commands, look=lambda: _whole(place), span=1.2 * seconds, codes=(0, 3))
    place.run(*pull)
    place.run("rm", "-y", "ours-1")
    assert not place.store.folder("ours-1").exists()
    assert place.left() == []


def test_models_are_whole_while_they_are_updated_and_old_ones_go(
    place: Lab, record: Path, tmp_path: Path
) -> None:
    site = place.out / "site"
    place.run("publish", record, "--to", site, "--plain")
    place.run("catalog", "add", "lab", site)
    place.run("pull", "ours-1")
    place.run("publish", record, _record(tmp_path / "ours", "ours-2"), "--to", site, "--plain")
    place.run("catalog", "update")
    seconds = place.run("update")
    commands = (("pull", "ours-1"), ("update",), ("gc", "-y"), ("rm", "-y", "ours-2"))
    place.kill(*commands, look=lambda: _whole(place), span=1.2 * seconds, codes=(0, 3))
    place.run("pull", "ours-1")
    place.run("update")
    place.run("gc", "-y")
    assert place.store.names() == ["ours-2"]
    assert place.left() == []


def test_a_lock_is_whole_while_it_is_written(place: Lab, record: Path, tmp_path: Path) -> None:
    site, lock = place.out / "site", place.out / "zoo.lock"
    others = _record(tmp_path / "ours", "others-1")
    place.run("publish", record, others, "--to", site, "--plain")
    place.run("pull", "ours-1", "others-1", "--catalog", site)

    def look() -> None:
        assert not lock.exists() or [each["id"] for each in read(lock)] in (["others-1"], both)

    both = ["others-1", "ours-1"]
    seconds = place.run("lock")
    commands = (("lock",), ("lock", "others-1"), ("lock", "--update", "others-1"))
    place.kill(*commands, look=look, span=1.2 * seconds, codes=(0, 3))
    place.run("lock")
    assert [each["id"] for each in read(lock)] == both
    assert place.left() == []


def test_a_catalog_is_whole_while_it_is_added_and_removed(place: Lab, record: Path) -> None:
    site, catalogs = place.out / "site", Catalogs(place.store)
    place.run("publish", record, "--to", site, "--plain")

    def look() -> None:
        assert [[model.id for model in each.models] for each in catalogs.all()] in (
            [],
            [["ours-1"]],
        )

    add = ("catalog", "add", "lab", site)
    seconds = place.run(*add)
    commands = (add, ("catalog", "update"), ("catalog", "rm", "lab"))
    place.kill(*commands, look=look, span=1.2 * seconds, codes=(0, 2, 3))
    place.run("catalog", "rm", "lab", codes=(0, 3))
    place.run(*add)
    look()
    assert place.left() == []
    assert [path.name for path in catalogs.folder.iterdir()] == ["lab.json"]


def test_a_trained_model_is_whole_or_not_there(place: Lab, record: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    sounds, grid = lab.sounds(tmp_path / "sounds"), tmp_path / "grid.yaml"
    grid.write_text("C: [-3, 0, 3]")
    small = ("--learner", "linear", "--folds", 2, "--grid", grid)
    command = ("train", sounds, "--on", record.with_suffix(".pb"), *small, "-o", "mine-1.pb")
    names = {"mine-1.pb", "mine-1.json", "mine-1.report.csv", "mine-1.report.html"}

    def begin() -> None:
        if state(place.out).keys() >= names:
            shutil.rmtree(place.out)
            place.out.mkdir()

    def look() -> None:
        found = state(place.out)
        assert found.get("mine-1.pb") in (good["mine-1.pb"], None)
        if "mine-1.json" in found:
            written = json.loads((place.out / "mine-1.json").read_text())
            assert written["classes"] == ["hiss", "hum"]

    place.run(*command)
    begin()
    seconds = place.run(*command)
    good = state(place.out)
    assert good.keys() >= names
    place.kill(command, begin=begin, look=look, span=1.2 * seconds)
    place.run(*command)
    look()
    assert state(place.out).keys() >= names
    assert place.left() == []
