"""What the tests of ``zoo train`` share: folders of sounds, and the command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab
from training import search

Run = Callable[..., Any]

SMALL = ("--learner", "linear", "--folds", 2, "--grid", "grid.yaml")
QUICK = ("--on", "tiny.pb", *SMALL, "-o", "mine-1.pb")


@pytest.fixture
def sounds(tmp_path: Path, tiny: Any) -> Path:
    """Two folders of four clips each: hums, and hisses; each clip is one patch of ``tiny``."""
    (tmp_path / "grid.yaml").write_text("C: [-3, 0, 3]")
    return lab.sounds(tmp_path / "sounds")


@pytest.fixture
def train(zoo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``zoo train`` in the folder of the sounds, far from any network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.setattr(search, "available_cores", lambda: 1)  # others take long to begin
    return partial(zoo, "train")
