"""The commands ls, search and info: documents, exit codes, words, and how little they import."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.index import catalog
from catalog.manifest import Manifest, ManifestFile
from catalog.store import Store

ROW = ["id", "names", "task", "family", "kind", "license", "size", "installed"]
HEAVY = {"numpy", "requests", "jsonschema", "openvino", "matplotlib", "rich", "google.protobuf",
         "av", "soundfile", "tensorflow"}  # fmt: skip


Zoo = Callable[..., Any]


def _install(id: str, metadata: bytes, source: str = "official", license: str = "ISC") -> Manifest:
    contents = {f"{id}.pb": b"network", f"{id}.json": metadata}
    files = tuple(
        ManifestFile(name, None, len(data), f"{len(data):064x}", "catalog", "2026-01-01T00:00:00")
        for name, data in contents.items()
    )
    manifest = Manifest(id, source, license, files)
    Store.default().place(manifest, contents)
    return manifest


def test_ls_lists_every_model_once(zoo: Zoo) -> None:
    answer = zoo("ls", "--json")
    rows = answer.document["models"]
    assert [row["id"] for row in rows] == [model.full_name for model in catalog().models]
    assert all(list(row) == ROW for row in rows)
    assert answer.document == {"models": rows}
    row = next(row for row in rows if row["id"] == "msd-musicnn-1")
    assert row == {
        "id": "msd-musicnn-1",
        "names": ["MSD_musicnn_frozen_small"],
        "task": "auto-tagging",
        "family": "musicnn",
        "kind": "extractor",
        "license": "CC-BY-NC-SA-4.0",
        "size": 3197999,
        "installed": False,
    }
    assert [line.split()[0] for line in zoo("ls").out.splitlines()] == [x["id"] for x in rows]


def test_ls_filters_by_all_that_is_asked(zoo: Zoo) -> None:
    rows = zoo("ls", "--family", "vggish", "--kind", "head", "--task", "regression", "--json")
    ids = [row["id"] for row in rows.document["models"]]
    assert ids == [f"{task}-audioset-vggish-{n}" for task in ("deam", "emomusic", "muse")
                   for n in (1, 2)]  # fmt: skip
    both = zoo("ls", "crepe-*", "spleeter-?s-3", "--json").document["models"]
    assert len(both) == 8
    assert zoo("ls", "tempo*", "--json").code == 3


def test_ls_takes_the_beginning_of_a_name_and_suggests_after_a_typo(zoo: Zoo) -> None:
    assert len(zoo("ls", "crepe", "--json").document["models"]) == 5
    assert len(zoo("ls", "MSD_musicnn_frozen_small", "--json").document["models"]) == 1
    answer = zoo("ls", "msd-musicn-1")
    assert answer.code == 3
    assert "msd-musicnn-1" in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("option", ["--task", "--family", "--kind"])
def test_ls_says_which_values_a_filter_can_have(zoo: Zoo, option: str) -> None:
    answer = zoo("ls", option, "nonsense")
    assert answer.code == 2
    assert "Available: " in answer.err
    assert answer.out == ""


def test_ls_tells_what_is_installed(zoo: Zoo) -> None:
    assert zoo("ls", "--installed", "--json").document == {"models": []}
    _install("crepe-tiny-1", b"{}")
    [row] = zoo("ls", "--installed", "--json").document["models"]
    assert (row["id"], row["installed"], row["size"], row["license"]) == (
        "crepe-tiny-1",
        True,
        len(b"network"),
        "ISC",
    )
    assert zoo("ls", "--installed").out.split() == ["crepe-tiny-1", "pitch", "7", "B", "*"]
    assert "(installed)" in zoo("search", "crepe", "tiny").out


def test_search_finds_who_knows_the_saxophone_and_says_why(zoo: Zoo) -> None:
    answer = zoo("search", "saxophone")
    lines = answer.out.splitlines()
    assert lines[lines.index("mtg_jamendo_instrument-discogs-effnet-1") + 1] == (
        "    knows saxophone"
    )
    rows = zoo("search", "saxophone", "--json").document["models"]
    assert [row["id"] for row in rows] == lines[::2]
    assert all(list(row) == ROW for row in rows)


def test_search_without_a_result_is_an_empty_list(zoo: Zoo) -> None:
    answer = zoo("search", "no", "such", "thing")
    assert (answer.code, answer.out) == (0, "")
    assert "no such thing" in answer.err
    assert zoo("search", "xyzzy", "--json").document == {"models": []}


def test_info_shows_what_a_user_asks_first(zoo: Zoo) -> None:
    card = zoo("info", "msd-musicnn-1").out
    for part in (
        "model/dense/BiasAdd    [200]  embeddings",
        "50: rock, pop, alternative",
        "audio at 16000 Hz",
        "non-commercial",
        "ROC-AUC 0.88",
        "zoo pull msd-musicnn-1",
        "MSD_musicnn_frozen_small",
        "3.2 MB",
        "@inproceedings",
    ):
        assert part in card
    assert "\033" not in card


def test_a_card_fits_eighty_columns(zoo: Zoo) -> None:
    for model in catalog().models:
        card, _, citation = zoo("info", model.id).out.partition("\n\nTo cite\n")
        for line in card.splitlines():
            assert len(line) <= 80 or "://" in line, (model.id, line)
        assert citation.strip() == model.citation.strip()


def test_a_card_cuts_long_lists_of_classes_and_the_document_does_not(zoo: Zoo) -> None:
    name = "genre_discogs400-discogs-effnet-1"
    assert "400: Blues: Boogie Woogie; " in zoo("info", name).out.replace("\n             ", " ")
    assert "… and 350 more" in zoo("info", name).out.replace("\n             ", " ")
    assert len(zoo("info", name, "--json").document["record"]["classes"]) == 400


def test_a_card_has_words_for_classes_and_says_when_their_order_is_inferred(zoo: Zoo) -> None:
    inferred = "The order of its classes is inferred from other models of its task."
    card = zoo("info", "gender_musicnn_msd").out
    assert f"Classes      2: female, male\n             {inferred}" in card
    card = zoo("info", "genre_rosamerica-musicnn-msd-2").out
    assert "8: classical, dance, hip hop, jazz" in card
    assert "inferred" not in card
    document = zoo("info", "genre_rosamerica-musicnn-msd-2", "--json").document
    assert document["record"]["classes"][:3] == ["cla", "dan", "hip"]


def test_a_head_names_its_extractor_and_its_layer(zoo: Zoo) -> None:
    assert "the embeddings of msd-musicnn-1" in zoo("info", "mood_sad-msd-musicnn-1").out
    assert "PartitionedCall/Identity_12" in zoo("info", "genre_discogs519").out


def test_info_of_an_older_name_says_so(zoo: Zoo) -> None:
    answer = zoo("info", "MTT_vgg_frozen_small")
    assert answer.out.startswith("mtt-vgg-1\n")
    assert "now called mtt-vgg-1" in answer.err
    answer = zoo("info", "fs_loop_ds-musicnn-msd-1", "--json")
    assert answer.document["id"] == "fs_loop_ds-musicnn-msd-1"
    assert "now called fs_loop_ds-msd-musicnn-1" in answer.err


def test_info_as_a_document_before_and_after_a_pull(zoo: Zoo) -> None:
    document = zoo("info", "msd-musicnn-1", "--json").document
    assert document == {
        "id": "msd-musicnn-1",
        "record": catalog().find("msd-musicnn-1").document,
        "installed": False,
        "path": None,
        "source": None,
        "sha256": None,
    }
    upstream = {"classes": [f"tag {n}" for n in range(50)]}
    manifest = _install("msd-musicnn-1", json.dumps(upstream).encode(), "recipe")
    document = zoo("info", "msd-musicnn-1", "--json").document
    assert document["record"]["classes"] == upstream["classes"]
    assert document["installed"] is True
    assert Path(document["path"]).read_bytes() == b"network"
    assert (document["source"], document["sha256"]) == ("recipe", manifest.main.sha256)
    card = zoo("info", "msd-musicnn-1").out
    assert "yes, 7 B built by its recipe" in card
    assert "ISC. You may use" in card


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("schema.outputs.0.name", "model/Sigmoid\n"),
        ("zoo.parameters", "790000\n"),
        ("zoo.patch", '{\n  "frames": 187,\n  "hop": 93,\n  "bands": 96\n}\n'),
        ("classes.49", "happy\n"),
    ],
)
def test_one_field_is_printed_plainly(zoo: Zoo, path: str, printed: str) -> None:
    assert zoo("info", "msd-musicnn-1", "--field", path).out == printed


def test_one_field_as_json_is_a_document(zoo: Zoo) -> None:
    answer = zoo("info", "msd-musicnn-1", "--field", "zoo.license", "--json")
    assert answer.document == "CC-BY-NC-SA-4.0"


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("schema.output", "schema has inputs, outputs."),
        ("schema.outputs.7", "schema.outputs has 0, 1, 2."),
        ("schema.outputs.-1", "schema.outputs has 0, 1, 2."),
        ("name.first", "name has no fields."),
        ("", "The record has name, type"),
    ],
)
def test_an_unknown_field_says_what_is_there(zoo: Zoo, path: str, there: str) -> None:
    answer = zoo("info", "msd-musicnn-1", "--field", path)
    assert (answer.code, answer.out) == (3, "")
    assert there in answer.err


def test_errors_are_documents_with_json(zoo: Zoo) -> None:
    answer = zoo("info", "crepe", "--json")
    assert answer.code == 2
    assert list(answer.document["error"]) == ["code", "type", "message", "why", "hint"]
    assert answer.document["error"]["type"] == "AmbiguousNameError"
    assert zoo("info", "nonsense", "--json").document["error"]["code"] == 3


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ls"], ["ls", "--installed", "--json"], ["search", "saxophone"],
     ["info", "msd-musicnn-1"], ["info", "nonsense"]],
    ids=" ".join,
)  # fmt: skip
def test_the_small_commands_import_nothing_heavy(store_home: Path, arguments: list[str]) -> None:
    listing = store_home.parent / "modules.txt"
    code = (
        "import sys; from zoo import cli; path = sys.argv.pop(1); cli.run(); "
        "print(*sys.modules, file=open(path, 'w'))"
    )
    command = [sys.executable, "-c", code, str(listing), *arguments]
    subprocess.run(command, check=True, capture_output=True)
    modules = set(listing.read_text().split())
    assert "zoo.cli.catalog" in modules
    assert modules & HEAVY == set()
