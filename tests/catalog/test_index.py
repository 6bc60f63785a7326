"""Finding models: by name, older name, beginning and pattern."""

from __future__ import annotations

import pytest

from catalog import index
from catalog.errors import AmbiguousNameError, UnknownModelError
from catalog.index import HERE, Catalog, catalog, found

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
