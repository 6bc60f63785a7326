"""Writing a project's lock from what is installed, and comparing the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from catalog import lock as locks
from catalog.errors import IntegrityError, NotFoundError
from catalog.manifest import Manifest, file_name
from catalog.record import Document, Record
from catalog.storage import save
from catalog.store import Store
from zoo.pulling import installed


def lock(names: Sequence[str], path: Path, store: Store, *, update: bool = False) -> list[Document]:
    """Write a lock of installed models and the extractors that they read.

    Parameters
    ----------
    names : sequence of str
        All installed models if there are none.
    path : Path
        A new file, or a lock.
    store : Store
    update : bool
        Renew these models in the lock, and leave the others as they are.

    Returns
    -------
    list of dict
        The entries that were written.

    Raises
    ------
    NotFoundError
        Nothing is installed, or not all that the models need; or there is no lock to update.
    IntegrityError
        A model is damaged, or nothing describes it; or the file is not a lock.
    StorageError
    """
    kept: list[Document] = []
    if update:
        kept = locks.read(path)
    elif path.exists() and not locks.is_lock(path):
        raise IntegrityError(
            f"{path} is not a lock, and is not overwritten.", hint="Name another file: -o FILE"
        )
    manifests = _with_extractors(installed.ids(names, store) if names else store.names(), store)
    if not manifests:
        raise NotFoundError("Nothing is installed, so there is nothing to lock.", hint="zoo ls")
    entries = {entry["id"]: entry for entry in kept}
    entries |= {manifest.id: locks.entry(manifest) for manifest in manifests}
    save(path, locks.to_json(entries.values()))
    return [entries[id] for id in sorted(entries)]


def check(path: Path, store: Store) -> dict[str, str]:
    """Compare what is installed with a lock, every file read again.

    Returns
    -------
    dict of str to str
        By identity ``locked``, ``changed``, ``missing``, or, for an installed model that the
        lock does not name, ``extra``.

    Raises
    ------
    NotFoundError, IntegrityError
        See `catalog.lock.read`.
    """
    states = {entry["id"]: _state(locks.model(entry), store) for entry in locks.read(path)}
    extra = [id for id in store.names() if id not in states]
    return states | dict.fromkeys(extra, "extra")


def is_as_locked(model: Record, manifest: Manifest, store: Store) -> bool:
    """Whether what is installed is what the lock says, read again and compared."""
    digests = {file.path: file.sha256 for file in manifest.files}
    same = all(digests.get(file_name(model, file)) in file.sha256 for file in model.files)
    whole = {state.path for state in store.verify(model.id) if state.ok}
    return same and digests.keys() <= whole


def _state(model: Record, store: Store) -> str:
    if model.id not in store.names():
        return "missing"
    manifest = store.manifest(model.id)
    return "locked" if manifest and is_as_locked(model, manifest, store) else "changed"


def _with_extractors(ids: Iterable[str], store: Store) -> list[Manifest]:
    """The manifests of models, complete, and of the extractors that they read."""
    found: dict[str, Manifest] = {}
    wanted = list(ids)
    for id in wanted:
        manifest = store.manifest(id)
        if manifest is None:
            raise IntegrityError(
                f"{id} is damaged.",
                why=f"Files are missing, or have another size: zoo verify {id}",
                hint=f"To repair: zoo rm -y {id} && zoo pull {id}",
            )
        found[id] = installed.described(manifest)
        reads = installed.record(found[id]).extractor
        if reads and reads.id not in wanted:
            if store.manifest(reads.id) is None:
                raise NotFoundError(
                    f"{id} reads the embeddings of {reads.id}, which is not installed.",
                    hint=f"zoo pull {reads.id}",
                )
            wanted.append(reads.id)
    return list(found.values())
