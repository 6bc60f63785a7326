"""What downloads begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import catalog.download.fetch
import catalog.download.server
from tests.support.downloading import CONTENT


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for, and not waited."""
    waits: list[float] = []
    monkeypatch.setattr(catalog.download.fetch, "sleep", waits.append)
    return waits


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    monkeypatch.setattr(catalog.download.server, "STALL", 0.5)


@pytest.fixture
def url(server: Any, quick: None) -> str:
    server.files["/m.pb"] = CONTENT
    return f"{server.url}/m.pb"


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return tmp_path / "parts"
