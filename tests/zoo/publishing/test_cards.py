"""Cards: pages of models without their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import zoo
from catalog.errors import UnknownModelError, UsageError
from catalog.index import catalog
from catalog.record import Origin, Record
from tests.support.pages import Elements
from zoo.publishing import cards, named, pages
from zoo.publishing.pages import Published
from zoo.publishing.site import Site


def card(id: str, *others: str) -> Elements:
    """The page of a model, as one of some cards."""
    model = catalog().find(id)
    extractor = catalog().find(model.extractor.id) if model.extractor else None
    replacement = named.replacement(model, map(catalog().find, others))
    shown = Published(
        model,
        extractor=extractor,
        others=frozenset((id, *others)),
        card=True,
        replacement=replacement,
    )
    return Elements(pages.page("Models", shown))


def test_a_card_says_what_a_model_is_and_how_to_pull_it() -> None:
    shown = card("emomusic-msd-musicnn-2", "msd-musicnn-1")
    for words in (
        "zoo pull emomusic-msd-musicnn-2\nzoo predict emomusic-msd-musicnn-2 song.mp3",
        "emomusic-musicnn-msd-2",  # an old name
        "valence",
        "model/Identity",
        "CC-BY-NC-SA-4.0",
        "Pearson Correlation Coefficient 0.821",
        "from 1 to 9",
    ):
        assert words in shown.words, words
    assert "../../models/msd-musicnn-1/" in shown.links
    assert "../../index.html#text=valence" in shown.links
    assert "--catalog" not in shown.words


def test_a_machine_of_gaia_is_called_one_frozen_or_not() -> None:
    for kind in ("svm", "end-to-end"):
        model = Record({"zoo": {"id": "mood-1", "kind": kind, "family": "gaia"}})
        words = Elements(pages.page("Models", Published(model))).words
        assert "support vector machine on descriptors of Essentia" in words


def test_what_replaced_a_model_is_linked_wherever_it_lies() -> None:
    old, new = catalog().find("danceability-musicnn-msd-2"), "danceability-msd-musicnn-1"
    beside = card(old.id, new)
    assert f"../../models/{new}/" in beside.links
    assert f"Replaced by {new}" in " ".join(beside.words.split())
    alone = card(old.id)
    assert "no measurement is published" in alone.words
    assert f"Replaced by {new} at essentia.upf.edu" in " ".join(alone.words.split())
    assert catalog().find(new).link in alone.links
    reads = card("emomusic-msd-musicnn-2")
    assert catalog().find("msd-musicnn-1").link in reads.links


def test_a_page_links_no_address_that_is_not_for_everybody() -> None:
    def found(address: str, **zoo: str) -> str | None:
        return named.address(Record({"zoo": {"id": "m 1"} | zoo}, "lab", Origin(address)))

    assert found("https://lab.example/zoo/catalog.json") == "https://lab.example/zoo/models/m%201/"
    for private in ("http://127.0.0.1:8000", "https://me:secret@lab.example", "/home/me/zoo"):
        assert found(f"{private}/catalog.json") is None
    unknown = Record({"zoo": {"id": "old-1", "successor": "nobody-knows-1"}})
    successor = named.replacement(unknown, [])
    assert successor and successor.id == "nobody-knows-1" and named.address(successor) is None
    newer = Record({"zoo": {"id": "old-2"}})
    assert named.replacement(unknown, [unknown, newer]) is newer
    assert named.replacement(newer, [unknown, newer]) is None


def test_cards_are_written_of_patterns_and_names(tmp_path: Path) -> None:
    done = zoo.publish("mood_*-msd-musicnn-1", "deeptemp-k16-3", to=tmp_path / "site", cards=True)

    listed = json.loads((tmp_path / "site/cards.json").read_text())
    assert listed == {"title": cards.TITLE, "models": list(done.models)}
    assert {"mood_happy-msd-musicnn-1", "deeptemp-k16-3"} <= set(done.models)
    for id in done.models:
        folder = tmp_path / "site/models" / id
        assert {path.name for path in folder.iterdir()} == {"index.html", f"{id}.json"}
        assert json.loads((folder / f"{id}.json").read_text())["zoo"]["id"] == id
    again = zoo.publish("deeptemp-k16-3", to=tmp_path / "site", title="Tempo", cards=True)
    assert "models/mood_happy-msd-musicnn-1/index.html" in again.removed


def test_cards_and_published_models_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--cards goes with names"):
        zoo.publish("deeptemp-k16-3", to=tmp_path / "site", cards=True, prune=True)
    with pytest.raises(UnknownModelError):
        zoo.publish("nobody-knows-this", to=tmp_path / "site", cards=True)
    zoo.publish("deeptemp-k16-3", to=tmp_path / "site", cards=True)
    with pytest.raises(UsageError, match="did not put there"), Site.at(tmp_path / "site").stage():
        pass


@pytest.mark.slow
def test_every_model_that_comes_with_zoo_has_a_card(tmp_path: Path) -> None:
    done = zoo.publish(to=tmp_path / "site", cards=True)

    own = [model for model in catalog().models if model.catalog is None]
    assert sorted(done.models) == sorted(model.id for model in own)
    index = (tmp_path / "site/index.html").read_text()
    assert index.index("models/mood_happy-msd-musicnn-1/") < index.index(
        "models/danceability-musicnn-msd-2/"
    )
    assert f"{len(own)} models" in Elements(index).words
    assert len(index) < 3000 * len(own)
