"""The page on adding a family, followed to the letter."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from predictors.features import analysis, families, frontends
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import ROOT, lab

PAGE = ROOT / "CONTRIBUTING.md"
PRELUDE = """
from __future__ import annotations
from dataclasses import dataclass
from typing import Any
import numpy as np
from numpy.typing import NDArray
"""


def steps() -> tuple[str, str, str, str]:
    """The code of the four steps: features, family, decoder, record."""
    page = PAGE.read_text().partition("## How to add a family")[2].partition("\n## ")[0]
    features, family, decoder, record = re.findall(r"```(?:python|json)\n(.*?)```", page, re.S)
    return features, family, decoder, record


@pytest.fixture
def bass(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The toy family, added as the page says."""
    features, family, decoder, _ = steps()
    module = ModuleType("bass")
    monkeypatch.setitem(sys.modules, "bass", module)
    exec(PRELUDE + decoder, module.__dict__)
    made = dict(vars(frontends))
    exec(features, made)
    row = eval(family, {**vars(families), "BASS": made["BASS"], "bass": module})
    monkeypatch.setattr(families, "FAMILIES", (*families.FAMILIES, row))
    return row


def test_the_page_makes_a_family_that_predicts(bass: Any, tmp_path: Path) -> None:
    record = json.loads(steps()[3])
    path = lab.reducer(tmp_path, (-1, 24, 43, 1), 1, "bass-finder-1")
    predictor = Predictor(Model(Record(record), path))
    samples = lab.sine(11025)
    fed = predictor.predict(samples, layer="input").activations.reshape(-1, 24 * 43)
    np.testing.assert_allclose(fed.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(fed.std(axis=1), 1, atol=1e-3)
    assert len(fed) == 1 + (analysis.frame_count(len(samples), bass.frontend) - 43) // 21
    assert predictor.predict(samples, layer="input").model == "bass-finder-1"


def finder(folder: Path) -> Path:
    """A network that is certain of bass in every patch."""
    graph = lab.GraphDef()
    placeholder = graph.node.add(name="input", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, 24, 43, 1):
        placeholder.attr["shape"].shape.dim.add(size=size)
    graph.node.append(lab.tensors.constant("axes", np.array([1, 2], np.int32)))
    graph.node.append(lab.tensors.constant("certain", np.array([-9, 9], np.float32)))
    mean = graph.node.add(name="mean", op="Mean", input=["input", "axes"])
    mean.attr["Tidx"].type = 3
    graph.node.add(name="sum", op="AddV2", input=["mean", "certain"])
    graph.node.add(name="output", op="Sigmoid", input=["sum"])
    for node in graph.node[3:]:
        node.attr["T"].type = 1
    path = folder / "bass-finder-1.pb"
    path.write_bytes(lab.serialize(graph))
    return path


def test_its_decoder_speaks_for_its_predictions(bass: Any, tmp_path: Path) -> None:
    predictor = Predictor(Model(Record(json.loads(steps()[3])), finder(tmp_path)))
    samples = np.concatenate([lab.sine(11025), np.zeros(35280, np.float32)])
    found = predictor.predict(samples)
    assert found.classes == ("no bass", "bass")
    assert found.decoded is not None
    assert re.fullmatch(r"bass [45]\d% of the time", found.decoded.summary())
    assert 0.4 < found.decoded.to_json()["bass"]["share"] < 0.6


def test_its_shape_alone_finds_it(bass: Any) -> None:
    record = Record({"inference": {"sample_rate": 11025}, "zoo": {"id": "unknown"}})
    assert families.choose(record, (24, 43, 1)) is bass
    assert "bass [24, 43, 1] at 11025 Hz" in str(bass)
