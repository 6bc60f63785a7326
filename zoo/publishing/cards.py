"""Cards: the pages of models whose files lie elsewhere, of whole catalogs if need be."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from catalog.errors import UsageError
from catalog.names import base, version
from catalog.record import Record
from zoo.publishing import named, pages
from zoo.publishing.pages import Published
from zoo.publishing.site import Change, Site

CARDS = "cards.json"
"""Lists the models of a folder of cards."""

TITLE = "Models for audio"
ORDER = ("documented", None, "listed", "legacy")
"""Of models in the index, by their status: what is replaced comes last."""


def find(words: Iterable[str]) -> list[Record]:
    """The records that words mean; all that come with zoo, if there are none.

    Parameters
    ----------
    words : iterable of str
        Names in the catalog, and patterns of them.

    Raises
    ------
    UnknownModelError, AmbiguousNameError
    UsageError
        Two models have one name.
    """
    from catalog.index import catalog
    from zoo.predicting.collection import is_pattern

    found: dict[str, Record] = {}
    for word in words:
        models = catalog().match(word) if is_pattern(word) else [catalog().find(word)]
        found |= {model.full_name: model for model in models}
    models = list(found.values()) or [each for each in catalog().models if each.catalog is None]
    ids = [model.id.lower() for model in models]
    for id in ids:
        if ids.count(id) > 1:
            raise UsageError(f"{id} is named twice.", why="A card's name must be unique.")
    return sorted(models, key=lambda each: (ORDER.index(each.status), each.id))


def write(models: Iterable[Record], to: Path, title: str | None) -> Change:
    """Write an index and a page a model; the folder is as before, or all of it is new.

    Raises
    ------
    UsageError
        The folder holds other things.
    StorageError
    """
    title = title or TITLE
    shown = _cards(tuple(models))
    with Site.at(to, CARDS).stage() as (new, change):
        pages.write_assets(new)
        (new / "index.html").write_text(pages.index(title, shown), encoding="utf-8")
        for each in shown:
            folder = new / "models" / each.model.id
            folder.mkdir(parents=True)
            (folder / "index.html").write_text(pages.page(title, each), encoding="utf-8")
            (folder / f"{each.model.id}.json").write_text(each.model.to_json(), encoding="utf-8")
        listed = {"title": title, "models": [each.model.id for each in shown]}
        (new / CARDS).write_text(json.dumps(listed, indent=4) + "\n", encoding="utf-8")
    return change


def _cards(models: tuple[Record, ...]) -> list[Published]:
    from catalog.index import catalog

    others = frozenset(each.id for each in models)
    families: dict[str, list[Record]] = {}
    for each in sorted(models, key=version):
        families.setdefault(base(each), []).append(each)
    return [
        Published(
            model,
            extractor=catalog().extractor(model, model.extractor.id) if model.extractor else None,
            siblings=tuple(each.id for each in families[base(model)]),
            others=others,
            card=True,
            replacement=named.replacement(model, models),
        )
        for model in models
    ]
