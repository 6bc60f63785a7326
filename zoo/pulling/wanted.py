"""The models that names, patterns and locks mean, with the extractors that they need."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from catalog import lock
from catalog.errors import NotFoundError
from catalog.fields import Origin
from catalog.names import is_pattern
from catalog.record import Record
from catalog.store import Store

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
    from zoo.pulling.puller import with_extractors

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
