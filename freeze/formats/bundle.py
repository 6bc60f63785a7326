"""The files of a model that has several, in a folder or a zip archive, read with distrust."""

from __future__ import annotations

import errno
import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from catalog.errors import IntegrityError, NotFoundError, StorageError

LARGEST = 1 << 31
"""Bytes of one file."""

MOST_MEMBERS = 10_000

SMALL = 1 << 24
"""Bytes that an archive may always hold; weights hardly shrink, so that one which holds
more than `MOST_SHRUNK` times its own bytes is not a model."""

MOST_SHRUNK = 4


_MEMBER = b"PK\x01\x02"  # begins the description of a member
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError),
)


class Bundle:
    """Files under relative names.

    Parameters
    ----------
    path : Path
        A folder or a zip archive.

    Attributes
    ----------
    names : tuple of str
        The files of the archive, or right in the folder, sorted.

    Raises
    ------
    NotFoundError, StorageError
        It is missing or cannot be read.
    IntegrityError
        An archive that is damaged, or has names that lead out of it, links, or members
        that are absurdly larger than their compressed bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _translated_errors(path):
            self._members = None if path.is_dir() else _members(path)
            self.names = tuple(sorted(_files(path) if self._members is None else self._members))

    def size(self, name: str) -> int:
        """The size of a file, in bytes.

        Raises
        ------
        IntegrityError
            No such file, a link, or a name that leads out of the bundle.
        """
        with _translated_errors(self.path):
            if self._members is not None:
                return self._members[self._known(name)].file_size
            return (self.path / self._known(name)).stat().st_size

    def read(self, name: str, limit: int = LARGEST) -> bytes:
        """Read a file of at most `limit` bytes.

        Raises
        ------
        IntegrityError
            As `size`, and if the file is larger or damaged.
        """
        if self.size(name) > limit:
            raise IntegrityError(
                f"{name} in {self.path} is too large.",
                why=f"It has {self.size(name)} bytes; {limit} are expected at most.",
            )
        with _translated_errors(self.path):
            if self._members is None:
                return (self.path / name).read_bytes()
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as member:
                data = member.read(limit + 1)
        if len(data) != self.size(name):
            raise IntegrityError(f"{name} in {self.path} is not as long as the archive says.")
        return data

    def _known(self, name: str) -> str:
        checked(name)
        if self._members is not None:
            there = name in self._members
        else:
            there = (self.path / name).is_file()
            if any(part.is_symlink() for part in _parts(self.path, name)):
                raise IntegrityError(
                    f"{name} in {self.path} is a link.", why="Links are not followed."
                )
        if not there:
            raise IntegrityError(f"{self.path} has no file {name}.")
        return name


def checked(name: object) -> str:
    """Accept a relative name that stays inside.

    Raises
    ------
    IntegrityError
    """
    if not isinstance(name, str) or not name or "\\" in name or "\0" in name or ":" in name:
        raise IntegrityError(f"{name!r} is not a file name.")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise IntegrityError(f"The name {name} points outside the model's folder.")
    return name


@contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    """Raise errors of the file system and of archives as those of `catalog.errors`."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"There is no file {path}.") from None
    except _DAMAGED as error:
        raise IntegrityError(f"{path} is a damaged archive.", why=str(error)) from None
    except OSError as error:
        if error.errno == errno.EINVAL:  # an archive that says that it begins before its file
            raise IntegrityError(f"{path} is a damaged archive.") from None
        raise StorageError(f"{path} cannot be read.", why=str(error.strerror)) from None


def _files(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if not file.is_dir()]


def _parts(folder: Path, name: str) -> Iterator[Path]:
    for part in PurePosixPath(name).parts:
        folder = folder / part
        yield folder


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = sum(1 for _ in re.finditer(re.escape(_MEMBER), data))
    if found > MOST_MEMBERS:  # each takes a thousand bytes in memory, once it is read
        raise IntegrityError(f"{path} is not opened.", why=f"It holds {found} files.")
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    for member in members:
        checked(member.filename)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise IntegrityError(f"{member.filename} in {path} is a link.")
        if member.compress_type not in _METHODS:
            raise IntegrityError(f"{member.filename} in {path} is compressed in an unusual way.")
        if member.flag_bits & 1:
            raise IntegrityError(f"{member.filename} in {path} is encrypted.")
    size, total = path.stat().st_size, sum(member.file_size for member in members)
    if total > max(SMALL, MOST_SHRUNK * size):
        raise IntegrityError(
            f"{path} is not opened.", why=f"Its {size} bytes claim to hold {total}."
        )
    return {member.filename: member for member in members if not member.is_dir()}
