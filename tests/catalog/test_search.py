"""Searching models by the words of a text."""

from __future__ import annotations

from typing import Any

from catalog.index import Catalog, catalog
from catalog.record import Record
from catalog.search import reason


def _ids(text: str) -> list[str]:
    return [model.id for model in catalog().search(text)]


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
