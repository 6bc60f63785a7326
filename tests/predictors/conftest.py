"""What the tests of prediction share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.record import Record
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes import engines
from tests.support import lab

Make = Callable[..., Predictor]


@pytest.fixture
def tiny(tmp_path: Path) -> Any:
    """A small network of the MusiCNN family; see ``lab.Network``."""
    return lab.Network(tmp_path)


@pytest.fixture
def predictor(tiny: Any) -> Predictor:
    return Predictor(Model(Record(tiny.record), tiny.path))


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What OpenVINO is asked to compile, as it is asked."""
    asked: list[Any] = []
    runtime = engines.RUNTIMES["openvino"]

    def counting(*arguments: Any) -> Any:
        asked.append(arguments)
        return runtime(*arguments)

    monkeypatch.setitem(engines.RUNTIMES, "openvino", counting)
    return asked
