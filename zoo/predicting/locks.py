"""Locks on what a run writes, so that no other run writes it too."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from catalog.errors import UsageError
from catalog.storage import ELSEWHERE, storage_errors


def locked(target: Path, journal: Path) -> BaseFileLock:
    """The lock on a table, beside its journal; it goes with the process that holds it.

    Raises
    ------
    UsageError
        Another run holds it.
    StorageError
    """
    path = journal.with_name(f".{journal.name}.lock")
    lock: BaseFileLock = FileLock(path)
    with storage_errors(target, ELSEWHERE):
        journal.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                lock.acquire(timeout=0)
            except OSError as error:
                if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP):
                    raise
                path.unlink(missing_ok=True)
                # A network drive may know no locks: that a file exists must do there.
                lock = SoftFileLock(path.with_suffix(".held"))
                lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(
                f"Another run is writing {target}.",
                hint="Wait until it is done, or write elsewhere: --output PATH",
            ) from None
    return lock


def release(lock: BaseFileLock) -> None:
    """Let other runs write, and leave no file behind."""
    if lock.is_locked and not isinstance(lock, SoftFileLock):
        with suppress(OSError):  # Windows removes no open file
            Path(lock.lock_file).unlink()
    lock.release()
