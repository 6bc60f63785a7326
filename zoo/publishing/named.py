"""Models that a page names: what replaced its model, and where those lie that are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from catalog.names import succeeding
from catalog.record import Record


def replacement(model: Record, beside: Iterable[Record]) -> Record | None:
    """What replaced a model.

    Parameters
    ----------
    model : Record
    beside : iterable of Record
        The models that are published with it, but for those withdrawn.

    Returns
    -------
    Record or None
        The newest version beside it, or what its record calls its successor: beside it, or in the
        one catalog that has it. Nothing but the name, where none has.
    """
    from catalog.index import catalog

    found = succeeding(model, {each.id: each for each in beside})
    named = model.zoo.get("successor")
    if found or not named:
        return found
    known = {
        each.catalog: each
        for each in catalog().models
        if each.id == named and each.withdrawn is None
    }
    only = next(iter(known.values())) if len(known) == 1 else Record({"zoo": {"id": named}})
    return known.get(model.catalog) or known.get(None) or only


def address(model: Record) -> str | None:
    """Where a model lies that is elsewhere: its page, or else its official file.

    None if that is not known, or not for everybody: an address of this machine, or with a password.
    """
    origin = model.origin
    place = f"{origin.base}/models/{quote(model.id)}/" if origin else model.link
    return place if place.startswith("https://") and "@" not in place else None
