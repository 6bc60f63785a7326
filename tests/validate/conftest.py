"""What the tests of validation share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab
from validate import run


@pytest.fixture
def tagger(tmp_path: Path) -> Any:
    """A network with a record in which everything is as it should be."""
    network = lab.Network(tmp_path)
    ops = {"sigmoids": "Sigmoid", "logits": "fully connected", "embeddings": "fully connected"}
    widths = {"sigmoids": 2, "logits": 2, "embeddings": 3}
    for layer in network.record["schema"]["outputs"]:
        layer |= {"type": "float", "shape": [widths[layer["name"]]], "op": ops[layer["name"]]}
    network.record["schema"]["inputs"][0]["shape"] = [187, 96]
    network.record |= {
        "description": "Tells loud from quiet.",
        "framework": "tensorflow",
        "link": "https://models.example/tiny.pb",
        "release_date": "2026-01-31",
        "dataset": {"name": "noise", "metrics": {"ROC-AUC": 0.9, "Root Mean Square Error": 2.5}},
    }
    network.record["zoo"] |= {"kind": "extractor", "license": "MIT"}
    network.json = network.path.with_suffix(".json")
    network.json.write_text(json.dumps(network.record, indent=4))
    return network


@pytest.fixture
def not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check", lambda _: [])
