"""Notes in the store of what was found out, which is not done again: a small file for each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from catalog.errors import StorageError
from catalog.storage import write_whole
from catalog.store import Store

TRIED = "tried"
"""The store's folder of notes."""

_made: dict[str, str] = {}


def is_made(key: str) -> bool:
    """Whether there is a note; see `predictors.runtimes.graph.PrunedGraph.key`."""
    return key in _made or _path(key).exists()


def told(key: str) -> str:
    """What a note says; nothing if there is none."""
    with suppress(OSError, UnicodeError):
        return _made.get(key) or _path(key).read_text("utf-8")
    return ""


def make(key: str, text: str = "") -> None:
    """Make a note, for this process at least."""
    _made[key] = text
    with suppress(OSError, StorageError):  # it saves a second next time, and no more
        write_whole(_path(key), text.encode(), Store.default().parts)


def _path(key: str) -> Path:
    return Store.default().home / TRIED / key
