"""A project's lock: exactly these models, for a team or a continuous integration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, NotFoundError
from catalog.fields import ModelFile, Origin
from catalog.foreign import parse
from catalog.manifest import Manifest
from catalog.record import Document, Record
from catalog.schema import differences, differences_of_lock, is_grave, is_misshapen, told
from catalog.storage import reading

LOCK = Path("zoo.lock")
VERSION = 2
LARGEST = 64 << 20
"""Bytes of a lock; one of all of Essentia's models has a fiftieth."""


def entry(manifest: Manifest) -> Document:
    """What a lock says of an installed model: all that it takes to install it elsewhere.

    Metadata that were written here, for want of published ones, are no file of the lock:
    they follow from the record.
    """
    record = Record(manifest.record or {})
    return {
        "id": manifest.id,
        "catalog": asdict(manifest.origin) if manifest.origin else None,
        "source": manifest.source,
        "license": manifest.license,
        "extractor": record.extractor.id if record.extractor else None,
        "files": [
            {
                "kind": file.kind,
                "urls": list(file.urls),
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in manifest.files
            if file.urls or file == manifest.main
        ],
        "record": record.document,
    }


def to_json(entries: Iterable[Document]) -> bytes:
    """The lock as text, sorted by model, the same for the same models."""
    models = sorted(entries, key=lambda entry: str(entry["id"]))
    text = json.dumps({"version": VERSION, "models": models}, indent=2, ensure_ascii=False)
    return (text + "\n").encode()


def is_lock(path: Path) -> bool:
    """Whether a file is a lock of any version, which a newer one may replace."""
    document = _parsed(path)
    return isinstance(document, dict) and document.keys() == {"version", "models"}


def read(path: Path) -> list[Document]:
    """The entries of a lock.

    Raises
    ------
    NotFoundError
        There is none, or it names no model.
    IntegrityError
        Not a lock, one of another version, or one that contradicts itself.
    """
    if not path.exists():
        raise NotFoundError(
            f"There is no lock {path}.",
            hint=f"Create one from what is installed: zoo lock -o {path}",
        )
    document = _parsed(path)
    if isinstance(document, dict) and document.get("version") == 1:
        raise IntegrityError(
            f"{path} was written by version 0.1 of zoo.",
            why="It does not say which catalogs its models come from.",
            hint=f"Pull its models, and write it again: zoo lock -o {path}",
        )
    for found in differences_of_lock(document)[:1]:
        raise _refused(path, told(found))
    entries: list[Document] = document["models"]
    if not entries:
        raise NotFoundError(
            f"{path} names no model.",
            hint=f"Pull some models, and write it again: zoo lock -o {path}",
        )
    ids = {each["id"] for each in entries}
    if len(ids) < len(entries):
        raise _refused(path, "It names a model twice.")
    for each in entries:
        if why := _contradiction(each, ids):
            raise _refused(path, f"{each['id']}: {why}")
    return entries


def model(entry: Document) -> Record:
    """The model of an entry, with exactly its files.

    Raises
    ------
    IntegrityError
        The lock wants the result of a recipe that zoo's own record does not have: recipes
        are taken from nobody else.
    """
    origin = Origin(**entry["catalog"]) if entry["catalog"] else None
    record = Record(
        entry["record"],
        origin.address if origin else None,
        origin,
        tuple(map(ModelFile.from_json, entry["files"])),
    )
    if entry["source"] == "recipe":
        from catalog.index import catalog

        own = next((each for each in catalog().models if each.full_name == entry["id"]), None)
        if own is None or own.recipe != record.recipe:
            raise IntegrityError(
                f"The lock requires {record.id} from a different recipe than the catalog's.",
                hint="Install the version of zoo that wrote the lock, or create it again: zoo lock",
            )
    return record


def _contradiction(entry: Document, ids: set[str]) -> str:
    """What an entry says that its own record, or the rest of its lock, says differently."""
    found = differences(entry["record"])
    if is_misshapen(found):
        return told(next(filter(is_grave, found), found[0]))
    record = Record(entry["record"])
    reads = record.extractor.id if record.extractor else None
    built = entry["source"] == "recipe"
    license = record.recipe.license if built and record.recipe else record.license
    for key, own in (("id", record.id), ("license", license), ("extractor", reads)):
        if entry[key] != own:
            return f"The {key} of its record is {own}, not {entry[key]}."
    if reads and reads not in ids:
        return f"It reads the embeddings of {reads}, which is missing."
    if built and (not record.recipe or record.recipe.sha256 != entry["files"][0]["sha256"]):
        return "Its recipe makes another file."
    return ""


def _parsed(path: Path) -> Any:
    with reading(path):
        if path.stat().st_size > LARGEST:
            raise _refused(path, f"It has more than {LARGEST} bytes.")
        data = path.read_bytes()
    try:
        return parse(data)
    except ValueError as error:
        raise _refused(path, str(error)) from None


def _refused(path: Path, why: str) -> IntegrityError:
    return IntegrityError(
        f"{path} is not a valid lock.", why=why, hint=f"Write it again: zoo lock -o {path}"
    )
