"""Class names of the records: their order, how it is known, and the words for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.index import catalog
from catalog.record import INFERRED, Record
from catalog.upstream import with_upstream

RECORDS = {model.id: model for model in catalog().models if not model.archive}
CORRECTED = ("tonal_atonal", "mood_party", "mood_relaxed", "mood_sad")


def certainty(model: Record) -> str | None:
    found: str | None = model.zoo.get("classes_certainty")
    return found


def test_whoever_names_its_classes_says_how_their_order_is_known() -> None:
    for model in RECORDS.values():
        assert bool(model.classes) == bool(certainty(model)), model.id
        assert bool(model.classes) == bool(model.zoo["sources"].get("classes")), model.id


def test_every_classifier_names_its_classes() -> None:
    unnamed = {m.family for m in RECORDS.values() if not m.classes and m.kind != "extractor"}
    assert unnamed == {"crepe", "tempocnn", "spleeter", "gaia"}


@pytest.mark.shared
def test_the_lists_are_those_that_were_found(shared: Path) -> None:
    found = json.loads((shared / "facts" / "classes" / "classes.json").read_bytes())
    assert len(found) == 155
    for id, known in found.items():
        model = RECORDS[id]
        assert list(model.classes) == known["classes"], id
        assert certainty(model) == known["certainty"], id
        predictions = model.layer("predictions") if model.outputs else None
        assert not predictions or (predictions.shape or ())[-1] == len(model.classes), id


@pytest.mark.shared
def test_the_digests_are_those_that_were_found(shared: Path) -> None:
    found = json.loads((shared / "facts" / "classes" / "digests.json").read_bytes())
    files = {
        url.rpartition("/")[2]: file
        for model in RECORDS.values()
        for file in model.files
        for url in file.urls
    }
    left_out = {  # other bytes are served today, or no address is known
        *(f"{id}-musicnn-msd-1.json" for id in ("genre_tzanetakis", "mood_happy", "mood_sad")),
        "timbre-discogs-effnet-1.json",
        "approachability_regression-discogs-effnet-1.onnx",
        *(f"mood_{mood}-discogs-effnet-1.onnx" for mood in ("aggressive", "happy", "sad")),
    }
    for name in found.keys() - left_out:
        assert found[name]["sha256"] in files[name].sha256, name
        assert files[name].size in (None, found[name]["bytes"]), name
    for name in left_out & files.keys():
        assert not files[name].sha256, name


def test_sizes_follow_the_classes_where_the_architecture_is_the_same() -> None:
    sizes: dict[tuple[str, str], set[int]] = {}
    for model in RECORDS.values():
        file = model.file("pb")
        if file and file.size and "/classifiers/" in file.urls[0] and "moods_mirex" not in model.id:
            later = "-2" if model.id.startswith(("urbansound8k", "fs_loop_ds")) else model.id[-2:]
            key = str(model.family), later
            sizes.setdefault(key, set()).add(file.size - 404 * len(model.classes))
    assert {key: len(rest) for key, rest in sizes.items()} == dict.fromkeys(sizes, 1)
    assert len(sizes) == 4


def test_an_inferred_order_is_told_and_another_is_not() -> None:
    told = {id for id, model in RECORDS.items() if model.class_order}
    assert told == {id for id, model in RECORDS.items() if certainty(model) in INFERRED}
    assert "other models of its task" in RECORDS["gender_musicnn_msd"].class_order
    assert "others than its authors" in RECORDS["genre_electronic-discogs-effnet-1"].class_order
    assert RECORDS["gender-musicnn-msd-2"].class_order == ""


def test_metadata_of_its_own_make_an_order_certain_and_a_record_does_not() -> None:
    model = RECORDS["danceability-vgg-msd-2"]
    own = {"name": "danceability", "classes": list(model.classes)}
    assert certainty(model) == "same-task"
    assert certainty(with_upstream(model, own)) == "own-metadata"
    assert certainty(with_upstream(model, model.document)) == "same-task"
    assert certainty(with_upstream(model, {"name": "danceability"})) == "same-task"


@pytest.mark.parametrize("task", CORRECTED)
def test_classes_in_reverse_win_nothing(task: str) -> None:
    model = RECORDS[f"{task}-vgg-msd-2"]
    published: dict[str, Any] = {"classes": list(reversed(model.classes))}
    joined = with_upstream(model, published)
    assert joined.classes == model.classes
    assert "published metadata name its classes in reverse" in joined.class_order
    right = with_upstream(model, {"classes": list(model.classes)})
    assert (right.classes, right.class_order) == (model.classes, "")


def test_corrections_are_of_the_files_that_were_published_in_reverse() -> None:
    found = {id for id, model in RECORDS.items() if "corrections" in model.zoo}
    heads = {id for id in found if RECORDS[id].kind == "head"}
    assert len(found) == 4 * 8 + 5 and len(heads) == 5
    for id in found:
        model = RECORDS[id]
        correction = model.correction(list(reversed(model.classes)))
        assert correction is not None
        tonal = id.startswith("tonal_atonal")
        assert correction["until"] == ("2024-05-02" if tonal else "2020-10-26"), id
        assert tonal or id not in heads


def test_names_that_are_no_words_have_words_for_people() -> None:
    dortmund = RECORDS["genre_dortmund-musicnn-msd-2"]
    assert dortmund.classes[3] == "folkcountr"
    assert dortmund.display_classes[3] == "folk, country"
    assert RECORDS["genre_rosamerica-musicnn-msd-2"].display_classes[0] == "classical"
    assert "engine idling" in RECORDS["urbansound8k-musicnn-msd-1"].display_classes
    assert RECORDS["mood_sad-musicnn-msd-2"].display_classes == ("not sad", "sad")
    assert RECORDS["discogs-effnet-bs64-1"].display_classes[0] == "Blues: Boogie Woogie"
    for model in RECORDS.values():
        words = model.display_names
        assert words.keys() <= set(model.classes), model.id
        assert len(set(model.display_classes)) == len(model.classes), model.id
        assert not any("_" in name and "/" not in name for name in words.values()), model.id


def test_people_find_a_model_by_the_words() -> None:
    found = {model.id for model in catalog().search("classical")}
    assert "genre_rosamerica-musicnn-msd-2" in found


def test_files_of_2020_are_found_by_the_names_that_they_got() -> None:
    assert catalog().find("mood_sad-musicnn-msd-1").id == "mood_sad_musicnn_msd"
    assert RECORDS["gender_vggish_audioset"].zoo["successor"] == "gender-vggish-audioset-1"
    for id, model in RECORDS.items():
        if "/transfer_learning_classifiers/" in model.link:
            became = (*model.names, model.zoo.get("successor", ""))
            assert any(each.endswith("-1") for each in became), id
        if "/classifiers/" in model.link and "/legacy/" not in model.link:
            network = model.file("pb")
            assert network is not None
            legacy = network.urls[0].replace("/models/", "/models/legacy/")
            assert legacy in network.urls, id
