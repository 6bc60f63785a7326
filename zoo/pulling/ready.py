"""A model of the catalog, in the store before it is used."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.record import Record
    from catalog.store import Store

log = logging.getLogger("zoo")


def pulled(model: Record) -> tuple[Path, Record, frozenset[str]]:
    """Pull a model and its extractor unless they are there; its path, full record and digests."""
    from catalog.changes import is_replaced
    from catalog.store import Store

    store = Store.default()
    manifest = store.manifest_of(model)
    if manifest is None:
        from zoo.pulling.puller import pull

        pull(model, store)  # which says all that is said below
        return store.network(model), store.record(model), _digests(store, model)
    if is_replaced(model, manifest) and model.catalog:
        from zoo.pulling.superseded import replaced

        log.info(replaced(model))
    elif is_replaced(model, manifest):
        log.info(
            f"{model.id} is not from zoo's own catalog here: it came from {manifest.main.url}."
        )
    record = store.record(model)
    say_order(record)
    return store.network(model), record, _digests(store, model)


def _digests(store: Store, model: Record) -> frozenset[str]:
    """The digests that an installed model's manifest has."""
    manifest = store.manifest_of(model)
    return frozenset(file.sha256 for file in manifest.files) if manifest else frozenset()


def say_order(record: Record) -> None:
    """Say why the order of the classes may be another one than the published one."""
    if record.class_order:
        log.info(f"{record.id}: {record.class_order}")
