"""What changed from one version of a model to another, in words."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.changes import changes
from catalog.record import Record

OLD: dict[str, Any] = {
    "classes": ["a", "b"],
    "schema": {"inputs": [{"name": "in", "shape": [187, 96]}], "outputs": [{"name": "out"}]},
    "zoo": {"id": "m-1", "license": "ISC"},
}


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({}, []),
        ({"description": "Better."}, []),
        ({"classes": ["b", "a"]}, ["classes: in another order"]),
        ({"classes": ["a", "c"]}, ["classes: new c; gone b"]),
        ({"classes": [*"abcdefgh"]}, ["classes: new c, d, e, f, g and 1 more"]),
        (
            {"schema": {**OLD["schema"], "inputs": [{"name": "in", "shape": [96, 64]}]}},
            ["inputs: new in [96, 64]; gone in [187, 96]"],
        ),
        (
            {"schema": {**OLD["schema"], "outputs": [{"name": "out"}, {"name": "ears"}]}},
            ["outputs: new ears"],
        ),
        (
            {"zoo": {"id": "m-2", "license": None, "extractor": {"id": "ears-1"}}},
            ["reads: ears-1, not audio", "license: unknown, not ISC"],
        ),
        (
            {"inference": {"algorithm": "TempoCNN", "sample_rate": 11025}},
            ["algorithm: TempoCNN, not unknown", "sample rate: 11025, not unknown"],
        ),
    ],
)
def test_what_matters_to_whoever_uses_a_model_is_told(new: dict[str, Any], told: list[str]) -> None:
    assert changes(Record(OLD), Record({**OLD, **new})) == told
