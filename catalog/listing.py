"""A published catalog, ``catalog.json``: what it lists, believed only as far as it was checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog import foreign
from catalog.download.address import is_loopback, local_path
from catalog.errors import IntegrityError, NotFoundError, UsageError
from catalog.fields import Origin
from catalog.manifest import is_safe
from catalog.record import Document, Record

FORMAT = 1
FILE = "catalog.json"
LARGEST = 8 << 20
"""Bytes of a catalog; one of all of Essentia's models would have a tenth."""

PULLED = ("pb", "onnx", "tfjs", "savedmodel", "archive")
"""Kinds of files that can be a model in the store; the record itself comes with the catalog."""


@dataclass(frozen=True)
class ListedFile:
    """A file of a published model.

    Attributes
    ----------
    path : str
        Relative to ``catalog.json``.
    kind : str
        As in a record; ``web`` for what only browsers load.
    size : int
        In bytes.
    sha256 : str
    """

    path: str
    kind: str
    size: int
    sha256: str

    @property
    def kept(self) -> str:
        """Where its publisher keeps these bytes when others have taken their place."""
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/{self.sha256}/{name}".lstrip("/")


@dataclass(frozen=True)
class Version:
    """Files of a name that others have replaced.

    Attributes
    ----------
    files : tuple of ListedFile
        Where they are kept.
    published : str or None
        When, ISO 8601; None if nobody wrote it down.
    """

    files: tuple[ListedFile, ...]
    published: str | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Version:
        return cls(_files(document["files"]), document.get("published"))

    def to_json(self) -> Document:
        known = {"published": self.published} if self.published else {}
        return {**known, "files": [asdict(file) for file in self.files]}


@dataclass(frozen=True)
class Withdrawal:
    """That a publisher does not offer a model any more.

    Attributes
    ----------
    date : str
        ISO 8601.
    why : str
        One line.
    """

    date: str
    why: str


