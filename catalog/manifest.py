"""What the store knows of an installed model: its files, and how each one was checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from catalog.errors import IntegrityError
from catalog.fields import ModelFile, Origin
from catalog.foreign import parse_object, require_text
from catalog.record import Document, Record
from catalog.systems import is_device

# Identities and file names become paths, and a record may come from anywhere.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*")
_LONGEST = 200
MANIFEST = "manifest.json"


def is_safe(name: str) -> bool:
    """Whether a name can become a file name, here and on every other platform."""
    taken = name in (MANIFEST, MANIFEST.removesuffix(".json"))
    plain = _NAME.fullmatch(name) is not None and not is_device(name)
    return len(name) <= _LONGEST and not taken and plain


def checked_name(name: str) -> str:
    """Return a name that can safely become a path.

    Raises
    ------
    IntegrityError
        Separators, ``..``, a leading dot, or anything else unusual in a file name.
    """
    if not is_safe(name):
        raise IntegrityError(
            f"{name[:_LONGEST]!r} cannot be the name of a model or of its file.",
            why="It is not a plain file name, or Windows keeps it for a device.",
            hint="Check the record it comes from; ZOO_CATALOG lists your own folders.",
        )
    return name


def now() -> str:
    """The time in UTC, to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class ManifestFile:
    """One file of an installed model.

    Attributes
    ----------
    path : str
        Its name in the model's folder.
    url : str or None
        Where it came from; None if it was made here.
    size : int
        In bytes.
    sha256 : str
    checked : str
        By what it was checked: ``catalog``, ``lock``, ``recipe``, ``archive`` (that it was
        unpacked from) or ``pinned`` (no digest was known; the first download set it).
    time : str
        When, ISO 8601.
    kind : str
        As in a record; empty where version 0.1 did not keep it.
    urls : tuple of str
        Where its publisher has it, whatever mirror was asked; none of what was made here.
    """

    path: str
    url: str | None
    size: int
    sha256: str
    checked: str
    time: str
    kind: str = ""
    urls: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ManifestFile:
        require_text(document, "path", "sha256", "checked", "time", optional=["url"])
        urls = tuple(document.get("urls", ()))
        if type(document["size"]) is not int or not all(isinstance(url, str) for url in urls):
            raise TypeError("a size that is no number, or an address that is no text")
        if not isinstance(document.get("kind", ""), str):
            raise TypeError("a kind that is no text")
        return cls(**{**document, "urls": urls})


@dataclass(frozen=True)
class Manifest:
    """An installed model.

    Attributes
    ----------
    id : str
    source : str
        ``official``, ``mirror`` or ``recipe``.
    license : str or None
        Of these files: a recipe's checkpoint may have another than the published file.
    files : tuple of ManifestFile
        The network (or archive) first.
    record : dict or None
        As it was when the model was installed; None where version 0.1 did not keep it.
    origin : Origin or None
        The published catalog it came from; None for zoo's own.
    companion : bool
        Whether nobody asked for it: it came with a head that reads its embeddings.
    """

    id: str
    source: str
    license: str | None
    files: tuple[ManifestFile, ...]
    record: Document | None = None
    origin: Origin | None = None
    companion: bool = False

    @property
    def main(self) -> ManifestFile:
        """The network itself, or the archive."""
        return self.files[0]

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read a manifest; raise ValueError, KeyError or TypeError if it is none."""
        document = parse_object(text)
        files = tuple(map(ManifestFile.from_json, document["files"]))
        if not files or not all(is_safe(file.path) for file in files):
            raise ValueError("no files, or files with impossible names")
        origin, record = document.get("origin"), document.get("record")
        if record is not None and not isinstance(record, dict):
            raise ValueError("a record that is none")
        require_text(document, "id", "source", optional=["license"])
        if origin:
            require_text(origin, "address", optional=["sha256"])
        return cls(
            document["id"],
            document["source"],
            document["license"],
            files,
            record,
            Origin(**origin) if origin else None,
            document.get("companion") is True,
        )

    def completed(self, model: Record) -> Manifest:
        """Add what version 0.1 did not keep, from the record of the same model."""
        known = {file_name(model, file): file for file in model.files if file.urls}
        files = tuple(
            replace(file, kind=there.kind, urls=there.urls if file.url else ())
            if (there := known.get(file.path))
            else replace(file, kind=file.path.rpartition(".")[2])
            for file in self.files
        )
        document = model.published.document
        if self.source != "recipe":  # a license may have been named otherwise since
            document = {**document, "zoo": {**document["zoo"], "license": self.license}}
        return replace(self, files=files, record=document, origin=model.origin)

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode()


def main_file(model: Record) -> ModelFile | None:
    """The file of a record that is the model itself: the network, or else an archive."""
    others = (file for file in model.files if file.kind != "json")
    return model.file("pb") or model.file("archive") or next(others, None)


def is_listed(model: Record, manifest: Manifest) -> bool:
    """Whether an installed file is one that a record lists, as far as digests are known."""
    file = main_file(model)
    known = {*(file.sha256 if file else ()), *([model.recipe.sha256] if model.recipe else ())}
    return not known or manifest.main.sha256 in known


def is_of(model: Record, manifest: Manifest) -> bool:
    """Whether what is installed under a model's name is this model, if perhaps an earlier one.

    A name of a further catalog may be taken by a file of another catalog. A name of zoo's own
    stands for whatever has its place.
    """
    if model.catalog is None or (is_listed(model, manifest) and not model.withdrawn):
        return True
    return is_from(model, manifest)


def is_from(model: Record, manifest: Manifest) -> bool:
    """Whether what is installed came from the published catalog that a model is of."""
    one, other = model.origin, manifest.origin
    return one is not None and other is not None and one.address == other.address


def file_name(model: Record, file: ModelFile) -> str:
    """The name of a record's file in the store.

    Raises
    ------
    IntegrityError
        It cannot be a file name.
    """
    own = file.kind in ("pb", "json")
    return checked_name(f"{model.id}.{file.kind}" if own else file.name)
