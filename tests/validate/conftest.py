"""What the tests of validation share."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def write() -> ModuleType:
    """The module ``graph_writer``: small graphs from a few lines of text."""
    path = Path(__file__).parent.parent / "freeze" / "graph_writer.py"
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tagger(lab: ModuleType, tmp_path: Path) -> Any:
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
