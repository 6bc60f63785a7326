"""``zoo doctor``: is this installation whole."""

from __future__ import annotations

import os
from collections.abc import Iterator

import typer

from catalog.errors import ZooError
from catalog.store import Store
from zoo import output


def doctor() -> None:
    """Check the installation: catalog, store."""
    troubles = [*_catalog(), *_store()]
    for trouble in troubles:
        print(f"warning: {trouble}")
    if troubles:
        raise typer.Exit(1)
    output.say("No problems found.")


def _catalog() -> Iterator[str]:
    from catalog.index import catalog

    try:
        catalog()
    except ZooError as error:
        yield " ".join(filter(None, (error.message, error.why, error.hint)))


def _store() -> Iterator[str]:
    store = Store.default()
    place = next(path for path in (store.home, *store.home.parents) if path.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        yield f"The store {store.home} cannot be written. Choose another: export ZOO_HOME=…"
        return
    for id in store.names():
        wrong = [state for state in store.verify(id) if not state.ok]
        for state in wrong:
            yield f"{id}: {state.path} is {state.status}. To repair: zoo pull {id} --force"
