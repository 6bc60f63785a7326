"""Pulling models into the store: from the official address, a mirror, or a recipe."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.address import mirrored, require_online
from catalog.content import metadata
from catalog.errors import (
    ChecksumError,
    NetworkError,
    NotFoundError,
    OfflineError,
    UsageError,
    WrongKindError,
)
from catalog.fetch import LIMIT, Fetched, Tick, fetch
from catalog.licenses import in_words
from catalog.manifest import Manifest, ManifestFile, file_name, main_file, now
from catalog.record import Model, ModelFile
from catalog.store import Store

if TYPE_CHECKING:
    from rich.progress import Progress

METADATA_LIMIT = 16 << 20  # bytes; the largest known has 0.03 MB


@dataclass(frozen=True)
class Pulled:
    """A model that is in the store now.

    Attributes
    ----------
    model : Model
        Its catalog record.
    path : Path
        The network, or the archive.
    source : str
        ``official``, ``mirror`` or ``recipe``.
    sha256 : str
    size : int
        In bytes.
    status : str
        ``installed`` now, or ``already``.
    """

    model: Model
    path: Path
    source: str
    sha256: str
    size: int
    status: str


def pull(
    model: Model,
    store: Store,
    *,
    force: bool = False,
    from_source: bool = False,
    require_checksum: bool = False,
    mirror: str | None = None,
    say: Callable[[str], None] = lambda text: None,
    progress: Progress | None = None,
) -> list[Pulled]:
    """Pull a model and, before it, the extractor that it needs.

    Parameters
    ----------
    model : Model
    store : Store
    force : bool
        Pull again what is there already.
    from_source : bool
        Build it by its recipe, from its authors' own release.
    require_checksum : bool
        Refuse files whose digest nobody published.
    mirror : str, optional
        URL or folder that replaces the official address; by default ``ZOO_MIRROR``.
    say : callable
        Told what the user should know.
    progress : rich.progress.Progress, optional
        Shows the bytes.

    Returns
    -------
    list of Pulled
        The extractor first.

    Raises
    ------
    NetworkError, IntegrityError, StorageError
        The store is as it was before.
    """
    puller = Puller(store, force, from_source, require_checksum, mirror, say=say, progress=progress)
    return [puller.pull(each) for each in with_extractors([model])]


def with_extractors(models: Iterable[Model]) -> list[Model]:
    """Models and the extractors that they need, each once, extractors first."""
    found: dict[str, Model] = {}
    for model in models:
        if model.extractor:
            from catalog.index import catalog

            extractor = catalog().find(model.extractor.id)
            found.setdefault(extractor.id, extractor)
        found.setdefault(model.id, model)
    return list(found.values())


@dataclass
class Puller:
    """One run of ``zoo pull``, see ``pull`` for its attributes.

    Attributes
    ----------
    locked : bool
        The records are those of a lock: install exactly their digests.
    """

    store: Store
    force: bool = False
    from_source: bool = False
    require_checksum: bool = False
    mirror: str | None = None
    locked: bool = False
    say: Callable[[str], None] = lambda text: None
    progress: Progress | None = None
    _licenses: set[str | None] = field(default_factory=set)

    def pull(self, model: Model) -> Pulled:
        """Pull one model, unless it is there."""
        manifest, status = self.installed(model), "already"
        if manifest is None:
            manifest, status = self._install(model), "installed"
            self._say_license(model, manifest.license)
        main = manifest.main
        path = self.store.path(model.id)
        return Pulled(model, path, manifest.source, main.sha256, main.size, status)

    def installed(self, model: Model) -> Manifest | None:
        """The manifest of a model that need not be pulled."""
        manifest = self.store.manifest(model.id)
        if manifest is None or self.force:
            return None
        if self.locked:
            digests = {file.path: file.sha256 for file in manifest.files}
            same = all(digests.get(file_name(model, f)) in f.sha256 for f in model.files)
            return manifest if same else None
        if self.from_source and manifest.source != "recipe":
            return None
        if manifest.source == "recipe" and not self.from_source:
            self.say(
                f"{model.id} is there, built by its recipe. "
                f"To have the official file instead: zoo pull {model.id} --force"
            )
        return manifest

    def addresses(self, file: ModelFile) -> dict[str, str]:
        """Where to ask for a file, each with the source that it makes."""
        mirror = self.mirror or os.environ.get("ZOO_MIRROR")
        asked = ((url, mirrored(url, mirror)) for url in file.urls)
        return {there: "official" if there == url else "mirror" for url, there in asked}

    def _install(self, model: Model) -> Manifest:
        self.store.folder(model.id)  # raises for an impossible name before anything is asked
        file = main_file(model)
        if self.from_source or file is None or not file.urls:
            return self._build(model)
        try:
            return self._download(model, file)
        except OfflineError:
            raise
        except NetworkError as error:
            if model.recipe is None:
                raise
            self.say(f"{error.message} {error.why}")
            self.say(f"Building {model.id} from its authors' own release instead.")
            return self._build(model)

    def _download(self, model: Model, file: ModelFile) -> Manifest:
        name = file_name(model, file)
        with ExitStack() as held:
            fetched, checked = self._fetch_main(held, model, file, name)
            main = ManifestFile(name, fetched.url, fetched.size, fetched.sha256, checked, now())
            entry, content = self._metadata(held, model)
            source = self.addresses(file)[fetched.url]
            manifest = Manifest(model.id, source, model.license, (main, entry))
            self.store.place(manifest, {name: fetched.path, entry.path: content})
        return manifest

    def _fetch_main(
        self, held: ExitStack, model: Model, file: ModelFile, name: str
    ) -> tuple[Fetched, str]:
        if file.sha256:
            fetched = self._fetch(held, file, name, file.size, file.sha256)
            return fetched, "lock" if self.locked else "catalog"
        if self.require_checksum:
            raise ChecksumError(
                f"No digest of {name} is known.",
                why="--require-checksum was given, and the catalog has none.",
                hint=f"Build it instead: zoo pull {model.id} --from-source"
                if model.recipe
                else f"Trust the first download instead: zoo pull {model.id}",
            )
        key = f"{model.id}/{name}"
        pin = self.store.pins.read().get(key)
        try:
            known = (pin.sha256,) if pin else ()
            fetched = self._fetch(held, file, name, file.size, known)
        except WrongKindError:
            raise
        except ChecksumError as error:
            raise (self.store.pins.changed(key, pin) if pin else error) from None
        self._pin(key, fetched, new=pin is None)
        return fetched, "pinned"

    def _pin(self, key: str, fetched: Fetched, new: bool) -> None:
        self.store.pins.pin(key, fetched.sha256, fetched.size, fetched.url)
        if new:
            self.say(
                f"No digest of {key.partition('/')[2]} is published. From now on it must be "
                f"{fetched.sha256} (kept in {self.store.pins.path})."
            )

    def _metadata(self, held: ExitStack, model: Model) -> tuple[ManifestFile, Path | bytes]:
        """The published metadata, or else the catalog's own record."""
        file = model.file("json")
        if file is None:
            return self._own_record(model)
        if self.require_checksum and not file.sha256:
            self.say(f"No digest of {model.id}.json is known: the catalog's own record is used.")
            return self._own_record(model)
        name, key = file_name(model, file), f"{model.id}/{model.id}.json"
        try:
            fetched = self._fetch(held, file, name, None, (), METADATA_LIMIT)
        except NetworkError as error:
            if self.locked:
                raise
            self.say(f"{error.message} The catalog's own record is used as {name}.")
            return self._own_record(model)
        pin = None if file.sha256 else self.store.pins.read().get(key)
        metadata(fetched.path.read_bytes(), fetched.url, (pin.sha256,) if pin else file.sha256)
        if not file.sha256 and pin is None:
            self._pin(key, fetched, new=True)
        checked = "lock" if self.locked else "catalog" if file.sha256 else "pinned"
        entry = ManifestFile(name, fetched.url, fetched.size, fetched.sha256, checked, now())
        return entry, fetched.path

    def _own_record(self, model: Model) -> tuple[ManifestFile, bytes]:
        data = model.to_json().encode()
        return _made_here(f"{model.id}.json", data, "catalog"), data

    def _build(self, model: Model) -> Manifest:
        recipe = model.recipe
        if recipe is None:
            if model.files:
                raise UsageError(
                    f"{model.id} has no recipe.",
                    why="Its authors' own release is not known, or cannot be rebuilt exactly.",
                    hint=f"Pull the published file: zoo pull {model.id}",
                )
            raise NotFoundError(f"The record of {model.id} names no file to pull.")
        from freeze.recipe import build

        require_online(f"{recipe.distribution} {recipe.version}, which {model.id} is built from,")
        self.say(f"Building {model.id} from {recipe.distribution} {recipe.version} …")
        data = build(recipe, self.store.home / "wheels")
        main = _made_here(f"{model.id}.pb", data, "recipe")
        if (main.size, main.sha256) != (recipe.size, recipe.sha256):
            raise ChecksumError(
                f"The recipe of {model.id} gave another network than it should.",
                why=f"{main.size} bytes with SHA-256 {main.sha256}, "
                f"not {recipe.size} with {recipe.sha256}.",
                hint=f"Pull the published file instead: zoo pull {model.id}",
            )
        entry, record = self._own_record(model)
        manifest = Manifest(model.id, "recipe", recipe.license, (main, entry))
        self.store.place(manifest, {main.path: data, entry.path: record})
        return manifest

    def _fetch(
        self,
        held: ExitStack,
        file: ModelFile,
        name: str,
        size: int | None,
        sha256: tuple[str, ...],
        limit: int = LIMIT,
    ) -> Fetched:
        urls, tick = list(self.addresses(file)), self._tick(held, name)
        return held.enter_context(
            fetch(urls, self.store.parts, size=size, sha256=sha256, limit=limit, tick=tick)
        )

    def _tick(self, held: ExitStack, name: str) -> Tick | None:
        progress = self.progress
        if progress is None:
            return None
        task = progress.add_task(name, total=None)
        held.callback(progress.remove_task, task)
        return lambda done, total: progress.update(task, completed=done, total=total)

    def _say_license(self, model: Model, license: str | None) -> None:
        if license not in self._licenses:
            self._licenses.add(license)
            self.say(f"License of {model.id}: {license or 'unknown'}. {in_words(license)}")


def _made_here(name: str, data: bytes, checked: str) -> ManifestFile:
    return ManifestFile(name, None, len(data), hashlib.sha256(data).hexdigest(), checked, now())
