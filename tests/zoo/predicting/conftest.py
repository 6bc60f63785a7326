"""What the tests of runs over many files share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab

TABLES = ["a.csv", "a.jsonl", "a.parquet", "a.npz", "a.json"]
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


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are decoded."""
    from predictors.audio import decoding

    pieces, names = decoding.pieces, []

    def noted(path: Any, *others: Any) -> Any:
        names.append(str(path))
        return pieces(path, *others)

    monkeypatch.setattr(decoding, "pieces", noted)
    return names


def content(name: str) -> Any:
    """What an output holds, be it a file or a folder."""
    path = Path(name)
    if path.is_file():
        return path.read_bytes()
    return {
        file.relative_to(path): np.load(file)["activations"].tolist()
        for file in path.rglob("*.npz")
    }
