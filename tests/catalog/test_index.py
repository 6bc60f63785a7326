"""Finding models: by name, older name, beginning, pattern and text."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from catalog import index
from catalog.errors import (
    AmbiguousNameError,
    IntegrityError,
    NotFoundError,
    UnknownModelError,
)
from catalog.index import HERE, Catalog, catalog, found, reason
from catalog.record import Record

TASKS = (
    "danceability", "gender", "genre_dortmund", "genre_electronic", "genre_rosamerica",
    "genre_tzanetakis", "mood_acoustic", "mood_aggressive", "mood_electronic", "mood_happy",
    "mood_party", "mood_relaxed", "mood_sad", "tonal_atonal", "voice_instrumental",
)  # fmt: skip
NETWORKS = ("musicnn_msd", "musicnn_mtt", "vggish_audioset")
TAGGERS = {
    "MSD_musicnn_frozen_small": "msd-musicnn-1",
    "MTT_musicnn_frozen_small": "mtt-musicnn-1",
    "MSD_vgg_frozen_small": "msd-vgg-1",
    "MTT_vgg_frozen_small": "mtt-vgg-1",
}
RENAMED = {
    "danceability_musicnn_msd": "danceability-musicnn-msd-1",
    "genre_dortmund_musicnn_msd": "genre_dortmund-musicnn-msd-1",
    "genre_dortmund_musicnn_mtt": "genre_dortmund-musicnn-mtt-1",
    "genre_tzanetakis_musicnn_msd": "genre_tzanetakis-musicnn-msd-1",
    "genre_tzanetakis_musicnn_mtt": "genre_tzanetakis-musicnn-mtt-1",
    "mood_aggressive_musicnn_msd": "mood_aggressive-musicnn-msd-1",
    "mood_happy_musicnn_msd": "mood_happy-musicnn-msd-1",
    "mood_relaxed_musicnn_msd": "mood_relaxed-musicnn-msd-1",
    "mood_relaxed_musicnn_mtt": "mood_relaxed-musicnn-mtt-1",
    "voice_instrumental_musicnn_msd": "voice_instrumental-musicnn-msd-1",
    **TAGGERS,
}


@pytest.fixture
def further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that ``ZOO_CATALOG`` names."""
    folder = tmp_path / "records"
    folder.mkdir()
    monkeypatch.setenv("ZOO_CATALOG", os.pathsep.join(["", str(folder)]))
    return folder


def _write(folder: Path, id: str, **zoo: Any) -> Path:
    block = {"id": id, "kind": "extractor", **zoo}
    document = {"name": id, "description": "Ours.", "framework": "tensorflow", "zoo": block}
    path = folder / f"{id}.json"
    path.write_text(json.dumps(document))
    return path


def _ids(text: str) -> list[str]:
    return [model.id for model in catalog().search(text)]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("task", TASKS)
def test_the_classifiers_of_2020_are_found(task: str, network: str) -> None:
    name = f"{task}_{network}"
    assert catalog().find(name).id == RENAMED.get(name, name)


@pytest.mark.parametrize("name", TAGGERS)
def test_the_taggers_of_2020_are_found(name: str) -> None:
    assert catalog().find(name).id == TAGGERS[name]


@pytest.mark.parametrize("name", RENAMED)
def test_a_name_that_was_given_up_tells_the_new_one(name: str) -> None:
    assert catalog().note(name) == f"{name} is now called {RENAMED[name]}."
    assert catalog().note(RENAMED[name]) is None


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("fs_loop_ds-musicnn-msd-1", "fs_loop_ds-msd-musicnn-1"),
        ("moods_mirex-musicnn-msd-1", "moods_mirex-msd-musicnn-1"),
        ("moods_mirex-vggish-audioset-1", "moods_mirex-audioset-vggish-1"),
    ],
)
def test_a_name_that_once_meant_two_models_means_the_whole_network_and_says_so(
    name: str, head: str
) -> None:
    model = catalog().find(name)
    assert (model.id, model.kind) == (name, "end-to-end")
    assert f"now called {head}" in (catalog().note(name) or "")
    assert catalog().find(head).kind == "head"


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("msd-musicnn-1", "msd-musicnn-1"),
        ("MSD-MusiCNN-1", "msd-musicnn-1"),
        ("msd_MUSICNN_frozen_small", "msd-musicnn-1"),
        ("msd-musicnn", "msd-musicnn-1"),
        ("deam-msd-musicnn", "deam-msd-musicnn-2"),
        ("mood_happy-musicnn-msd", "mood_happy-musicnn-msd-2"),
        ("discogs-maest-30s-pw", "discogs-maest-30s-pw-2"),
        ("crepe-t", "crepe-tiny-1"),
        ("deam-msd", "deam-msd-musicnn-2"),
        ("effnetdisc", "discogs-effnet-bs64-1"),
    ],
)
def test_a_name_may_be_short_and_means_the_newest(name: str, id: str) -> None:
    assert catalog().find(name).id == id


