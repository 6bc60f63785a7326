"""Addresses: the official one, mirrors, folders, and which of them may be asked."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from catalog.errors import NetworkError, OfflineError

OFFICIAL = "https://essentia.upf.edu/models"


def mirrored(url: str, mirror: str | None) -> str:
    """Where a mirror holds an official file; other addresses stay as they are.

    Parameters
    ----------
    url : str
    mirror : str or None
        A URL or a folder that replaces ``https://essentia.upf.edu/models``.
    """
    if mirror and url.startswith(f"{OFFICIAL}/"):
        return mirror.rstrip("/") + url.removeprefix(OFFICIAL)
    return url


def local_path(url: str) -> Path | None:
    """The path, if an address is a path or a ``file:`` URL."""
    if url.startswith("file:"):
        from urllib.request import url2pathname

        return Path(url2pathname(urlsplit(url).path))
    return None if "://" in url else Path(url).expanduser()


def host(url: str) -> str:
    """Whom an address asks; all of it, where that cannot be told."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return url


def is_loopback(url: str) -> bool:
    """Whether an address cannot leave this machine."""
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def require_online(what: str) -> None:
    """Refuse to ask the network while ``ZOO_OFFLINE`` is set.

    Raises
    ------
    OfflineError
    """
    if os.environ.get("ZOO_OFFLINE", "0") not in ("", "0"):
        raise OfflineError(
            f"{what} is not in the store, and ZOO_OFFLINE is set.",
            why="Offline mode forbids all downloads.",
            hint="Allow it for once: ZOO_OFFLINE=0 and the same command",
        )


def require_private(url: str, first: str) -> None:
    """Refuse an address that others on the way could read or change."""
    if urlsplit(url).scheme == "https":
        return
    if urlsplit(url).scheme == "http" and is_loopback(url) and is_loopback(first):
        return
    raise NetworkError(
        f"{host(first)} redirects to {url}." if url != first else f"{url} is not used.",
        why="Only https is used, or http on this machine.",
        hint="Name a mirror: --mirror https://… or a folder, or set ZOO_MIRROR",
    )
