"""Folders on a disk, and behind addresses that fsspec knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from catalog.errors import StorageError, ZooError
from catalog.storage import ELSEWHERE, make_folder, storage_errors, unfinished
from zoo.addresses import is_address, located


class Folder(Protocol):
    """A place of files that are written whole or not at all."""

    def names(self) -> list[str]:
        """The files in it, sorted; none where it does not exist."""

    def open(self, name: str) -> BinaryIO:
        """Open a file to read at any place."""

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place of one of that name."""

    def remove(self, name: str) -> None:
        """Remove a file."""


def folder(place: str) -> Folder:
    """The folder at a path or an address.

    Raises
    ------
    MissingExtraError
        An address needs fsspec, or the package that knows its protocol.
    """
    return Remote(place) if is_address(place) else Local(Path(place))


@dataclass(frozen=True)
class Local:
    """A folder on this machine's disks."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path}"

    def names(self) -> list[str]:
        with self._errors():
            if not self.path.exists():
                return []
            return sorted(each.name for each in self.path.iterdir() if each.is_file())

    def open(self, name: str) -> BinaryIO:
        with self._errors():
            return (self.path / name).open("rb")

    def write(self, name: str, data: bytes) -> None:
        with self._errors():
            make_folder(self.path)
            with unfinished(self.path / name) as made:
                made.write_bytes(data)

    def remove(self, name: str) -> None:
        with self._errors():
            (self.path / name).unlink(missing_ok=True)

    def _errors(self) -> Any:
        return storage_errors(self.path, ELSEWHERE)


@dataclass(frozen=True)
class Remote:
    """A folder behind an address; an object store puts objects in place whole."""

    address: str

    def __str__(self) -> str:
        return self.address

    def names(self) -> list[str]:
        system, root = self._place
        with self._errors():
            system.invalidate_cache()
            try:
                found = system.ls(root, detail=True)
            except FileNotFoundError:
                return []
            names = (each["name"].rpartition("/")[2] for each in found if each["type"] == "file")
            return sorted(filter(None, names))

    def open(self, name: str) -> BinaryIO:
        system, root = self._place
        with self._errors():
            file: BinaryIO = system.open(f"{root}/{name}", "rb")
            return file

    def write(self, name: str, data: bytes) -> None:
        system, root = self._place
        with self._errors():
            system.pipe_file(f"{root}/{name}", data)

    def remove(self, name: str) -> None:
        system, root = self._place
        with self._errors():
            system.rm_file(f"{root}/{name}")

    @cached_property
    def _place(self) -> tuple[Any, str]:
        system, root = located(self.address)
        return system, root.rstrip("/")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Each protocol has its own errors: none of them is a bug here."""
        try:
            yield
        except ZooError:
            raise
        except Exception as error:
            raise StorageError(
                f"{self.address} cannot be used.", why=str(error) or type(error).__name__
            ) from error
