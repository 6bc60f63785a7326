"""A project's lock: exactly these models, for a team or a continuous integration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from catalog.errors import IntegrityError, NotFoundError
from catalog.fields import ModelFile
from catalog.foreign import parse
from catalog.manifest import Manifest, file_name
from catalog.record import Document, Record
from catalog.schema import differences_of_lock, told
from catalog.storage import reading

LOCK = Path("zoo.lock")
VERSION = 1
LARGEST = 8 << 20  # bytes; a lock of all of Essentia's models has some 200 000


def entry(manifest: Manifest, model: Record) -> Document:
    """What a lock says of an installed model.

    Its files have the form that they have in a record, with the one digest that is
    installed. Metadata that were written here, for want of published ones, are left
    out: the next version of the catalog may word them differently.
    """
    installed = {file.path: file for file in manifest.files}
    files = []
    for file in model.files or (ModelFile("pb", ()),):
        found = installed.get(file_name(model, file))
        if found and (found.url or found == manifest.main):
            files.append(
                {
                    "kind": file.kind,
                    "urls": list(file.urls) if found.url else [],
                    "size": found.size,
                    "sha256": found.sha256,
                }
            )
    return {"id": manifest.id, "source": manifest.source, "files": files}


def to_json(entries: Iterable[Document]) -> bytes:
    """The lock as text, sorted by model, the same for the same models."""
    models = sorted(entries, key=lambda entry: str(entry["id"]))
    return (json.dumps({"version": VERSION, "models": models}, indent=2) + "\n").encode()


def read(path: Path) -> list[Document]:
    """The entries of a lock.

    Raises
    ------
    NotFoundError
    IntegrityError
        Not a lock, or one of a later version.
    """
    if not path.exists():
        raise NotFoundError(
            f"There is no lock {path}.",
            hint=f"Create one from what is installed: zoo lock -o {path}",
        )
    with reading(path):
        if path.stat().st_size > LARGEST:
            raise _refused(path, f"It has more than {LARGEST} bytes.")
        data = path.read_bytes()
    try:
        document = parse(data)
    except ValueError as error:
        raise _refused(path, str(error)) from None
    for found in differences_of_lock(document)[:1]:
        raise _refused(path, told(found))
    return list(document["models"])


def _refused(path: Path, why: str) -> IntegrityError:
    return IntegrityError(
        f"{path} is not a lock of this version of zoo.",
        why=why,
        hint="Remove it, or name another file.",
    )


def restricted(model: Record, entry: Document) -> Record:
    """The record of a model, with the files of a lock's entry and no others.

    Raises
    ------
    IntegrityError
        The lock wants the result of a recipe that this record does not have.
    """
    zoo = {**model.zoo, "files": entry["files"]}
    if entry["source"] != "recipe":
        zoo.pop("recipe", None)
    elif model.recipe is None or model.recipe.sha256 != entry["files"][0]["sha256"]:
        raise IntegrityError(
            f"The lock requires {model.id} from a different recipe than the catalog's.",
            hint="Install the version of zoo that wrote the lock, or create it again: zoo lock",
        )
    return replace(model, document={**model.document, "zoo": zoo})
