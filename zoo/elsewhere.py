"""Models that were pickled here and are used on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import IntegrityError, NotFoundError

if TYPE_CHECKING:
    from catalog.record import Record

received: dict[str, Path] = {}
"""Networks that came with the work, by their digests."""


def from_catalog(record: Record, sha256: str) -> Path:
    """The network of a model of the catalog, pulled if it is not in the store here.

    Raises
    ------
    IntegrityError
        It is another one than that which was pickled.
    NetworkError, StorageError
    """
    from freeze.network_file import runnable
    from zoo.pulling.ready import pulled

    path, *_ = pulled(record)
    found = runnable(path).sha256
    if found != sha256:
        raise IntegrityError(
            f"{record.id} is another network here than where the work was begun.",
            why=f"Its SHA-256 is {found}, not {sha256}.",
            hint=f"Pull it again on both machines: zoo pull {record.id} --force",
        )
    return path


def from_sender(record: Record, sha256: str) -> Path:
    """The network of somebody's own model, which came with the work.

    Raises
    ------
    NotFoundError
        It did not.
    """
    if sha256 not in received:
        raise NotFoundError(
            f"The network of {record.id} is not on this machine.",
            hint=f"Put it where it was, or publish it: zoo publish {record.id}.json --to DIR",
        )
    return received[sha256]
