"""Files that are written whole or not at all, and what a disk can answer, in words."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalog import leftovers
from catalog.errors import NotFoundError, StorageError, WrongKindError
from catalog.systems import replace_file

ELSEWHERE = "Choose a place that can be written to: --output PATH"

_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def storage_errors(
    path: Path, hint: str = "Choose another store: export ZOO_HOME=…"
) -> Iterator[None]:
    """Turn what goes wrong on the disk around ``path`` into a StorageError with a hint."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message, hint = f"The disk of {path} is full.", "Free some space and run this again."
        else:
            message = f"{path} cannot be used."
        raise StorageError(message, why=error.strerror or str(error), hint=hint) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Tell what goes wrong while a file is read that a user named.

    Raises
    ------
    NotFoundError
        There is no such file.
    WrongKindError
        A folder, or a device or pipe, which may never end.
    StorageError
        It cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
            raise WrongKindError(f"{path} is not a file.", why=f"It is {what}.")
        yield
    except OSError as error:
        if error.errno in _MISSING:
            raise NotFoundError(f"There is no file {path}.") from None
        raise StorageError(f"{path} cannot be read.", why=error.strerror or str(error)) from None


def write_whole(path: Path, data: bytes, staging: Path | None = None) -> None:
    """Write a file so that it is seen either whole or not at all.

    Parameters
    ----------
    path : Path
    data : bytes
    staging : Path, optional
        Folder in the same file system for the unfinished file; beside ``path`` if absent.

    Raises
    ------
    StorageError
    """
    with storage_errors(path), unfinished(path, staging) as made, made.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def unfinished(path: Path, staging: Path | None = None) -> Iterator[Path]:
    """A place to write to, from which a file takes its own place at the end; see `write_whole`."""
    folder = make_folder(staging or path.parent)
    make_folder(path.parent)
    leftovers.sweep(folder)
    made = folder / leftovers.name(".tmp")
    try:
        yield made
        for_group(made)
        replace_file(made, path)
    finally:
        made.unlink(missing_ok=True)


def make_folder(path: Path) -> Path:
    """Make a folder, and those above it; in a group's folder, they are the group's, too."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        for_group(path)
    return path


def for_group(path: Path) -> None:
    """Let a group read and write what is in its folder, one with setgid, under any umask."""
    shared = stat.S_ISGID | stat.S_IWGRP
    if sys.platform == "win32" or path.parent.stat().st_mode & shared != shared:
        return
    mode = path.stat().st_mode
    wanted = mode | stat.S_IRGRP | stat.S_IWGRP
    if stat.S_ISDIR(mode):
        wanted |= stat.S_IXGRP | stat.S_ISGID
    if wanted != mode:
        with suppress(PermissionError):  # it is another member's, who sees to it
            path.chmod(stat.S_IMODE(wanted))


def save(path: Path, data: bytes) -> None:
    """Write a file that the user asked for, whole or not at all.

    Raises
    ------
    StorageError
    """
    try:
        write_whole(path, data)
    except StorageError as error:
        error.hint = "Choose another place to write to."
        raise
