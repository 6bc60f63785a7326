"""``zoo publish``: what is published, refused, kept and changed, and that it can be pulled."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from catalog import schema
from catalog.store import sha256_of
from tests.support import lab
from tests.support.lab import described
from validate import run
from zoo import npm
from zoo.publishing import publisher
from zoo.publishing.site import SUMS, read_sums

pytestmark = pytest.mark.slow

Zoo = Callable[..., Any]


@pytest.fixture(autouse=True)
def far_from_any_network(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    # To run a network takes longer than all else; tests of `validate` do it.
    monkeypatch.setattr(run, "check", lambda trial: [])


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for TensorFlow.js."""
    folder = tmp_path_factory.mktemp("tfjs")
    (folder / "tf-core.js").write_text("// a stand-in")
    monkeypatch.setattr(npm, "tensorflowjs", lambda store: folder)
    monkeypatch.setattr(shutil, "which", lambda name: None)  # Node.js, which could not run it
    return folder


@pytest.fixture
def tagger(tmp_path: Path) -> Path:
    """``ours-1.json``, and its network."""
    return described(lab.Network(tmp_path, "ours-1").path)


def whole(folder: Path) -> set[str]:
    """The paths of a published folder, whose lists of digests must all be right."""
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    sums = read_sums(folder / SUMS)
    assert sums == {path: sha256_of(folder / path) for path in paths - {SUMS}}
    document = json.loads((folder / "catalog.json").read_text())
    assert schema.differences_of_listing(document) == []
    for model in document["models"]:
        id = model["record"]["zoo"]["id"]
        assert {file["path"]: file["sha256"] for file in model["files"]}.items() <= sums.items()
        for file in model["files"]:
            assert (folder / file["path"]).stat().st_size == file["size"]
        place = folder / "models" / id
        for name, sha256 in read_sums(place / SUMS).items():
            assert sha256_of(place / name) == sha256
    return paths


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file and folder was written, and its number on the disk."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in [folder, *folder.rglob("*")]
    }


def ids(folder: Path) -> list[str]:
    document = json.loads((folder / "catalog.json").read_text())
    return [model["record"]["zoo"]["id"] for model in document["models"]]


class _Links(HTMLParser):
    found: list[str]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.found += [v for v in (values.get("href"), values.get("src")) if v]


def links(page: Path) -> list[str]:
    """The addresses in a page that are relative to it."""
    parser = _Links()
    parser.found = []
    parser.feed(page.read_text())
    return [link for link in parser.found if not re.match(r"[a-z]+:|#|//", link)]


def test_a_published_folder_has_all_that_is_promised(
    zoo: Zoo, tagger: Path, engine: Path, tmp_path: Path
) -> None:
    answer = zoo("publish", tagger.name, "--to", "site", "--title", "The lab's", "--json")
    assert answer.code == 0
    assert answer.document["models"] == ["ours-1"]
    folder = tmp_path / "site"
    paths = whole(folder)
    assert set(answer.document["written"]) == paths - {SUMS}
    model = "models/ours-1"
    assert paths >= {
        "index.html", "catalog.json", "zoo/zoo.js", "zoo/tfjs/tf-core.js",
        f"{model}/ours-1.pb", f"{model}/ours-1.json", f"{model}/ours-1-tfjs.zip",
        f"{model}/tfjs/model.json", f"{model}/index.html", f"{model}/{SUMS}", f"{model}/layers.svg",
    }  # fmt: skip
    assert (folder / model / "ours-1.pb").read_bytes() == tagger.with_suffix(".pb").read_bytes()
    assert json.loads((folder / "catalog.json").read_text())["title"] == "The lab's"
    network = json.loads((folder / model / "tfjs" / "model.json").read_text())
    assert network["userDefinedMetadata"]["zoo"]["input"] == "audio"
    for page in folder.rglob("*.html"):
        for link in links(page):
            there = (page.parent / link.partition("#")[0].partition("?")[0]).resolve()
            there = there / "index.html" if there.is_dir() else there
            assert there.is_file(), (page, link)
            assert there.is_relative_to(folder)
    assert "layers.svg" in links(folder / model / "index.html")
    assert "<kazoos>" not in (folder / model / "index.html").read_text()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_is_published_is_valid_by_itself(zoo: Zoo, tagger: Path, tmp_path: Path) -> None:
    zoo("publish", tagger.name, "--to", "site", "--plain")
    place = tmp_path / "site" / "models" / "ours-1"
    for path in (place / "ours-1.json", place / "tfjs", place / "ours-1-tfjs.zip"):
        assert zoo("validate", path).code == 0, path


