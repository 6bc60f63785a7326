"""A download that may be unfinished, and that no two processes share."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.locking import locked
from catalog.storage import for_group, make_folder, storage_errors, write_whole

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK = 1 << 20
KEPT = 30 * 86_400
"""Seconds for which an unfinished download waits to be gone on with."""


@dataclass(frozen=True)
class Part:
    """The bytes of a download so far, and what its server needs to continue it.

    Attributes
    ----------
    path : Path
    """

    path: Path

    @property
    def _state(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    @property
    def size(self) -> int:
        """In bytes."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def age(self) -> float:
        """Seconds since something was added."""
        with suppress(FileNotFoundError):
            return time.time() - self.path.stat().st_mtime
        return 0

    def validator(self, url: str) -> str | None:
        """What the server at this address called the version that was begun, if it did."""
        with suppress(OSError, ValueError, KeyError):
            state = json.loads(self._state.read_bytes())
            if state["url"] == url:
                validator: str | None = state["validator"]
                return validator
        return None

    def begin(self, url: str, validator: str | None) -> None:
        """Forget the bytes so far and begin a new version."""
        self.path.write_bytes(b"")
        for_group(self.path)
        write_whole(self._state, json.dumps({"url": url, "validator": validator}).encode())

    def discard(self) -> None:
        self._state.unlink(missing_ok=True)  # alone, it would stay for ever
        self.path.unlink(missing_ok=True)

    def hash(self) -> _Hash:
        """SHA-256 of the bytes so far, to be continued."""
        digest = hashlib.sha256()
        if self.size:
            with self.path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
        return digest

    def head(self, length: int) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as file:
            return file.read(length)


@contextmanager
def own_part(folder: Path, key: str) -> Iterator[Part]:
    """Hold a part file for ``key`` that no other process writes.

    Who does not get the first gets the next one. What a killed process left is
    continued by whoever gets it, or removed when somebody has the whole file.

    Raises
    ------
    StorageError
    """
    for number in count():
        part = Part(folder / (f"{key}.{number}.part" if number else f"{key}.part"))
        with _own(part) as mine:
            if not mine:
                continue
            yield part
            part.discard()
        break
    for path in folder.glob(f"{key}*.part"):
        with _own(Part(path)) as mine:
            if mine:
                Part(path).discard()


def unfinished(folder: Path) -> int:
    """The size of all unfinished downloads in a folder, in bytes."""
    return sum(Part(path).size for path in folder.glob("*.part"))


def discard_unfinished(folder: Path, older: float = 0) -> int:
    """Remove unfinished downloads that no process is working on; return their size in bytes.

    Parameters
    ----------
    folder : Path
    older : float
        Only those that so many seconds have passed for since something was added.
    """
    freed = 0
    for path in folder.glob("*.part"):
        with _own(Part(path)) as mine:
            if mine and Part(path).age >= older:
                freed += Part(path).size
                Part(path).discard()
    return freed


@contextmanager
def _own(part: Part) -> Iterator[bool]:
    """Take a part's lock, or tell that another process has it."""
    with ExitStack() as held:
        with storage_errors(part.path):
            make_folder(part.path.parent)
            lock = part.path.with_name(f"{part.path.name}.lock")
            mine = held.enter_context(locked(lock, wait=False))
        yield mine
