"""Notes in the store of what trials found, which are not repeated: an empty file for each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from catalog.store import Store

TRIED = "tried"
"""The store's folder of notes."""

_made: set[str] = set()


def is_made(key: str) -> bool:
    """Whether there is a note; see `predictors.runtimes.graph.PrunedGraph.key`."""
    return key in _made or _path(key).exists()


def make(key: str) -> None:
    """Make a note, for this process at least."""
    _made.add(key)
    with suppress(OSError):  # it saves a second next time, and no more
        _path(key).parent.mkdir(parents=True, exist_ok=True)
        _path(key).touch()


def _path(key: str) -> Path:
    return Store.default().home / TRIED / key