@dataclass(frozen=True)
class Listed:
    """A published model.

    Attributes
    ----------
    record : dict
    files : tuple of ListedFile
        None of one that is withdrawn.
    published : str or None
        When these files were published first, ISO 8601; None if nobody wrote it down.
    earlier : tuple of Version
        What had this name before, the last one first.
    withdrawn : Withdrawal or None
    """

    record: Document
    files: tuple[ListedFile, ...]
    published: str | None = None
    earlier: tuple[Version, ...] = ()
    withdrawn: Withdrawal | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Listed:
        withdrawn = document.get("withdrawn")
        return cls(
            document["record"],
            _files(document["files"]),
            document.get("published"),
            tuple(map(Version.from_json, document.get("earlier", ()))),
            Withdrawal(**withdrawn) if withdrawn else None,
        )

    def to_json(self) -> Document:
        document: Document = {"record": self.record}
        if self.withdrawn:
            document["withdrawn"] = asdict(self.withdrawn)
        document |= Version(self.files, self.published).to_json()
        if self.earlier:
            document["earlier"] = [version.to_json() for version in self.earlier]
        return document

    @property
    def id(self) -> str:
        return str(self.record["zoo"]["id"])

    def model(self, catalog: str, origin: Origin) -> Record:
        """The model, as others pull it.

        Parameters
        ----------
        catalog : str
            What its catalog is called here.
        origin : Origin
            Where ``catalog.json`` is.
        """
        files = [
            {
                "kind": file.kind,
                "urls": [f"{origin.base}/{path}" for path in (file.path, file.kept)],
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in self.files
            if file.kind in PULLED
        ]
        zoo = {key: value for key, value in self.record["zoo"].items() if key != "recipe"}
        if self.withdrawn:
            zoo["withdrawn"] = asdict(self.withdrawn)
        return Record({**self.record, "zoo": {**zoo, "files": files}}, catalog, origin)


@dataclass(frozen=True)
class Listing:
    """What a ``catalog.json`` holds.

    Attributes
    ----------
    title : str
    models : tuple of Listed
        By identity.
    """

    title: str
    models: tuple[Listed, ...]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Listing:
        """Read what was checked before."""
        models = map(Listed.from_json, document["models"])
        return cls(document["title"], tuple(sorted(models, key=lambda model: model.id)))

    def document(self) -> Document:
        models = [each.to_json() for each in self.models]
        return {"format": FORMAT, "title": self.title, "models": models}

    def to_json(self) -> bytes:
        return (json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n").encode()


def _files(documents: Iterable[Mapping[str, Any]]) -> tuple[ListedFile, ...]:
    return tuple(ListedFile(**file) for file in documents)


def parse(data: bytes, address: str) -> Listing:
    """Read a catalog that somebody else wrote.

    Parameters
    ----------
    data : bytes
    address : str
        What to call it in the error.

    Raises
    ------
    IntegrityError
        It is anything but a catalog: another format, wrong types, records that are none,
        identities that are no file names or stand for two models, files without a digest
        or outside of its folder, text with terminal control characters.
    """
    from catalog.schema import differences_of_listing

    if len(data) > LARGEST:
        raise _refused(address, f"It has {len(data)} bytes, and the limit is {LARGEST}.")
    try:
        document = foreign.parse(data)
    except ValueError as error:
        raise _refused(address, str(error)) from None
    if isinstance(document, dict) and document.get("format", FORMAT) != FORMAT:
        raise _refused(
            address, f"It has format {document['format']!r}, this version of zoo reads {FORMAT}."
        )
    for found in differences_of_listing(document)[:1]:
        raise _refused(address, f"{found.json_path}: {found.message}"[:500])
    listing = Listing.from_json(document)
    _check_identities(listing.models, address)
    return listing


def _check_identities(models: Iterable[Listed], address: str) -> None:
    """Let every identity be a file name, and mean one model, also where case means nothing."""
    seen: dict[str, Listed] = {}
    for model in models:
        if not is_safe(model.id):
            raise _refused(address, f"{model.id!r} cannot be the name of a file.")
        if model.id.lower() in seen:
            raise _refused(address, f"It lists {model.id} twice.")
        seen[model.id.lower()] = model
        kept = (file for version in model.earlier for file in version.files)
        for file in (*model.files, *kept):
            if not all(map(is_safe, file.path.split("/"))):
                raise _refused(address, f"{file.path!r} is not a path inside its folder.")
    for model in seen.values():
        name = model.record["zoo"].get("extractor", {}).get("id", "").lower()
        if name in seen and "extractor" in seen[name].record["zoo"]:
            raise _refused(address, f"{model.id} reads {name}, which is a head itself.")


def _refused(address: str, why: str) -> IntegrityError:
    return IntegrityError(
        f"{address} is not a valid catalog.",
        why=why,
        hint="Ask its publisher; zoo publish writes valid catalogs.",
    )


def resolve(word: str) -> str:
    """The address of the ``catalog.json`` that a user means by an address or a folder.

    Raises
    ------
    NotFoundError
        There is no such folder, or no catalog in it.
    IntegrityError
        Others on the way could read and change what this address gives.
    UsageError
        The address has a query, or an unknown scheme.
    """
    if path := local_path(word):
        path = path.absolute()
        file = path / FILE if path.is_dir() else path
        if not file.is_file():
            raise NotFoundError(
                f"There is no catalog in {word}.",
                why=f"There is no file {file}.",
                hint=f"To publish models there: zoo publish NAME --to {word}",
            )
        return str(file)
    parts = urlsplit(word)
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise UsageError(
            f"{word} is not the address of a catalog.",
            hint="It is https://HOST/FOLDER, or a folder here.",
        )
    if parts.scheme == "http" and not is_loopback(word):
        raise IntegrityError(
            f"{word} is not used.",
            why="Plain http does not protect the catalog and its checksums from changes.",
            hint=f"Try https://{word.partition('://')[2]}",
        )
    return word if word.endswith(".json") else f"{word.rstrip('/')}/{FILE}"
