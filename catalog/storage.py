"""Files that are written whole or not at all, and what a disk can answer, in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from catalog.errors import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what goes wrong on the disk around ``path`` into a StorageError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message, hint = f"The disk of {path} is full.", "Free some space and run this again."
        else:
            message, hint = f"{path} cannot be used.", "Choose another store: export ZOO_HOME=…"
        raise StorageError(message, why=error.strerror or str(error), hint=hint) from error


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
    with storage_errors(path):
        folder = staging or path.parent
        folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{uuid4().hex}.tmp"
        try:
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
