"""The local store: which models are installed, where, and whether they are still whole."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import leftovers
from catalog.archives import HISTORY
from catalog.download.content import metadata
from catalog.exchange import exchange
from catalog.locking import locked
from catalog.manifest import MANIFEST, Manifest, checked_name, is_from, is_listed, is_of, is_safe
from catalog.record import Record
from catalog.schema import require_readable
from catalog.storage import for_group, make_folder, storage_errors, write_whole
from catalog.systems import replace_file

if TYPE_CHECKING:
    from catalog.pins import Pins


@dataclass(frozen=True)
class FileState:
    """What became of an installed file.

    Attributes
    ----------
    path : str
        Its name in the model's folder.
    status : str
        ``ok``, ``changed``, ``missing`` or ``extra``.
    """

    path: str
    status: str

    @property
    def ok(self) -> bool:
        return self.status == "ok"


@dataclass(frozen=True)
class Store:
    """A folder of models: ``models/<id>/<id>.pb``, ``<id>.json`` and ``manifest.json``.

    A manifest is written last, so that a model with a manifest is whole, and what is
    installed is known from manifests alone. A model with other files takes the place of
    one that is there in one step, where the system can.

    Attributes
    ----------
    home : Path
    """

    home: Path

    @classmethod
    def default(cls) -> Store:
        """The store in ``ZOO_HOME``, or in the platform's cache folder."""
        if home := os.environ.get("ZOO_HOME"):
            return cls(Path(home).expanduser().absolute())
        from platformdirs import user_cache_path

        return cls(user_cache_path("zoo", appauthor=False))

    @property
    def models(self) -> Path:
        """The folder of installed models."""
        return self.home / "models"

    @property
    def parts(self) -> Path:
        """The folder of what is not whole yet."""
        return self.home / "parts"

    @property
    def pins(self) -> Pins:
        from catalog.pins import Pins

        return Pins(self.home / "pins.json")

    def folder(self, id: str) -> Path:
        """The folder of a model, installed or not.

        Raises
        ------
        IntegrityError
            The identity cannot be a file name.
        """
        return self.models / checked_name(id)

    def path(self, id: str) -> Path:
        """Where the network of a model is, or will be; or the archive, if it is one."""
        manifest = self.manifest(id)
        return self.folder(id) / (manifest.main.path if manifest else f"{id}.pb")

    def manifest(self, id: str) -> Manifest | None:
        """What is known of an installed model; None if it is not, or not whole any more.

        Sizes are compared, contents are not: that is what ``verify`` is for.
        """
        manifest = self._manifest(id)
        if manifest is None:
            return None
        try:
            sizes = [(self.folder(id) / file.path).stat().st_size for file in manifest.files]
        except OSError:
            return None
        return manifest if sizes == [file.size for file in manifest.files] else None

    def network(self, model: Record) -> Path:
        """Where the network of a model is, or will be, also of one that is in an archive."""
        if model.archive:
            return self.folder(model.archive) / f"{checked_name(model.id)}{HISTORY}"
        return self.path(model.id)

    def manifest_of(self, model: Record) -> Manifest | None:
        """The manifest of a model, unless its name is taken by a file of another catalog.

        That of one that is in an archive has its own file only.
        """
        if model.archive:
            archive = self.manifest(model.archive)
            files = archive.files if archive else ()
            own = tuple(file for file in files if file.path == f"{model.id}{HISTORY}")
            return replace(archive, id=model.id, files=own) if archive and own else None
        manifest = self.manifest(model.id)
        return manifest if manifest and is_of(model, manifest) else None

    def _manifest(self, id: str) -> Manifest | None:
        try:
            manifest = Manifest.from_json((self.folder(id) / MANIFEST).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return manifest if manifest.id == id else None

    def names(self) -> list[str]:
        """The identities that have a manifest here, whole or not, sorted."""
        with storage_errors(self.models):
            if not self.models.is_dir():
                return []
            folders = [path for path in self.models.iterdir() if is_safe(path.name)]
            return sorted(path.name for path in folders if (path / MANIFEST).is_file())

    def halves(self) -> list[str]:
        """The identities of what a killed process began to install, or to remove, sorted."""
        with storage_errors(self.models):
            folders = self.models.iterdir() if self.models.is_dir() else ()
            found = [path for path in folders if path.is_dir() and is_safe(path.name)]
            return sorted(path.name for path in found if not (path / MANIFEST).is_file())

    def installed(self) -> list[Manifest]:
        """The manifests of all installed models, by name."""
        return [manifest for id in self.names() if (manifest := self.manifest(id))]

    def record(self, model: Record) -> Record:
        """The record of a model, in which the metadata pulled beside the network win.

        Of what came from the model's own published catalog, or where zoo's own catalog has
        replaced the installed file, it is the record that was installed.
        The license is that of the installed file, which may come from another source.

        Raises
        ------
        WrongKindError
            The metadata file is no JSON any more.
        """
        path = self.folder(model.id) / f"{model.id}.json"
        manifest = self.manifest_of(model)
        if manifest is None or model.archive:
            return model
        listed = is_listed(model, manifest)
        if manifest.record and (is_from(model, manifest) or not listed):
            told = {"withdrawn", *(["files"] if listed else [])} & model.zoo.keys()
            block = {**manifest.record["zoo"], **{key: model.zoo[key] for key in told}}
            document = {**manifest.record, "zoo": block}
            model = Record(document, model.catalog, manifest.origin)
        if manifest.license:
            zoo = {**model.zoo, "license": manifest.license}
            model = replace(model, document={**model.document, "zoo": zoo})
        if not path.exists():
            return model
        from catalog.upstream import with_upstream

        with storage_errors(path):
            data = path.read_bytes()
        document = metadata(data, str(path))
        if hashlib.sha256(data).hexdigest() not in {file.sha256 for file in manifest.files}:
            require_readable(document, str(path), f"Pull it again: zoo pull {model.id} --force")
        return with_upstream(model, document)

    def place(self, manifest: Manifest, contents: Mapping[str, Path | bytes]) -> None:
        """Install whole and verified files; the model exists when this returns.

        Parameters
        ----------
        manifest : Manifest
        contents : mapping of str to (Path or bytes)
            For each file of the manifest its bytes, or its path in ``parts``.

        Raises
        ------
        StorageError
        """
        folder = self.folder(manifest.id)
        with storage_errors(folder), self._held(manifest.id):
            self._replace(make_folder(folder), manifest, contents)

    def want(self, id: str) -> None:
        """Note that somebody asked for a model that came with a head."""
        folder = self.folder(id)
        with storage_errors(folder), self._held(id):
            manifest = self._manifest(id)
            if manifest and manifest.companion:
                wanted = replace(manifest, companion=False)
                write_whole(folder / MANIFEST, wanted.to_json(), self.parts)

    @contextmanager
    def _held(self, id: str) -> Iterator[None]:
        """Let no other process change a model."""
        self.tidy()
        with locked(self.parts / f"{id}.lock"):
            yield

    def tidy(self) -> None:
        """Clear away what killed processes left in `parts`; a download may go on for a month."""
        from catalog.download import part

        leftovers.sweep(self.parts)
        part.discard_unfinished(self.parts, older=part.KEPT)
        for path in self.parts.glob("*.lock"):
            with locked(path, wait=False):
                pass  # the file of a lock that nobody holds goes with this

    def _replace(
        self, folder: Path, manifest: Manifest, contents: Mapping[str, Path | bytes]
    ) -> None:
        old = self._manifest(manifest.id)
        if old is None or _same_files(old, manifest):
            self._fill(folder, manifest, contents)
            return
        new = make_folder(self.parts / leftovers.name())
        own = {MANIFEST, *(file.path for file in old.files)}
        try:
            self._fill(new, manifest, contents)
            for path in folder.iterdir():  # what somebody else put there stays
                if path.name not in own and not (new / path.name).exists():
                    path.rename(new / path.name)
            if not exchange(new, folder):
                shutil.rmtree(folder)
                new.rename(folder)
        finally:
            leftovers.remove(new)

    def _fill(self, folder: Path, manifest: Manifest, contents: Mapping[str, Path | bytes]) -> None:
        """Write the files of a model, and its manifest when they are there."""
        for name, content in contents.items():
            path = folder / checked_name(name)
            if isinstance(content, Path):
                replace_file(content, path)
                for_group(path)
            else:
                write_whole(path, content, self.parts)
        write_whole(folder / MANIFEST, manifest.to_json(), self.parts)

    def verify(self, id: str) -> list[FileState]:
        """Read every file of a model again and compare its digest with the manifest."""
        folder, manifest = self.folder(id), self._manifest(id)
        with storage_errors(folder):
            expected = {file.path: file.sha256 for file in manifest.files} if manifest else {}
            states = [
                FileState(name, _state(folder / name, sha256)) for name, sha256 in expected.items()
            ]
            known = {*expected, MANIFEST} if manifest else set()
            others = sorted(path.name for path in folder.iterdir() if path.name not in known)
        return states + [FileState(name, "extra") for name in others]

    def remove(self, id: str) -> None:
        """Remove a model, in one step; what a killed process left of it goes with the next.

        Raises
        ------
        StorageError
        """
        folder = self.folder(id)
        with storage_errors(folder), self._held(id):
            if folder.is_symlink():
                folder.unlink()
            elif folder.is_dir():
                gone = self.parts / leftovers.name()
                folder.rename(gone)
                shutil.rmtree(gone)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path, sha256: str) -> str:
    if not path.is_file():
        return "missing"
    return "ok" if sha256_of(path) == sha256 else "changed"


def _same_files(one: Manifest, other: Manifest) -> bool:
    return {(file.path, file.sha256) for file in one.files} == {
        (file.path, file.sha256) for file in other.files
    }
