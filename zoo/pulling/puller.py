"""Pulling models into the store: what is there already, what must come, and from where."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.changes import is_replaced
from catalog.download.address import local_path
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    NetworkError,
    NotFoundError,
    OfflineError,
    StorageError,
    UsageError,
)
from catalog.licenses import in_words
from catalog.manifest import Manifest, file_name, is_of, is_safe, main_file
from catalog.record import Record
from catalog.store import Store
from zoo.pulling.added_catalogs import Sources
from zoo.pulling.locking import is_as_locked
from zoo.pulling.superseded import replaced, withdrawal
from zoo.pulling.wanted import with_extractors

log = logging.getLogger("zoo")


@dataclass(frozen=True)
class Pulled:
    """A model that is in the store now.

    Attributes
    ----------
    model : Record
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

    model: Record
    path: Path
    source: str
    sha256: str
    size: int
    status: str

    def to_json(self) -> dict[str, Any]:
        """A row of the document that ``zoo pull --json`` prints."""
        return {
            "id": self.model.full_name if self.model.archive else self.model.id,
            "path": str(self.path),
            "source": self.source,
            "sha256": self.sha256,
            "size": self.size,
            "status": self.status,
        }


def pull(
    model: Record,
    store: Store,
    *,
    force: bool = False,
    from_source: bool = False,
    require_checksum: bool = False,
    mirror: str | None = None,
) -> list[Pulled]:
    """Pull a model and, before it, the extractor that it needs, unless that is there.

    Parameters
    ----------
    model : Record
    store : Store
    force : bool
        Pull both again if they are there already.
    from_source : bool
        Build it by its recipe, from its authors' own release.
    require_checksum : bool
        Refuse files whose digest nobody published.
    mirror : str, optional
        URL or folder that replaces the official address; by default ``ZOO_MIRROR``.

    Returns
    -------
    list of Pulled
        The extractor first.

    Raises
    ------
    NetworkError, IntegrityError, StorageError
        The store is as it was before.
    """
    sources = Sources(store, mirror, require_checksum)
    puller = Puller(sources, force, from_source)
    needed = [
        each
        for each in with_extractors([model])
        if each is model or force or store.manifest_of(each) is None
    ]
    return [puller.pull(each) for each in needed]


