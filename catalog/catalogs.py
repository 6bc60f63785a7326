"""Catalogs that a user has added: kept in the store, read without a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, NotFoundError, UsageError
from catalog.fields import Origin
from catalog.foreign import parse_object, require_text
from catalog.listing import LARGEST, Listing, parse, resolve
from catalog.manifest import is_safe, now
from catalog.record import Record
from catalog.storage import storage_errors, write_whole
from catalog.store import Store

INSTALLED = "store"
"""Stands for the catalog of installed models that no catalog lists."""


@dataclass(frozen=True)
class AddedCatalog:
    """A further catalog, as it was when it was last asked for.

    Attributes
    ----------
    name : str
    origin : Origin
    time : str
        When it was read, ISO 8601.
    listing : Listing
    """

    name: str
    origin: Origin
    time: str
    listing: Listing

    @property
    def address(self) -> str:
        """Of its ``catalog.json``: a URL, or an absolute path."""
        return self.origin.address

    @cached_property
    def models(self) -> list[Record]:
        return [each.model(self.name, self.origin) for each in self.listing.models]


@dataclass(frozen=True)
class Catalogs:
    """The further catalogs of a store: one file each, written whole.

    Attributes
    ----------
    store : Store
    """

    store: Store

    @property
    def folder(self) -> Path:
        return self.store.home / "catalogs"

    def names(self) -> list[str]:
        with storage_errors(self.folder):
            if not self.folder.is_dir():
                return []
            paths = [path for path in self.folder.iterdir() if path.suffix == ".json"]
        return sorted(path.stem for path in paths if is_safe(path.stem))

    def read(self, name: str) -> AddedCatalog:
        """A catalog, as it was kept.

        Raises
        ------
        NotFoundError
            None of this name was added.
        IntegrityError
            Its file is damaged.
        """
        path = self._path(name)
        try:
            with storage_errors(path):
                document = parse_object(path.read_bytes())
            listing = _listing(document, path)
            require_text(document, "address", "time", optional=["sha256"])
            origin = Origin(document["address"], document.get("sha256"))
            return AddedCatalog(name, origin, document["time"], listing)
        except (IntegrityError, ValueError, KeyError, TypeError) as error:
            told = error.why if isinstance(error, IntegrityError) else ""
            raise IntegrityError(
                f"{path} is damaged.",
                why=told or f"{type(error).__name__}: {error}",
                hint=f"Remove it, and add it again: zoo catalog rm {name}",
            ) from None

    def all(self) -> Iterator[AddedCatalog]:
        return map(self.read, self.names())

    def add(self, name: str, word: str) -> AddedCatalog:
        """Ask for a catalog and keep it under a name.

        Parameters
        ----------
        name : str
        word : str
            Its address, or a folder.

        Raises
        ------
        UsageError
            The name is taken, or is none.
        NotFoundError, NetworkError, IntegrityError, StorageError
            See `read_listing`.
        """
        if not is_safe(name) or name == INSTALLED:
            raise UsageError(
                f"{name} is not a valid catalog name.", hint="Letters, digits, - and _."
            )
        for taken in self.names():
            if taken.lower() == name.lower():
                raise UsageError(
                    f"A catalog {taken} exists already.",
                    hint=f"To read it again: zoo catalog update {taken}; "
                    f"to remove it: zoo catalog rm {taken}",
                )
        return self._keep(name, resolve(word))

    def update(self, name: str) -> AddedCatalog:
        """Ask for a catalog again; what is kept stays if that fails. See `add`."""
        return self._keep(name, self.read(name).address)

    def remove(self, name: str) -> None:
        """Forget a catalog; models that came from it stay.

        Raises
        ------
        NotFoundError
        """
        path = self._path(name)
        with storage_errors(path):
            path.unlink()

    def _keep(self, name: str, address: str) -> AddedCatalog:
        origin, listing = read_listing(address, self.store)
        further = AddedCatalog(name, origin, now(), listing)
        document = {
            "address": origin.address,
            "sha256": origin.sha256,
            "time": further.time,
            "catalog": listing.document(),
            "checked": _digest(listing.document()),
        }
        path = self.folder / f"{name}.json"
        write_whole(path, json.dumps(document).encode(), self.store.parts)
        return further

    def _path(self, name: str) -> Path:
        if name not in self.names():
            known = ", ".join(self.names())
            raise NotFoundError(
                f"There is no catalog {name}.",
                why=f"There are: {known}." if known else "None have been added.",
                hint=f"To add it: zoo catalog add {name} URL",
            )
        return self.folder / f"{name}.json"


def _listing(document: Mapping[str, Any], path: Path) -> Listing:
    """What was kept; judged again where anything changed it."""
    kept = document["catalog"]
    if document.get("checked") == _digest(kept):
        return Listing.from_json(kept)
    return parse(json.dumps(kept).encode(), str(path))


def _digest(document: object) -> str:
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def read_listing(address: str, store: Store) -> tuple[Origin, Listing]:
    """Ask for a published catalog, and believe it only as far as it can be checked.

    Parameters
    ----------
    address : str
        Of its ``catalog.json``.
    store : Store
        Holds what has come so far.

    Raises
    ------
    NetworkError
        It cannot be reached.
    IntegrityError
        It is too large, or not a catalog.
    StorageError
    """
    from catalog.download.fetch import fetch

    with fetch([address], store.parts, limit=LARGEST) as fetched:
        data = fetched.path.read_bytes()
        return Origin(address, fetched.sha256), parse(data, address)


def installed(store: Store, ids: Iterable[str]) -> Iterator[Record]:
    """The records of installed models that no catalog lists: they came from ``--catalog``."""
    for id in sorted(ids):
        manifest = store.manifest(id)
        if manifest and manifest.record:
            yield Record(manifest.record, INSTALLED, manifest.origin)
            continue
        path = store.folder(id) / f"{id}.json"
        if path.is_file():
            try:
                model = Record.load(path)
            except IntegrityError:
                continue
            if isinstance(model.document.get("zoo"), dict) and model.zoo.get("id") == id:
                yield Record(model.document, INSTALLED)
