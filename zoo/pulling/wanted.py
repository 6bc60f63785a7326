"""The models that names, patterns and locks mean, with the extractors that they need."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import lock
from catalog.errors import NotFoundError
from catalog.fields import Origin
from catalog.names import is_pattern
from catalog.record import Record
from catalog.store import Store

if TYPE_CHECKING:
    from catalog.index import Catalog

log = logging.getLogger("zoo")


def named(names: Sequence[str], address: str | None = None) -> list[Record]:
    """The models that names and patterns mean, with their extractors, these first.

    Parameters
    ----------
    names : sequence of str
    address : str, optional
        Of a published catalog that is not added; the known ones if not given.

    Raises
    ------
    UnknownModelError, AmbiguousNameError
    NotFoundError
        Nothing matches.
    """
    from catalog.index import Catalog
    from catalog.index import catalog as known

    index = Catalog(tuple(_listed(address))) if address else known()
    found: list[Record] = []
    for name in names:
        if is_pattern(name):
            found += [model for model in index.match(name) if model.withdrawn is None]
            continue
        found.append(index.find(name))
        if not address and (note := index.note(name)):
            log.info(note)
    if not found:
        raise NotFoundError(f"No models match {' '.join(names)}.", hint="See them all: zoo ls")
    return with_extractors(found, Catalog((*known().models, *index.models)))


def with_extractors(models: Iterable[Record], index: Catalog | None = None) -> list[Record]:
    """Models and the extractors that they need, each once, extractors first.

    Parameters
    ----------
    models : iterable of Record
    index : Catalog, optional
        Where to look for extractors; the catalog if not given.
    """
    found: dict[str, Record] = {}
    for model in models:
        if model.extractor:
            from catalog.index import catalog

            extractor = (index or catalog()).extractor(model, model.extractor.id)
            found.setdefault(extractor.full_name, replace(extractor, companion=True))
        if found.setdefault(model.full_name, model).companion:
            found[model.full_name] = model  # asked for itself, too
    return list(found.values())


def _listed(word: str) -> list[Record]:
    """The models of a published catalog that is not added."""
    from catalog.catalogs import read_listing
    from catalog.listing import resolve

    address = resolve(word)
    origin, listing = read_listing(address, Store.default())
    return [each.model(address, origin) for each in listing.models]


def locked(path: Path = lock.LOCK) -> list[Record]:
    """The models of a lock, each with exactly the files that it names."""
    return [lock.model(entry) for entry in lock.read(path)]


def base(word: str) -> str:
    """What the paths of a published catalog are relative to; see `resolve` for what it raises."""
    from catalog.listing import resolve

    return Origin(resolve(word)).base