@dataclass
class Puller:
    """One run of ``zoo pull``.

    Attributes
    ----------
    sources : Sources
    force : bool
        Pull again what is there already.
    from_source : bool
        Build by recipe, from the authors' own release.
    """

    sources: Sources
    force: bool = False
    from_source: bool = False
    _licenses: set[str | None] = field(default_factory=set)

    def pull(self, model: Record) -> Pulled:
        """Pull one model, unless it is there; see ``pull`` for what it raises."""
        if model.archive:
            return self._member(model)
        manifest, status = self.installed(model), "already"
        if manifest and model.withdrawn:
            log.warning(withdrawal(model).message)
        if manifest and manifest.companion and not model.companion:
            with suppress(StorageError):  # a store of others, which nobody here frees
                self.sources.store.want(model.id)
        if manifest is None:
            try:
                manifest, status = self._install(model), "installed"
            except (NetworkError, IntegrityError) as error:
                if model.catalog is None:
                    again = f"zoo pull {model.id} --mirror URL"
                    error.hint = error.hint or f"Try another source: {again}"
                elif isinstance(error, NetworkError) and not isinstance(error, OfflineError):
                    what = "--locked" if self.sources.locked else model.id
                    elsewhere = f"If its catalog is elsewhere now: zoo pull {what} --catalog"
                    if there := _folder(model):
                        error.why = f"The catalog of {model.id} is the folder {there}."
                        error.hint = f"{elsewhere} DIR"
                    error.hint = error.hint or f"{elsewhere} URL"
                raise
            self._say_license(model, manifest.license)
            if order := self.sources.store.record(model).class_order:
                log.info(f"{model.id}: {order}")
        main, path = manifest.main, self.sources.store.network(model)
        return Pulled(model, path, manifest.source, main.sha256, main.size, status)

    def _member(self, model: Record) -> Pulled:
        """Pull the archive that a model is in."""
        from catalog.index import catalog

        archive, store = catalog().archive(model), self.sources.store
        pulled, manifest = self.pull(archive), store.manifest_of(model)
        if manifest is None:
            raise NotFoundError(
                f"The archive {archive.id} does not hold {model.id}.",
                hint=f"See what it holds: zoo ls '{archive.id}/*'",
            )
        main, path = manifest.main, store.network(model)
        return Pulled(model, path, pulled.source, main.sha256, main.size, pulled.status)

    def installed(self, model: Record) -> Manifest | None:
        """The manifest of a model that need not be pulled."""
        manifest = self.sources.store.manifest(model.id)
        if manifest is None or self.force:
            return None
        self._compare(model, manifest)
        if self.sources.locked:
            store = self.sources.store
            return manifest if is_as_locked(model, manifest, store) else None
        if self.from_source and manifest.source != "recipe":
            return None
        if manifest.source == "recipe" and not self.from_source:
            log.info(
                f"{model.id} is already installed, built from its recipe. "
                f"For the official file instead: zoo pull {model.id} --force"
            )
        return manifest

    def planned(self, model: Record) -> dict[str, Any]:
        """The row that ``pull`` would give, where known, without asking anybody."""
        manifest = self.installed(model)
        source, sha256, size = self._expected(model)
        if manifest:
            source, sha256, size = manifest.source, manifest.main.sha256, manifest.main.size
        return {
            "id": model.full_name if model.archive else model.id,
            "path": str(self.sources.store.network(model)),
            "source": source,
            "sha256": sha256,
            "size": size,
            "status": "already" if manifest else "planned",
        }

    def _expected(self, model: Record) -> tuple[str, str | None, int | None]:
        """Source, digest and size that pulling a model would have, where known."""
        file = main_file(model)
        if model.recipe and (self.from_source or file is None or not file.urls):
            return "recipe", model.recipe.sha256, model.recipe.size
        if file is None:
            return "official", None, None
        file_name(model, file)  # raises for an impossible name
        source = next(iter(self.sources.addresses(model, file).values()), "official")
        return source, next(iter(file.sha256), None), file.size

    def _compare(self, model: Record, manifest: Manifest) -> None:
        """Tell a user that the installed file of a name is another one than the model's.

        Raises
        ------
        UsageError
            A further catalog's model would take the place of another.
        """
        if self.sources.locked or not is_replaced(model, manifest):
            return
        if model.catalog and is_of(model, manifest):
            log.info(replaced(model))
            return
        again = f"zoo pull {model.full_name} --force"
        if model.catalog is None:
            log.info(
                f"{model.id} is already installed, but not from zoo's own catalog: "
                f"it came from {manifest.main.url}. "
                f"For zoo's own instead: {again}"
            )
            return
        raise UsageError(
            f"A different {model.id} is installed from the one that {model.catalog} lists.",
            why=f"It came from {manifest.main.url or 'here'}; only one file can have this name.",
            hint=f"To replace it, add --force: {again}",
        )

    def _install(self, model: Record) -> Manifest:
        if model.withdrawn:
            raise withdrawal(model)
        self.sources.store.folder(model.id)  # an impossible name is refused before all else
        file = main_file(model)
        if self.from_source or file is None or not file.urls:
            return self.sources.build(model)
        self._say_whose(model)
        try:
            return self.sources.download(model, file)
        except OfflineError:
            raise
        except ChecksumError as error:
            if model.catalog:
                error.hint = (
                    f"The catalog may have changed: zoo catalog update {model.catalog}"
                    if is_safe(model.catalog)
                    else "Ask who publishes it; its catalog and its files do not agree."
                )
            raise
        except NetworkError as error:
            if model.recipe is None or self.sources.locked:
                raise
            log.info(f"{error.message} {error.why}")
            log.info(f"Building {model.id} from its authors' own release instead.")
            return self.sources.build(model)

    def _say_whose(self, model: Record) -> None:
        """Say that a further catalog's model takes a name of zoo's own, with another file."""
        if model.catalog is None:
            return
        from catalog.index import catalog

        own = next((m for m in catalog().models if (m.id, m.catalog) == (model.id, None)), None)
        files = [file for each in (model, own) if each for file in [main_file(each)] if file]
        if own and not (len(files) == 2 and {*files[0].sha256} & {*files[1].sha256}):
            log.info(
                f"{model.id} is also a name in zoo's own catalog, but this is a different file: "
                f"the one that {model.catalog} lists."
            )

    def _say_license(self, model: Record, license: str | None) -> None:
        if license not in self._licenses:
            self._licenses.add(license)
            log.info(f"License of {model.id}: {license or 'unknown'}. {in_words(license)}")


def _folder(model: Record) -> Path | None:
    """The folder of a model's catalog, if it is one."""
    file = local_path(model.origin.address) if model.origin else None
    return file.parent if file else None
