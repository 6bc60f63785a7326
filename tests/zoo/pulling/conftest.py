"""What the tests of pulling share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
from catalog.store import Store
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
