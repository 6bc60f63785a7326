"""What the tests of collections share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab

COUNT = 6


@pytest.fixture
def songs(tmp_path: Path, tiny: Any) -> list[str]:
    """Short files of noise, each another one, in a folder."""
    (tmp_path / "music").mkdir()
    files = [f"music/{index}.wav" for index in range(COUNT)]
    for index, file in enumerate(files):
        noise = np.random.default_rng(index).normal(0, 0.1 * (index + 1), 16000 * 4)
        lab.audio(tmp_path / file, noise.clip(-1, 1).astype(np.float32), 16000)
    return files
