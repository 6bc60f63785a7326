"""What the tests of runs over many files share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import lab

FILES = ["music/a.wav", "music/album/a.flac", "music/album/b.WAV"]


@pytest.fixture
def music(tmp_path: Path, tiny: Any) -> Path:
    """A folder of three files that can be heard, and what must be passed over."""
    folder = tmp_path / "music"
    for place in FILES:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        lab.audio(tmp_path / place, lab.sine(16000), 16000)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "._a.wav").write_bytes(b"AppleDouble")
    (folder / ".trash").mkdir()
    (folder / ".trash" / "c.wav").write_bytes(b"")
    return folder