def test_publishing_again_changes_only_what_changed(
    zoo: Zoo, tagger: Path, engine: Path, tmp_path: Path
) -> None:
    zoo("publish", tagger.name, "--to", "site")
    folder = tmp_path / "site"
    before = stamps(folder)
    answer = zoo("publish", tagger.name, "--to", "site", "--json").document
    assert (answer["written"], answer["removed"]) == ([], [])
    assert stamps(folder) == before

    document = json.loads(tagger.read_text())
    document["description"] = "Knows better."
    tagger.write_text(json.dumps(document))
    written = zoo("publish", tagger.name, "--to", "site", "--json").document["written"]
    assert "models/ours-1/ours-1.json" in written
    assert "models/ours-1/ours-1.pb" not in written
    same = [path for path in whole(folder) if path not in (*written, SUMS)]
    assert {path: stamps(folder)[path] for path in same} == {path: before[path] for path in same}


def test_models_of_before_stay_until_they_are_pruned(
    zoo: Zoo, tagger: Path, tmp_path: Path
) -> None:
    described(lab.Network(tmp_path, "theirs-1").path)
    folder = tmp_path / "site"
    zoo("publish", "ours-1.json", "--to", "site", "--plain", "--title", "Both")
    zoo("publish", "theirs-1.json", "--to", "site", "--plain")
    assert ids(folder) == ["ours-1", "theirs-1"]
    whole(folder)
    index = (folder / "index.html").read_text()
    assert "Both" in index and "ours-1" in index and "theirs-1" in index
    answer = zoo("publish", "theirs-1.json", "--to", "site", "--plain", "--prune", "--json")
    assert "models/ours-1/ours-1.pb" in answer.document["removed"]
    assert ids(folder) == ["theirs-1"]
    assert not (folder / "models" / "ours-1").exists()
    whole(folder)


def test_a_model_of_before_that_was_damaged_is_not_published_on(
    zoo: Zoo, tagger: Path, tmp_path: Path
) -> None:
    described(lab.Network(tmp_path, "theirs-1").path)
    zoo("publish", "ours-1.json", "--to", "site", "--plain")
    network = tmp_path / "site" / "models" / "ours-1" / "ours-1.pb"
    network.write_bytes(network.read_bytes()[::-1])
    answer = zoo("publish", "theirs-1.json", "--to", "site", "--plain")
    assert (answer.code, "Publish ours-1 again" in answer.err) == (1, True)
    assert zoo("publish", "ours-1.json", "theirs-1.json", "--to", "site", "--plain").code == 0
    whole(tmp_path / "site")


