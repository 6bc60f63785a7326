"""The same audio more than once: it would be on both sides of a fold, or in two classes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.labels import Labelled


def duplicates(rows: Sequence[Labelled]) -> dict[str, str]:
    """Find files with the same content, by their digests.

    Returns
    -------
    dict of str to str
        The files to leave out, with the reason: of the same labels all but the first, of
        different ones all.
    """
    found: dict[str, str] = {}
    for same in _alike(rows):
        first, *others = same
        if len({frozenset(row.labels) for row in same}) == 1:
            found |= {row.file: f"It has the same content as {first.file}." for row in others}
            continue
        for row in same:
            other = next(each for each in same if set(each.labels) != set(row.labels))
            labels = ", ".join(map(str, other.labels))
            found[row.file] = f"It has the same content as {other.file}, which is {labels}."
    return found


def _alike(rows: Iterable[Labelled]) -> list[list[Labelled]]:
    """Groups of files with the same content; only files of the same size are read."""
    by_size: dict[int, list[Labelled]] = defaultdict(list)
    for row in rows:
        with suppress(OSError):  # it will be told when it is heard
            by_size[Path(row.file).stat().st_size].append(row)
    by_digest: dict[str, list[Labelled]] = defaultdict(list)
    for row in (row for same in by_size.values() if len(same) > 1 for row in same):
        with suppress(OSError), Path(row.file).open("rb") as file:
            by_digest[hashlib.file_digest(file, "sha256").hexdigest()].append(row)
    return [same for same in by_digest.values() if len(same) > 1]
