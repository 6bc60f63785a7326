"""A record, and a store and a server for it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from catalog.download.address import OFFICIAL
from catalog.record import Record
from catalog.store import Store
from zoo.pulling.puller import Pulled, pull

NETWORK = b"\n\x07network" * 1000
METADATA = json.dumps({"name": "M", "classes": ["b", "a"]}, indent=4).encode()
LICENSE = "CC-BY-NC-SA-4.0"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def record(
    pb: dict[str, Any] | None = None, json: dict[str, Any] | None = None, **zoo: Any
) -> Record:
    """A record whose files are at the official address."""
    files = [
        {"kind": "pb", "urls": [f"{OFFICIAL}/m/m-1.pb"], "sha256": sha256(NETWORK), **(pb or {})},
        {"kind": "json", "urls": [f"{OFFICIAL}/m/m-1.json"], **(json or {})},
    ]
    block = {"id": "m-1", "license": LICENSE, "files": files, **zoo}
    return Record({"name": "M", "classes": ["a", "b"], "zoo": block})


class Session:
    """A store, a server that mirrors the official address, and what was said."""

    def __init__(self, store: Store, server: Any, log: pytest.LogCaptureFixture) -> None:
        self.store = store
        self.server = server
        self.log = log

    @property
    def said(self) -> list[str]:
        return self.log.messages

    def pull(self, model: Record, **options: Any) -> Pulled:
        options.setdefault("mirror", self.server.url)
        (pulled,) = pull(model, self.store, **options)
        return pulled

    def says(self, *words: str) -> bool:
        return all(any(word in line for line in self.said) for word in words)

    def files(self) -> dict[str, bytes]:
        """What is in the place of the model, the manifest left out."""
        folder = self.store.models / "m-1"
        paths = folder.iterdir() if folder.exists() else ()
        return {path.name: path.read_bytes() for path in paths if path.name != "manifest.json"}
