"""The sources of a model: the official address or a mirror of it, and the recipe."""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from catalog.archives import histories, is_archive
from catalog.download.address import mirrored
from catalog.download.content import metadata
from catalog.download.fetch import LIMIT, Fetched, Tick, fetch
from catalog.errors import ChecksumError, NetworkError, NotFoundError, UsageError, WrongKindError
from catalog.fields import ModelFile
from catalog.manifest import Manifest, ManifestFile, file_name, now
from catalog.pins import Pin
from catalog.record import Record
from catalog.schema import require_readable
from catalog.store import Store

log = logging.getLogger("zoo")

METADATA_LIMIT = 16 << 20  # bytes; the largest known has 0.03 MB


@dataclass(frozen=True)
class Sources:
    """Where models may come from, and what is believed of them.

    Attributes
    ----------
    store : Store
    mirror : str or None
        URL or folder that replaces the official address; by default ``ZOO_MIRROR``.
    require_checksum : bool
        Refuse files whose digest nobody published.
    locked : bool
        The records are those of a lock: exactly their files, or none.
    moved : str or None
        URL or folder where the published catalogs of these models are now.
    """

    store: Store
    mirror: str | None = None
    require_checksum: bool = False
    locked: bool = False
    moved: str | None = None

    def addresses(self, model: Record, file: ModelFile) -> dict[str, str]:
        """Where to ask for a file, each with the source that it makes.

        A mirror of the official server replaces all other addresses, too.
        """
        mirror = self.mirror or os.environ.get("ZOO_MIRROR")
        asked = [(url, mirrored(url, mirror)) for url in file.urls]
        asked = [(url, there) for url, there in asked if url != there] or asked
        own = "mirror" if model.catalog else "official"
        found = {there: own if there == url else "mirror" for url, there in asked}
        if self.moved is None or model.origin is None:
            return found
        base = model.origin.base
        moved = [self.moved + url.removeprefix(base) for url in file.urls if url.startswith(base)]
        return dict.fromkeys(moved, own) | found

    def download(self, model: Record, file: ModelFile) -> Manifest:
        """Install the published file of a model and its metadata.

        Raises
        ------
        NetworkError
            No address gave the file.
        IntegrityError
            One gave another file.
        StorageError
        """
        name = file_name(model, file)
        with ExitStack() as held:
            main, path = self._network(held, model, file, name)
            entry, content = self._metadata(held, model)
            source = self.addresses(model, file)[str(main.url)]
            unpacked = histories(path) if is_archive(model) else {}
            inside = [
                _made_here(each, data, "archive", "history") for each, data in unpacked.items()
            ]
            manifest = self._manifest(model, source, model.license, main, entry, *inside)
            self.store.place(manifest, {name: path, entry.path: content, **unpacked})
        return manifest

    def build(self, model: Record) -> Manifest:
        """Build a model by its recipe, from its authors' own release, and install it.

        Raises
        ------
        UsageError
            It has no recipe.
        ChecksumError
            The result is not the recorded one.
        """
        recipe = model.recipe
        if recipe is None:
            if model.files:
                raise UsageError(
                    f"{model.id} has no recipe.",
                    why="Its authors' own release is not known, or cannot be rebuilt exactly.",
                    hint=f"Pull the published file: zoo pull {model.id}",
                )
            raise NotFoundError(f"The record of {model.id} lists no file to download.")
        from freeze.recipe import build

        log.info(f"Building {model.id} from {recipe.distribution} {recipe.version} …")
        data = build(recipe, self.store.home / "wheels")
        main = _made_here(f"{model.id}.pb", data, "recipe", "pb")
        if (main.size, main.sha256) != (recipe.size, recipe.sha256):
            raise ChecksumError(
                f"The recipe of {model.id} produced a different network than expected.",
                why=f"{main.size} bytes with SHA-256 {main.sha256}, "
                f"not {recipe.size} with {recipe.sha256}.",
                hint=f"Pull the published file instead: zoo pull {model.id}",
            )
        entry, record = _own_record(model)
        manifest = self._manifest(model, "recipe", recipe.license, main, entry)
        self.store.place(manifest, {main.path: data, entry.path: record})
        return manifest

    def _manifest(
        self, model: Record, source: str, license: str | None, *files: ManifestFile
    ) -> Manifest:
        old, record = self.store.manifest(model.id), model.published.document
        companion = model.companion and (old is None or old.companion)
        return Manifest(model.id, source, license, files, record, model.origin, companion)

    def _network(
        self, held: ExitStack, model: Record, file: ModelFile, name: str
    ) -> tuple[ManifestFile, Path]:
        """Fetch the network (or archive), checked by its digest or by the first download's."""
        if self.require_checksum and not file.sha256:
            raise ChecksumError(
                f"{name} has no known checksum.",
                why="--require-checksum was given, but the catalog has none.",
                hint=f"Build it instead: zoo pull {model.id} --from-source"
                if model.recipe
                else f"Trust the first download instead: zoo pull {model.id}",
            )
        pin = self._pin(model, file)
        known = (pin.sha256,) if pin else file.sha256
        try:
            fetched = self._fetch(held, model, file, file.size, known)
        except WrongKindError:
            raise
        except ChecksumError:
            if pin:
                raise self.store.pins.changed(_key(model, file), pin) from None
            raise
        return self._entry(model, file, fetched), fetched.path

    def _metadata(self, held: ExitStack, model: Record) -> tuple[ManifestFile, Path | bytes]:
        """Fetch the published metadata, or take the catalog's own record."""
        file = model.file("json")
        if file is None:
            return _own_record(model)
        name = file_name(model, file)
        if self.require_checksum and not file.sha256:
            log.info(f"{name} has no known checksum: the catalog's own record is used.")
            return _own_record(model)
        try:
            # Without digest and size: another layout of the same content is as good.
            fetched = self._fetch(held, model, file, None, (), METADATA_LIMIT)
        except NetworkError as error:
            if self.locked:
                raise
            log.info(f"{error.message} The catalog's own record is used as {name}.")
            return _own_record(model)
        pin, data = self._pin(model, file), fetched.path.read_bytes()
        try:
            document = metadata(data, fetched.url, (pin.sha256,) if pin else file.sha256)
        except ChecksumError:
            if pin:
                raise self.store.pins.changed(_key(model, file), pin) from None
            raise
        require_readable(document, fetched.url)
        return self._entry(model, file, fetched), fetched.path

    def _pin(self, model: Record, file: ModelFile) -> Pin | None:
        """What the first download of a file was, if nobody published its digest."""
        return None if file.sha256 else self.store.pins.read().get(_key(model, file))

    def _entry(self, model: Record, file: ModelFile, fetched: Fetched) -> ManifestFile:
        """Note how a file was checked; if by nothing, let it be what later ones must be."""
        name = file_name(model, file)
        checked = "lock" if self.locked else "catalog"
        if not file.sha256:
            checked = "pinned"
            if self._pin(model, file) is None:
                self.store.pins.pin(_key(model, file), fetched.sha256, fetched.size, fetched.url)
                if file.kind != "json":
                    log.info(
                        f"{name} has no published checksum. From now on it must be "
                        f"{fetched.sha256} (kept in {self.store.pins.path})."
                    )
        return ManifestFile(
            name, fetched.url, fetched.size, fetched.sha256, checked, now(), file.kind, file.urls
        )

    def _fetch(
        self,
        held: ExitStack,
        model: Record,
        file: ModelFile,
        size: int | None,
        sha256: tuple[str, ...],
        limit: int = LIMIT,
    ) -> Fetched:
        urls, tick = list(self.addresses(model, file)), _tick(held, file_name(model, file))
        return held.enter_context(
            fetch(urls, self.store.parts, size=size, sha256=sha256, limit=limit, tick=tick)
        )


def _tick(held: ExitStack, name: str) -> Tick | None:
    """Log the bytes of a file that have come, for whoever shows progress."""
    if not log.isEnabledFor(logging.DEBUG):
        return None

    def tick(done: int | None, total: int | None) -> None:
        log.debug(name, extra={"done": done, "total": total})

    held.callback(tick, None, None)
    return tick


def _key(model: Record, file: ModelFile) -> str:
    """The name of a file in the store's pins."""
    return f"{model.id}/{file_name(model, file)}"


def _own_record(model: Record) -> tuple[ManifestFile, bytes]:
    data = model.published.to_json().encode()
    return _made_here(f"{model.id}.json", data, "catalog", "json"), data


def _made_here(name: str, data: bytes, checked: str, kind: str) -> ManifestFile:
    sha256 = hashlib.sha256(data).hexdigest()
    return ManifestFile(name, None, len(data), sha256, checked, now(), kind)
