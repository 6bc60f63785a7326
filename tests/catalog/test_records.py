"""The records that come with zoo, and their schema."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import catalog
from catalog.errors import IntegrityError, NotFoundError, UsageError
from catalog.index import catalog as all_records
from catalog.record import Record

ROOM = Path(catalog.__file__).parent
FILES = sorted((ROOM / "models").rglob("*.json"))
RECORDS = {path.stem: Record.load(path) for path in FILES}
OFFICIAL = "https://essentia.upf.edu/models/"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((ROOM / "schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _record(**zoo: Any) -> dict[str, Any]:
    """A small valid record, with changes in its block."""
    block = {"id": "own-1", "kind": "extractor", **zoo}
    return {"name": "own", "description": "Ours.", "framework": "tensorflow", "zoo": block}


def test_every_record_is_valid(validator: Draft202012Validator) -> None:
    wrong = {
        id: [error.message for error in validator.iter_errors(model.document)]
        for id, model in RECORDS.items()
    }
    assert {id: messages for id, messages in wrong.items() if messages} == {}


@pytest.mark.shared
def test_every_metadata_file_of_essentia_is_valid(
    validator: Draft202012Validator, shared: Path
) -> None:
    files = sorted((shared / "facts" / "metadata-examples").glob("*.json*"))
    assert len(files) == 59
    for path in files:
        document = json.loads(path.read_bytes())
        assert [error.message for error in validator.iter_errors(document)] == [], path.name


@pytest.mark.parametrize(
    "wrong",
    [
        {"license": ""},
        {"id": "../own"},
        {"kind": "head"},
        {"extractor": {"id": "other-1"}},
        {"files": [{"kind": "pb"}]},
        {"files": [{"kind": "pb", "urls": ["ftp://example.org/own.pb"]}]},
        {"files": [{"kind": "pb", "urls": ["https://example.org/own.pb"], "sha256": "abc"}]},
        {"patch": {"frames": 0, "hop": 1, "bands": 96}},
        {"names": [None]},
        {"classes_certainty": "sure"},
        {"display_classes": {"cla": 1}},
        {"corrections": [{"classes": ["a", "b"]}]},
        {"corrections": [{"classes": ["a", "b"], "until": "in May"}]},
        {"unheard_of": 1},
    ],
)
def test_the_schema_refuses_a_wrong_block(
    validator: Draft202012Validator, wrong: dict[str, Any]
) -> None:
    assert validator.is_valid(_record())
    assert not validator.is_valid(_record(**wrong))


@pytest.mark.shared
@pytest.mark.parametrize("key", ["link", "release_date", "dataset", "inference", "citation"])
def test_the_schema_refuses_metadata_that_lack_what_all_of_them_have(
    validator: Draft202012Validator, shared: Path, key: str
) -> None:
    path = shared / "facts" / "metadata-examples" / "msd-musicnn-1.json"
    document = json.loads(path.read_bytes())
    assert validator.is_valid(document)
    del document[key]
    assert not validator.is_valid(document)


def test_there_is_a_record_for_every_known_model() -> None:
    # 323 networks (339 known rows without two test graphs and 14 old names) and one archive.
    assert len(FILES) == 324
    assert Counter(model.kind for model in RECORDS.values()) == {
        "head": 143,
        "end-to-end": 146,
        "extractor": 34,
        "svm": 1,
    }


@pytest.mark.shared
def test_no_known_model_is_missing(shared: Path) -> None:
    rows = json.loads((shared / "facts" / "models.json").read_bytes())
    for row in rows:
        if row["kind"] != "test":
            model = all_records().find(row["name"])
            assert row["name"] in (model.id, *model.names)


@pytest.mark.shared
def test_files_have_the_known_addresses_sizes_and_digests(shared: Path) -> None:
    rows = json.loads((shared / "facts" / "models.json").read_bytes())
    later = json.loads((shared / "facts" / "classes" / "digests.json").read_bytes())
    checked = 0
    for row in rows:
        model = RECORDS.get(row["name"])
        file = model.file("pb") if model else None
        known = [each for each in row["files"] if each["kind"] == "pb"]
        assert not model or (file.urls[0] if file else None) == row["pb_url"]
        if file and file.sha256 and known and known[0]["sha256"]:
            assert file.sha256 == (known[0]["sha256"],)
            checked += 1
        elif file and file.sha256:
            names = [url.rpartition("/")[2] for url in file.urls]
            assert file.sha256[0] in [later[name]["sha256"] for name in names if name in later]
            checked += 1
        if file and file.size and known and known[0]["size_bytes"]:
            assert file.size == known[0]["size_bytes"]
    assert checked == 35 + 15 + 3


def test_addresses_beside_the_server_give_the_files_of_one_commit_whose_digest_is_known() -> None:
    beside = {
        model.id: (url, file)
        for model in RECORDS.values()
        for file in model.files
        for url in file.urls
        if not url.startswith(OFFICIAL)
    }
    authors = [id for id, (url, _) in beside.items() if "/MTG/essentia-models/" in url]
    assert sorted(authors) == [
        *("crepe-tiny-1", "discogs-effnet-bs64-1", "discogs-maest-10s-pw-1"),
        *("discogs-maest-30s-pw-1", "emomusic-msd-musicnn-1", "genre_dortmund-musicnn-msd-1"),
    ]
    for id in authors:
        url, file = beside[id]
        assert re.search(r"/raw/[0-9a-f]{40}/", url) and file.sha256 and file.size, id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_record_is_laid_out_like_the_official_files(path: Path) -> None:
    model = Record.load(path)
    assert model.id == path.stem
    assert path.read_text(encoding="utf-8") == model.to_json()
    for key in ("task", "family", "kind", "status"):
        assert model.zoo[key]
    if model.link.startswith(OFFICIAL):
        assert f"{OFFICIAL}{path.relative_to(ROOM / 'models').with_suffix('.pb')}" == model.link
        assert model.link in model.files[0].urls


def test_nothing_unknown_is_written_as_null() -> None:
    def values(value: Any) -> list[Any]:
        children = value.values() if isinstance(value, dict) else value
        if isinstance(value, (dict, list)):
            return [leaf for child in children for leaf in values(child)]
        return [value]

    for model in RECORDS.values():
        assert None not in values(model.document), model.id


def test_names_are_unique_without_regard_to_case() -> None:
    names = [name.lower() for model in RECORDS.values() for name in (model.id, *model.names)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_output_has_its_own_node_and_purpose() -> None:
    for model in RECORDS.values():
        nodes = [layer.name for layer in model.outputs]
        purposes = [layer.purpose for layer in model.outputs if layer.purpose]
        assert len(nodes) == len(set(nodes)), model.id
        assert len(purposes) == len(set(purposes)), model.id


def test_predictions_are_as_many_as_the_classes() -> None:
    counted = 0
    for model in RECORDS.values():
        predictions = next((x for x in model.outputs if x.purpose == "predictions"), None)
        if model.classes and predictions:
            assert predictions.shape is not None
            assert predictions.shape[-1] == len(model.classes), model.id
            counted += 1
    assert counted > 100


def test_a_head_reads_a_layer_that_its_extractor_has() -> None:
    for model in RECORDS.values():
        if model.extractor is None:
            assert model.kind != "head"
            continue
        extractor = RECORDS[model.extractor.id]
        layer = extractor.layer(model.extractor.layer or "embeddings")
        stated = model.inference["embedding_model"]["model_name"]
        assert stated == extractor.id
        if model.inputs and layer.shape:
            assert model.inputs[0].shape is not None
            assert model.inputs[0].shape[-1] == layer.shape[-1], model.id


def test_a_patch_fits_the_input() -> None:
    for model in RECORDS.values():
        if model.patch and model.inputs and model.inputs[0].shape:
            assert {model.patch.frames, model.patch.bands} <= set(model.inputs[0].shape), model.id


def test_maest_patches_grow_with_the_seconds_in_the_name() -> None:
    frames = {"5s": (316, 313), "10s": (626, 625), "20s": (1256, 1250), "30s": (1876, 1875)}
    for id, model in RECORDS.items():
        if found := re.match(r"discogs-maest-(\d+s)", id):
            assert model.patch is not None
            assert (model.patch.frames, model.patch.hop) == frames[found[1]]


def test_successors_and_homonyms_exist() -> None:
    for model in RECORDS.values():
        for other in (model.zoo.get("successor"), model.homonym):
            assert other is None or other in RECORDS, model.id


@pytest.mark.parametrize(
    ("id", "checkpoint"),
    [
        ("msd-musicnn-1", "musicnn/MSD_musicnn/"),
        ("mtt-musicnn-1", "musicnn/MTT_musicnn/"),
        ("msd-vgg-1", "musicnn/MSD_vgg/"),
        ("mtt-vgg-1", "musicnn/MTT_vgg/"),
    ],
)
def test_the_musicnn_release_has_recipes(id: str, checkpoint: str) -> None:
    model = RECORDS[id]
    recipe = model.recipe
    assert recipe is not None
    assert (recipe.distribution, recipe.version, recipe.license) == ("musicnn", "0.1.0", "ISC")
    assert recipe.checkpoint == checkpoint
    assert {layer.name for layer in model.outputs} <= set(recipe.outputs)
    assert len(model.classes) == 50


@pytest.mark.shared
@pytest.mark.parametrize("id", ["msd-musicnn-1", "mtt-musicnn-1", "msd-vgg-1", "mtt-vgg-1"])
def test_the_tags_stand_in_the_order_of_the_musicnn_release(id: str, shared: Path) -> None:
    import numpy as np

    data, architecture = id.removesuffix("-1").split("-")
    with np.load(shared / "goldens" / "musicnn_peer.npz") as peer:
        labels = peer[f"{data.upper()}_{architecture}__labels"].tolist()
    assert list(RECORDS[id].classes) == labels


@pytest.mark.shared
def test_records_agree_with_the_metadata_files(shared: Path) -> None:
    for path in sorted((shared / "facts" / "metadata-examples").glob("*.json")):
        theirs, ours = json.loads(path.read_bytes()), RECORDS[path.stem]
        assert list(ours.classes) == list(theirs.get("classes") or ()), path.stem
        nodes = [each["name"].removesuffix(":0") for each in theirs["schema"]["outputs"]]
        assert [layer.name for layer in ours.outputs] == nodes, path.stem
        assert ours.sample_rate == theirs["inference"]["sample_rate"]


def test_layers_are_found_by_purpose_and_by_node() -> None:
    model = RECORDS["msd-musicnn-1"]
    assert model.layer("embeddings").name == "model/dense/BiasAdd"
    assert model.layer("model/dense_1/BiasAdd:0").purpose == "logits"
    assert model.layer("model/unlisted").name == "model/unlisted"
    with pytest.raises(UsageError, match="no logits layer"):
        RECORDS["crepe-tiny-1"].layer("logits")


def test_a_file_that_is_no_record_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    with pytest.raises(NotFoundError, match=r"broken\.json"):
        Record.load(path)
    for content in ("{", "[" * 100_000, "[]", "\x00"):
        path.write_text(content)
        with pytest.raises(IntegrityError, match=r"broken\.json"):
            Record.load(path)


@pytest.mark.parametrize(
    "text", [r'"\u001b[31mred"', r'"\u009b2J"', '"\x9b2J"', '"\x7f"', r'"\u202Ebp.x"', '"\u2066a"']
)
def test_a_record_that_could_steer_a_terminal_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    path.write_text(f'{{"name": {text}}}', encoding="utf-8")
    with pytest.raises(IntegrityError, match="terminal control characters"):
        Record.load(path)


def test_lines_tabs_and_accents_in_a_record_steer_nothing(tmp_path: Path) -> None:
    path = tmp_path / "harmless.json"
    path.write_text(r'{"name": "caf\u00e9", "citation": "a\n\tb"}')
    assert Record.load(path).name == "café"
