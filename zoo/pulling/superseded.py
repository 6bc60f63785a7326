"""Models that their publishers have replaced, or do not offer any more."""

from __future__ import annotations

from catalog.errors import IntegrityError, NetworkError, NotFoundError
from catalog.manifest import is_safe
from catalog.names import succeeding
from catalog.record import Record
from catalog.store import Store


def replaced(model: Record) -> str:
    """Say that the catalog of an installed model lists another file by now."""
    return (
        f"{model.id} is used as it is installed; its catalog has replaced it since. "
        f"See zoo outdated; to take the new one: zoo update {model.id}"
    )


def withdrawal(model: Record) -> NotFoundError:
    """Say that the publisher of a model does not offer it any more, and what there is instead."""
    from catalog.index import catalog

    tombstone = model.withdrawn or {}
    there = {each.id: each for each in catalog().models if each.origin == model.origin}
    newer = succeeding(model, there or _offered(model))
    return NotFoundError(
        f"{model.id} was withdrawn on {tombstone['date'][:10]}: {tombstone['why']}",
        hint=f"There is a newer version: zoo pull {_where(newer)}" if newer else "",
    )


def _offered(model: Record) -> dict[str, Record]:
    """The models of a catalog that is not added."""
    from catalog.catalogs import read_listing

    if model.origin is None or model.catalog is None:
        return {}
    try:
        origin, listing = read_listing(model.origin.address, Store.default())
    except (NetworkError, IntegrityError):
        return {}
    return {each.id: each.model(model.catalog, origin) for each in listing.models}


def _where(model: Record) -> str:
    """How to name a model of a further catalog, which may have an address only."""
    if model.catalog and not is_safe(model.catalog):
        return f"{model.id} --catalog {model.catalog}"
    return model.full_name
