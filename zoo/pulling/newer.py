"""Whether what is installed is still what its catalogs offer, and bringing it up to date."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.catalogs import INSTALLED, Catalogs, read_listing
from catalog.changes import changes, is_replaced
from catalog.errors import IntegrityError, NetworkError
from catalog.fields import Origin
from catalog.index import Catalog, catalog
from catalog.manifest import Manifest, is_listed, main_file
from catalog.names import base, succeeding, version
from catalog.record import Record
from catalog.store import Store
from zoo.pulling import installed
from zoo.pulling.added_catalogs import Sources
from zoo.pulling.puller import Puller
from zoo.pulling.wanted import with_extractors

log = logging.getLogger("zoo")


@dataclass(frozen=True)
class Outdated:
    """An installed model that its catalog offers no more, or a newer one of.

    Attributes
    ----------
    id : str
    reason : str
        ``new-version``, ``replaced`` or ``withdrawn``.
    installed : str
        The model; of one that was replaced, the SHA-256 of its network or, if that is the
        same, of its record.
    available : str or None
        The same of what there is now; None if there is nothing.
    newer : Record or None
        The model to pull, if there is one.
    why : str
        The publisher's word on a model that was withdrawn.
    """

    id: str
    reason: str
    installed: str
    available: str | None
    newer: Record | None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """A row of the document that ``zoo outdated --json`` prints."""
        return {
            "id": self.id,
            "installed": self.installed,
            "available": self.available,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Updated:
    """What became of an installed model, or of the newer one that came beside it.

    Attributes
    ----------
    id : str
    status : str
        ``installed``, ``already`` or ``kept``.
    size : int
        In bytes.
    old : str
        The model that it succeeds.
    changes : tuple of str
        From the old one; see `catalog.changes.changes`.
    """

    id: str
    status: str
    size: int
    old: str
    changes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A row of the document that ``zoo update --json`` prints."""
        return {"id": self.id, "status": self.status, "size": self.size}


def outdated(names: Sequence[str], store: Store) -> list[Outdated]:
    """Ask the catalogs that installed models came from what they offer now.

    A catalog that cannot be reached is told, and stands as it was last read.

    Parameters
    ----------
    names : sequence of str
        All installed models if there are none.
    store : Store

    Raises
    ------
    NotFoundError
        Nothing installed has such a name.
    """
    manifests = _manifests(names, store)
    return list(_outdated(manifests, _offered(manifests, store), store))


def update(names: Sequence[str], store: Store) -> Iterator[Updated]:
    """Pull what `outdated` finds, beside the old models; replaced files take their place.

    Raises
    ------
    NotFoundError, NetworkError, IntegrityError, StorageError
        The store is as it was before, apart from what was yielded.
    """
    manifests = _manifests(names, store)
    offered = _offered(manifests, store)
    found = {each.id: each for each in _outdated(manifests, offered, store)}
    for manifest in manifests:
        each = found.get(manifest.id)
        if each is None or each.newer is None:
            status = "kept" if each else "already"
            yield Updated(manifest.id, status, manifest.main.size, manifest.id)
            continue
        old = store.record(installed.record(manifest))
        for model in with_extractors([each.newer], offered):
            again = each.reason == "replaced" and model is each.newer
            if again or store.manifest_of(model) is None:
                told_of = model is each.newer
                if again:  # for whom it came stays as it was
                    model = replace(model, companion=manifest.companion)
                pulled = Puller(Sources(store), force=again).pull(model)
                told = changes(old, store.record(model)) if told_of else []
                yield Updated(model.id, pulled.status, pulled.size, each.id, tuple(told))


def unneeded(store: Store, needed: Iterable[str]) -> dict[str, str]:
    """Installed models that nothing refers to, and why each of them is here no more.

    These are old versions with a newer one beside them, unless an installed head reads them,
    and extractors that came with a head that is gone.

    Parameters
    ----------
    store : Store
    needed : iterable of str
        Identities that are kept in any case: those of a project's lock.
    """
    manifests, kept = store.installed(), {*needed}
    leaving = {
        manifest.id: "old version"
        for manifest in manifests
        if manifest.id not in kept and _is_superseded(manifest, manifests)
    }
    read = set()
    for manifest in manifests:
        reads = _known(manifest).extractor
        if reads and manifest.id not in leaving:
            read.add(reads.id)
    for manifest in manifests:
        if manifest.companion and manifest.id not in kept:
            leaving.setdefault(manifest.id, "came with a head that is gone")
    return {id: why for id, why in leaving.items() if id not in read}


def _is_superseded(old: Manifest, manifests: Iterable[Manifest]) -> bool:
    """Whether a newer version of a model is installed, or what its record calls its successor."""
    model = _known(old)
    return any(
        each.id == model.zoo.get("successor")
        or (
            _same(each.origin, old.origin)
            and base(_known(each)) == base(model)
            and version(_known(each)) > version(model)
        )
        for each in manifests
    )


def _manifests(names: Sequence[str], store: Store) -> list[Manifest]:
    ids = installed.ids(names, store) if names else store.names()
    return [manifest for id in ids if (manifest := store.manifest(id))]


def _known(manifest: Manifest) -> Record:
    """The record of an installed model, or no more than its name."""
    return Record(manifest.record or {"zoo": {"id": manifest.id}})


def _offered(manifests: Iterable[Manifest], store: Store) -> Catalog:
    """Zoo's own models, and those of the catalogs that models came from, as these are now."""
    known = catalog()
    models = [model for model in known.models if model.catalog is None]
    names = {each.origin.address: each.name for each in Catalogs(store).all()}
    for address in sorted({each.origin.address for each in manifests if each.origin}):
        name = names.get(address, address)
        try:
            origin, listing = read_listing(address, store)
            models += [each.model(name, origin) for each in listing.models]
        except (NetworkError, IntegrityError) as error:
            log.warning(f"{address} cannot be asked: {error.message} {error.why}")
            models += [model for model in known.models if _is_from(model, address)]
    return Catalog(tuple(models))


def _is_from(model: Record, address: str) -> bool:
    """Whether an added catalog at an address lists a model."""
    there = model.origin is not None and model.origin.address == address
    return there and model.catalog != INSTALLED


def _outdated(manifests: Iterable[Manifest], offered: Catalog, store: Store) -> Iterator[Outdated]:
    for manifest in manifests:
        there = {each.id: each for each in offered.models if _same(each.origin, manifest.origin)}
        listed = there.get(manifest.id)
        newer = succeeding(listed or _known(manifest), there)
        if listed and listed.withdrawn:
            available = newer.id if newer else None
            why = str(listed.withdrawn["why"])
            yield Outdated(manifest.id, "withdrawn", manifest.id, available, newer, why)
        elif newer and store.manifest_of(newer) is None:
            yield Outdated(manifest.id, "new-version", manifest.id, newer.id, newer)
        elif listed and newer is None and is_replaced(listed, manifest):
            yield Outdated(manifest.id, "replaced", *_digests(listed, manifest), listed)


def _digests(listed: Record, manifest: Manifest) -> tuple[str, str | None]:
    """What tells an installed model from the one that is listed: networks, or else records."""
    if not is_listed(listed, manifest):
        file = main_file(listed)
        return manifest.main.sha256, file.sha256[0] if file and file.sha256 else None
    texts = (each.to_json().encode() for each in (_known(manifest), listed.published))
    installed, available = (hashlib.sha256(text).hexdigest() for text in texts)
    return installed, available


def _same(one: Origin | None, other: Origin | None) -> bool:
    return (one and one.address) == (other and other.address)
