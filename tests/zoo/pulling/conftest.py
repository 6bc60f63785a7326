"""What the tests of pulling share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.store import Store
from tests.support.laboratory import EXTRACTOR, HEAD, LAB
from tests.support.laboratory import NETWORK as LAB_NETWORK
from tests.support.pulling import METADATA, NETWORK, Session


@pytest.fixture
def session(
    tmp_path: Path,
    server: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Session:
    monkeypatch.setattr(catalog.download.fetch, "WAITS", ())
    server.files.update({"/m/m-1.pb": NETWORK, "/m/m-1.json": METADATA})
    caplog.set_level("INFO", "zoo")
    return Session(Store(tmp_path / "home"), server, caplog)


@pytest.fixture
def lab(server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A published catalog; its address."""
    monkeypatch.setattr(catalog.download.fetch, "WAITS", ())
    monkeypatch.chdir(tmp_path)
    networks = (LAB_NETWORK, EXTRACTOR, HEAD, LAB_NETWORK)
    for each, content in zip(LAB["models"], networks, strict=True):
        server.files[f"/zoo/{each['files'][0]['path']}"] = content
    server.files["/zoo/catalog.json"] = json.dumps(LAB).encode()
    return f"{server.url}/zoo"
