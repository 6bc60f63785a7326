"""What is installed, by the names that people give it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import filter as matching
from pathlib import Path

from catalog.errors import IntegrityError, NotFoundError
from catalog.manifest import Manifest, is_listed
from catalog.names import is_pattern
from catalog.record import Record
from catalog.store import Store


def ids(names: Iterable[str], store: Store, halves: Sequence[str] = ()) -> list[str]:
    """The identities in the store that names and patterns mean, each once.

    Parameters
    ----------
    names : iterable of str
    store : Store
    halves : sequence of str
        What is there in part only, and meant by its name, but by no pattern.

    Raises
    ------
    NotFoundError
        Nothing installed has such a name.
    UnknownModelError, AmbiguousNameError
    """
    there, found = store.names(), []
    for name in names:
        meant = matching(there, name) if is_pattern(name) else [_id(name, there)]
        if not meant or meant[0] not in (*there, *halves):
            raise _not_installed(name)
        found += meant
    return list(dict.fromkeys(found))


def manifest(name: str, store: Store) -> Manifest:
    """The manifest of an installed model.

    Raises
    ------
    NotFoundError
        It is not installed, or not whole any more.
    UnknownModelError, AmbiguousNameError
    """
    found = store.manifest(_id(name, store.names()))
    if found is None:
        raise _not_installed(name)
    return found


def described(manifest: Manifest) -> Manifest:
    """A manifest with its record; one of version 0.1 takes it from the catalog.

    Raises
    ------
    IntegrityError
        No catalog lists this file.
    """
    if manifest.record:
        return manifest
    from catalog.catalogs import INSTALLED
    from catalog.index import catalog

    for model in catalog().models:
        if model.id == manifest.id and model.catalog != INSTALLED and is_listed(model, manifest):
            return manifest.completed(model)
    raise IntegrityError(
        f"Nothing describes {manifest.id} as it is installed.",
        why="Version 0.1 of zoo installed it, which kept no record, and no catalog lists it now.",
        hint=f"Install it anew: zoo pull {manifest.id} --force",
    )


def record(manifest: Manifest) -> Record:
    """The record of an installed model, as it was when it was installed; see `described`."""
    full = described(manifest)
    return replace(Record(full.record or {}), origin=full.origin)


def _id(name: str, there: Iterable[str]) -> str:
    """The identity that a name means; what is in the store needs no catalog."""
    if name in there:
        return name
    from catalog.index import catalog

    model = catalog().find(name)
    return model.archive or model.id


def path(name: str, store: Store) -> Path:
    """The network of an installed model, also of one that is in an archive.

    Raises
    ------
    NotFoundError
        It is not installed, or not whole any more.
    UnknownModelError, AmbiguousNameError
    """
    found = manifest(name, store)
    if "/" not in name:
        return store.path(found.id)
    from catalog.index import catalog

    model = catalog().find(name)
    if store.manifest_of(model) is None:
        raise _not_installed(name)
    return store.network(model)


def _not_installed(name: str) -> NotFoundError:
    return NotFoundError(f"{name} is not installed.", hint=f"zoo pull {shlex.quote(name)}")
