"""A catalog that a laboratory publishes."""

from __future__ import annotations

import hashlib
from typing import Any

NETWORK, EXTRACTOR, HEAD = b"\n\x07network", b"\n\x09extractor", b"\n\x04head"


def entry(id: str, content: bytes, kind: str = "extractor", **zoo: Any) -> dict[str, Any]:
    block = {"id": id, "kind": kind, "license": "ISC", "task": "embedding", **zoo}
    file = {
        "path": f"{id}/{id}.pb",
        "kind": "pb",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    record = {"name": id, "description": "Hears kazoos.", "framework": "none", "zoo": block}
    return {"record": record, "files": [file]}


def listing(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "title": "The lab", "models": list(entries)}


LAB = listing(
    entry("lab-net-1", NETWORK),
    entry("ears-1", EXTRACTOR),
    entry("task-ears-1", HEAD, "head", extractor={"id": "ears-1"}),
    entry("msd-musicnn-1", NETWORK),
)
