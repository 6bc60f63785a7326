"""Whatever a published catalog holds, it is read, or refused with a sentence; a good one is read.

``ZOO_FUZZ=N`` tries N examples.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.catalogs import Catalogs
from catalog.errors import IntegrityError
from catalog.fields import Origin
from catalog.index import Catalog, catalog
from catalog.listing import Listing, parse
from catalog.manifest import file_name, is_safe, main_file
from catalog.store import Store
from tests.support import fuzzing
from zoo.card import card

ADDRESS = "https://lab.example/zoo/catalog.json"

fuzz = fuzzing.examples(60)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=5,
)
ODD = st.sampled_from(
    ["..", "../x", "/x", "a/b", "", "\0", "a" * 300, "msd-musicnn-1", "a\n", "é", -1, 1e400, 2**70]
)


def genuine() -> dict[str, Any]:
    """A catalog of real records: an extractor and its head."""
    models = []
    for id in ("msd-musicnn-1", "emomusic-msd-musicnn-2"):
        file = {"path": f"models/{id}/{id}.pb", "kind": "pb", "size": 7, "sha256": "0" * 64}
        models.append({"record": deepcopy(catalog().find(id).document), "files": [file]})
    return {"format": 1, "title": "Ours", "models": models}


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A catalog, some values of which are others, or gone."""
    document = genuine()
    for _ in range(draw(st.integers(1, 3))):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            inner = place[key]
            if not (isinstance(inner, dict | list) and inner) or draw(st.integers(0, 9)) == 0:
                break
            place = inner
        if isinstance(place[key], str) and draw(st.integers(0, 3)):
            place[key] = draw(st.text(max_size=9) | st.sampled_from(["ISC", "x/y", "a-1"]))
        elif draw(st.booleans()):
            place[key] = draw(VALUES | ODD)
        else:
            del place[key]
        if not place and place is document:
            break
    return document


def use(listing: Listing) -> None:
    """Do with a catalog what commands do."""
    models = [each.model("lab", Origin(ADDRESS)) for each in listing.models]
    whole = Catalog((*catalog().models, *models))
    for model in models:
        assert is_safe(model.id)
        for file in model.files:
            assert all(url.startswith("https://lab.example/zoo/") for url in file.urls)
            assert "/../" not in "".join(file.urls) and file.sha256
        card(model, None).encode()
        model.published.to_json().encode()
        assert model.recipe is None
        assert whole.find(model.full_name).id == model.id
        whole.note(model.id), whole.match("*"), whole.search("rock")
        main = main_file(model)
        if main and is_safe(main.name):
            file_name(model, main)
        (model.inputs, model.outputs, model.patch, model.extractor, model.training_flags)  # noqa: B018
    assert Listing.from_json(json.loads(listing.to_json())) == listing


def test_a_genuine_catalog_is_read() -> None:
    listing = parse(json.dumps(genuine()).encode(), ADDRESS)
    assert {each.id for each in listing.models} == {"msd-musicnn-1", "emomusic-msd-musicnn-2"}
    use(listing)


@fuzz
@given(document=damaged())
def test_a_damaged_catalog_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        listing = parse(json.dumps(document).encode(), ADDRESS)
    except IntegrityError as error:
        assert error.why
        return
    use(listing)


@fuzz
@given(data=st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused(data: bytes) -> None:
    try:
        parse(data, ADDRESS)
    except IntegrityError:
        return
    raise AssertionError("that is a catalog?")


@fuzz
@given(data=st.binary(max_size=60) | damaged().map(lambda made: json.dumps(made).encode()))
def test_what_is_kept_of_a_catalog_may_be_damaged(data: bytes, tmp_path_factory: Any) -> None:
    catalogs = Catalogs(Store(tmp_path_factory.getbasetemp() / "damaged"))
    catalogs.folder.mkdir(parents=True, exist_ok=True)
    (catalogs.folder / "lab.json").write_bytes(data)
    try:
        catalogs.read("lab")
    except IntegrityError as error:
        assert "zoo catalog rm lab" in error.hint
