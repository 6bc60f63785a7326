"""Locks on what a run writes, so that no other run writes it too."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from catalog import locking
from catalog.errors import UsageError
from catalog.storage import ELSEWHERE, storage_errors


def locked(target: Path, journal: Path) -> ExitStack:
    """Hold the lock on a table, beside its journal, until this is closed or its process ends.

    Raises
    ------
    UsageError
        Another run holds it.
    StorageError
    """
    held = ExitStack()
    with storage_errors(target, ELSEWHERE):
        lock = journal.with_name(f".{journal.name}.lock")
        if not held.enter_context(locking.locked(lock, wait=False)):
            raise UsageError(
                f"Another run is writing {target}.",
                hint="Wait until it is done, or write elsewhere: --output PATH",
            )
    return held
