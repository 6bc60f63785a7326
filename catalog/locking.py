"""Locks that processes share: files that are there only while somebody holds them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalog.storage import for_group, make_folder

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_UNSUPPORTED = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock, or tell that another process, or thread, has it.

    Where the disk knows no locks, as some network disks do not, the file is the lock.

    Parameters
    ----------
    path : Path
        Its folder is made, if need be.
    wait : bool
        Wait until it is free.

    Yields
    ------
    bool
        Whether it is held; always, if it was waited for.
    """
    make_folder(path.parent)
    try:
        file = _flocked(path, wait) if fcntl else None
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        path.unlink(missing_ok=True)
        file = None
    else:
        if fcntl and file is None:
            yield False
            return
    if file is None:
        with _by_file(path, wait) as held:
            yield held
        return
    try:
        yield True
    finally:
        with suppress(OSError):
            path.unlink()  # while it is held: who waits for it sees that it is gone
        os.close(file)


def _flocked(path: Path, wait: bool) -> int | None:
    """The open and locked file of that name, or None if another has it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            for_group(path)
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _is_there(file, path):
                return file
        except BlockingIOError:
            os.close(file)
            return None
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _is_there(file: int, path: Path) -> bool:
    """Whether an open file is still the one of that name: who held it before removed it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _by_file(path: Path, wait: bool) -> Iterator[bool]:
    from filelock import FileLock, SoftFileLock, Timeout

    # Windows has locks of its own, which end with who held them; a file alone would stay.
    lock = (SoftFileLock if fcntl else FileLock)(f"{path}.held")
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