def test_the_beginning_of_several_names_lists_them() -> None:
    with pytest.raises(AmbiguousNameError) as raised:
        catalog().find("crepe-")
    assert "crepe-full-1, crepe-large-1, crepe-medium-1" in raised.value.why
    assert raised.value.hint == "Use a longer name, or list them all: zoo ls 'crepe-*'"
    with pytest.raises(AmbiguousNameError, match=r"and \d+ more"):
        catalog().find("m")


@pytest.mark.parametrize(
    ("typo", "near"),
    [
        ("msd-musicn-1", "msd-musicnn-1"),
        ("MSD_musicn_frozen_smal", "msd-musicnn-1"),
        ("discgos-effnet-bs64", "discogs-effnet-bs64-1"),
        ("mood_hapy-msd-musicnn-1", "mood_happy-msd-musicnn-1"),
    ],
)
def test_a_typo_gets_the_nearest_name_first(typo: str, near: str) -> None:
    with pytest.raises(UnknownModelError) as raised:
        catalog().find(typo)
    assert raised.value.why.startswith(f"The nearest names are {near}")


@pytest.mark.parametrize("name", ["nonsense", "", "-1", "*", "../msd-musicnn-1"])
def test_an_unknown_name_is_refused_with_a_command_to_go_on(name: str) -> None:
    with pytest.raises(UnknownModelError, match=r"zoo\.search"):
        catalog().find(name)


def test_patterns_match_older_names_too() -> None:
    assert [model.id for model in catalog().match("CREPE-[sm]*")] == [
        "crepe-medium-1",
        "crepe-small-1",
    ]
    assert [model.id for model in catalog().match("*_frozen_small")] == sorted(TAGGERS.values())
    assert catalog().match("no-such-*") == []


def test_models_are_sorted_by_identity() -> None:
    ids = [model.id for model in catalog().models]
    assert ids == sorted(ids)


def test_a_search_finds_the_models_that_know_a_class() -> None:
    found = catalog().search("saxophone")
    assert {"audioset-yamnet-1", "mtg_jamendo_instrument-discogs-effnet-1"} <= {
        model.id for model in found
    }
    assert all("saxophone" in reason(model, "saxophone").lower() for model in found)


def _model(id: str, description: str = "", classes: tuple[str, ...] = (), **zoo: Any) -> Record:
    block = {"id": id, **zoo}
    return Record({"name": id, "description": description, "classes": list(classes), "zoo": block})


def test_names_rank_before_classes_and_classes_before_descriptions() -> None:
    index = Catalog(
        (
            _model("a-1", "Tells a sad song."),
            _model("b-1", classes=("sad",)),
            _model("c-1", task="sad"),
            _model("d-1", names=("old_sad",)),
            _model("e_sad-1"),
            _model("f-1", "Tells crusading songs."),
        )
    )
    assert [model.id for model in index.search("sad")] == ["d-1", "e_sad-1", "b-1", "c-1", "a-1"]


def test_whole_words_rank_before_beginnings_and_current_models_before_those_replaced() -> None:
    index = Catalog(
        (
            _model("a_happyish-1"),
            _model("b_happy-1", status="legacy"),
            _model("c_happy-1", status="listed"),
        )
    )
    found = [model.id for model in index.search("HAPPY!")]
    assert found == ["c_happy-1", "b_happy-1", "a_happyish-1"]