def test_what_validate_fails_is_refused_with_the_checks(
    zoo: Zoo, tagger: Path, tmp_path: Path
) -> None:
    document = json.loads(tagger.read_text())
    document["classes"] = ["one"]
    tagger.write_text(json.dumps(document))
    answer = zoo("publish", tagger.name, "--to", "site", "--plain", "--json")
    assert answer.code == 1
    assert "agreement-classes" in answer.document["error"]["why"]
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("license", [None, ""])
def test_a_model_without_a_license_is_refused(
    zoo: Zoo, license: str | None, tmp_path: Path
) -> None:
    record = described(lab.Network(tmp_path, "ours-1").path, license=license)
    answer = zoo("publish", record.name, "--to", "site", "--plain")
    assert (answer.code, "license" in answer.err) == (1, True)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("license", "told", "advised"),
    [
        ("CC-BY-4.0", "", False),
        ("MIT", "", False),
        ("CC-BY-NC-SA-4.0", "non-commercial", False),
        ("CC-BY-NC-ND-4.0", "unchanged", True),
        ("LicenseRef-ours", "Nothing is known here", False),
    ],
)
def test_what_a_license_asks_for_is_told(
    license: str, told: str, advised: bool, tmp_path: Path
) -> None:
    record = described(lab.Network(tmp_path, "ours-1").path, license=license)
    sources = (publisher.find(record.name),)
    publisher.check(sources)
    said = " ".join(publisher.warnings(publisher.Plan(sources)))
    assert told in said if told else said == ""
    assert ("--plain" in said) == advised
    assert "--plain" not in " ".join(publisher.warnings(publisher.Plan(sources, plain=True)))


def test_warnings_are_not_silenced(zoo: Zoo, tmp_path: Path) -> None:
    described(lab.Network(tmp_path, "ours-1").path, license="CC-BY-NC-4.0")
    answer = zoo("publish", "ours-1.json", "--to", "site", "--plain", "-q")
    assert (answer.code, answer.err.count("warning: ")) == (0, 1)


def test_without_a_front_end_the_page_offers_no_trial(
    zoo: Zoo, tagger: Path, tmp_path: Path
) -> None:
    assert zoo("publish", tagger.name, "--to", "site", "--plain").code == 0
    folder = tmp_path / "site"
    assert not (folder / "zoo" / "tfjs").exists()
    model = json.loads((folder / "models" / "ours-1" / "tfjs" / "model.json").read_text())
    assert model["userDefinedMetadata"]["zoo"]["input"] == "input"


