"""Downloads for tests: a file, how it is fetched, and what is left of one that broke off."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.download.fetch import Fetched, fetch
from catalog.errors import NetworkError
from tests.support import misbehaving

CONTENT = bytes(range(256)) * 4096  # 1 MiB
DIGEST = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)


def download(url: str | list[str], parts: Path, **options: Any) -> tuple[Fetched, bytes]:
    urls = [url] if isinstance(url, str) else url
    options.setdefault("sha256", (DIGEST,))
    with fetch(urls, parts, **options) as fetched:
        return fetched, fetched.path.read_bytes()


def leave_half(url: str, parts: Path, server: Any, **options: Any) -> int:
    """Break a download off for good; return how much of it is left."""
    server.behaviours.extend(
        [
            misbehaving.cut(SIZE // 2),
            *[misbehaving.status(503)] * len(catalog.download.fetch.WAITS),
        ]
    )
    with pytest.raises(NetworkError):
        download(url, parts, **options)
    server.requests.clear()
    (left,) = parts.glob("*.part")
    return left.stat().st_size


def remains(parts: Path) -> list[str]:
    """What is left in the folder beside the locks, which stay."""
    return sorted(path.name for path in parts.iterdir() if path.suffix != ".lock")