def test_the_reason_is_a_class_or_the_sentence_that_fits() -> None:
    knowing = _model("a-1", "About voices.", ("voice, female", "drum"))
    assert reason(knowing, "voice") == "knows voice, female"
    telling = _model("b-1", "Tells things. Learnt from voices. Ends.")
    assert reason(telling, "voice") == "Learnt from voices"
    assert reason(telling, "b") == "Tells things"


def test_a_search_wants_every_word_and_takes_beginnings() -> None:
    assert _ids("happy vggish")[0] == "mood_happy-audioset-vggish-1"
    assert "mtg_jamendo_instrument-discogs-effnet-1" in _ids("saxo")
    assert _ids("happy zzz") == []
    assert _ids("") == _ids(" -_ ") == []


def test_further_records_are_found_beside_the_built_in_ones(further: Path) -> None:
    _write(further, "lab-extractor-1", names=["lab-old"])
    _write(further, "lab-extractor-2")
    assert catalog().find("lab-extractor").id == "lab-extractor-2"
    assert catalog().find("LAB-old").id == "lab-extractor-1"
    assert catalog().find("msd-musicnn-1").id == "msd-musicnn-1"


@pytest.mark.shared
def test_a_metadata_file_of_essentia_is_a_further_record(further: Path, shared: Path) -> None:
    source = shared / "facts" / "metadata-examples" / "fs_loop_ds-msd-musicnn-1.json"
    text = source.read_text().replace("fs_loop_ds-msd-musicnn-1", "loops-msd-musicnn-1")
    (further / "loops-msd-musicnn-1.json").write_text(text)
    assert len(catalog().find("loops-msd").classes) == 5


@pytest.mark.parametrize("id", ["msd-musicnn-1", "MSD-musicnn-1", "msd_musicnn_frozen_small"])
def test_a_further_record_cannot_take_a_name_that_is_taken(further: Path, id: str) -> None:
    path = _write(further, id)
    with pytest.raises(IntegrityError) as raised:
        catalog()
    assert str(path) in raised.value.message
    assert "already" in raised.value.message


def test_two_further_records_cannot_share_a_name(further: Path) -> None:
    one = _write(further, "lab-1", names=["lab"])
    other = _write(further, "lab-2", names=["LAB"])
    with pytest.raises(IntegrityError, match="already") as raised:
        catalog()
    assert str(one) in raised.value.message and str(other) in raised.value.message


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"zoo": []}',
        '{"name": "x", "description": "x", "framework": "x", "zoo": {"id": "y", "kind": "svm"}}',
        '{"name": "x", "description": "x", "framework": "x", "zoo": {"id": 5, "kind": "svm"}}',
    ],
)
def test_a_broken_further_record_is_named(further: Path, content: str) -> None:
    path = further / "x.json"
    path.write_text(content)
    with pytest.raises(IntegrityError, match=r"is not (JSON|a model record)") as raised:
        catalog()
    assert str(path) in raised.value.message
    assert raised.value.why


def test_a_folder_that_does_not_exist_is_named(further: Path) -> None:
    shutil.rmtree(further)
    with pytest.raises(NotFoundError, match="records"):
        catalog()


def test_the_catalog_is_read_once() -> None:
    assert catalog() is catalog()
    assert isinstance(catalog(), Catalog)
    assert (HERE / "models").is_dir()


def test_an_identity_is_found_without_reading_the_other_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = {
        name: catalog().find(name) for name in ("msd-musicnn-1", "MSD-musicnn-1", "deeptemp-k16")
    }
    expected |= {name: catalog().find(name) for name in TAGGERS}
    assert {name: found(name) for name in expected} == expected
    with pytest.raises(UnknownModelError):
        found("../models/msd-musicnn-1")
    monkeypatch.setattr(index, "catalog", None)
    assert found("msd-musicnn-1") == expected["msd-musicnn-1"]
    monkeypatch.setenv("ZOO_CATALOG", "")
    with pytest.raises(TypeError):  # another catalog is asked, which could be damaged
        found("msd-musicnn-1")