def test_a_head_is_published_with_the_extractor_beside_it_inside(
    zoo: Zoo, engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tmp_path / "records"
    records.mkdir()
    shutil.copy(described(lab.Network(tmp_path, "ours-1").path), records)
    monkeypatch.setenv("ZOO_CATALOG", str(records))
    head = described(lab.Head(tmp_path, "ours-1", "score-ours-1").path)
    assert zoo("publish", head.name, "--to", "site").code == 0
    folder = tmp_path / "site"
    model = json.loads((folder / "models" / "score-ours-1" / "tfjs" / "model.json").read_text())
    told = model["userDefinedMetadata"]["zoo"]
    assert (told["input"], told["id"]) == ("audio", "score-ours-1")
    whole(folder)


def test_a_head_without_its_extractor_is_refused(zoo: Zoo, tmp_path: Path) -> None:
    head = described(lab.Head(tmp_path, "ours-1", "score-ours-1").path)
    answer = zoo("publish", head.name, "--to", "site", "--plain")
    assert (answer.code, "metadata-extractor" in answer.err) == (1, True)
    zoo("publish", described(lab.Network(tmp_path, "ours-1").path).name, "--to", "own", "--plain")
    assert zoo("catalog", "add", "lab", "own").code == 0
    answer = zoo("publish", head.name, "--to", "site", "--plain")
    assert (answer.code, "zoo publish score-ours-1.json ours-1" in answer.err) == (2, True)
    assert zoo("publish", head.name, "ours-1.json", "--to", "site", "--plain").code == 0
    assert ids(tmp_path / "site") == ["ours-1", "score-ours-1"]


def test_heads_that_read_each_other_are_refused(zoo: Zoo, tmp_path: Path) -> None:
    lab.Head(tmp_path, "b-1", "a-1")
    lab.Head(tmp_path, "a-1", "b-1")
    (tmp_path / "a.wav").write_bytes(b"")
    assert zoo("predict", "a-1.pb", "a.wav").code == 5


def test_a_model_pulled_from_what_was_published_is_the_same(
    zoo: Zoo, tagger: Path, tmp_path: Path, song: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo("publish", tagger.name, "--to", "site", "--plain")
    pulled = zoo("pull", "ours-1", "--catalog", "site", "--json").document["models"]
    assert pulled[0]["sha256"] == sha256_of(tagger.with_suffix(".pb"))
    theirs = zoo("predict", "ours-1", song, "--json").document["results"][0]
    ours = zoo("predict", "ours-1.pb", song, "--json").document["results"][0]
    assert theirs["error"] is None
    assert theirs["mean"] == ours["mean"]
    assert zoo("validate", "ours-1").code == 0
    monkeypatch.chdir(tmp_path / "zoo-home")
    assert zoo("publish", "ours-1", "--to", tmp_path / "again", "--plain").code == 0
    assert whole(tmp_path / "again") == whole(tmp_path / "site")
    for name in ("ours-1.pb", "tfjs/group1-shard1of1.bin"):
        one, other = (tmp_path / each / "models/ours-1" / name for each in ("site", "again"))
        assert one.read_bytes() == other.read_bytes()


def test_a_models_onnx_is_published_with_it(zoo: Zoo, tmp_path: Path) -> None:
    network = lab.Network(tmp_path, "ours-1")
    record = described(network.path)
    made = network.onnx()
    document = json.loads(record.read_text())
    del document["schema"]["outputs"][1]  # the ONNX model has no logits
    record.write_text(json.dumps(document))
    zoo("publish", "ours-1.json", "--to", "site", "--plain")
    assert (tmp_path / "site/models/ours-1/ours-1.onnx").read_bytes() == made.read_bytes()
    whole(tmp_path / "site")


def test_other_peoples_folders_are_not_touched(zoo: Zoo, tagger: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("mine")
    answer = zoo("publish", tagger.name, "--to", "site", "--plain")
    assert (answer.code, "thesis.txt" in answer.err) == (2, True)
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["thesis.txt"]


def test_a_folder_of_one_network_names_it(zoo: Zoo, tagger: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for ending in (".pb", ".json"):
        tagger.with_suffix(ending).rename(tmp_path / "folder" / f"ours-1{ending}")
    assert zoo("publish", "folder", "--to", "site", "--plain").code == 0
    assert ids(tmp_path / "site") == ["ours-1"]
    again = zoo("publish", "folder/ours-1.pb", "--to", "site", "--plain", "--json").document
    assert again["written"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["missing.json"], 3),
        (["missing.pb"], 3),
        (["site-to-be/tfjs.zip"], 3),
        (["no-such-model"], 3),
        (["ours-1.json", "./ours-1.json"], 2),
        (["ours-1.json", "--title", " "], 2),
        (["ours-1.json", "--title", "two\nlines"], 2),
        (["ours-1.json", "--title", "x" * 201], 2),
        (["ours-1.json", "--single-file"], 2),
        (["msd-musicnn-1"], 4),
    ],
    ids=str,
)
def test_what_cannot_be_published_leaves_nothing(
    zoo: Zoo, tagger: Path, words: list[str], code: int, tmp_path: Path
) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    assert zoo("publish", *words, "--to", "site", "--plain").code == code
    left = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in left if name != "zoo-home"] == [
        name for name in before if name != "zoo-home"
    ]


def test_without_npm_the_reason_is_told(
    zoo: Zoo, tagger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZOO_OFFLINE")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    answer = zoo("publish", tagger.name, "--to", "site")
    assert (answer.code, "npm" in answer.err) == (6, True)
    assert not (tmp_path / "site").exists()


@pytest.mark.node
def test_a_page_can_be_one_file_and_stays_one(
    zoo: Zoo, tagger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZOO_OFFLINE")
    assert zoo("publish", tagger.name, "--to", "site", "--single-file").code == 0
    page = tmp_path / "site" / "models" / "ours-1" / "ours-1.html"
    assert "ours-1.html" in links(page.with_name("index.html"))
    assert not links(page)
    zoo("publish", tagger.name, "--to", "site", "--title", "Another")
    assert "Another" in page.read_text()
    whole(tmp_path / "site")
