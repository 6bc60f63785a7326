"""What changed from one version of a model to another, in words."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.changes import changes, is_replaced
from catalog.fields import Origin
from catalog.manifest import Manifest, ManifestFile
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


@pytest.mark.parametrize(
    ("address", "sha256", "change", "replaced"),
    [
        ("https://lab.example/catalog.json", "a", {}, False),
        ("https://lab.example/catalog.json", "a", {"description": "Better."}, False),
        ("https://lab.example/catalog.json", "a", {"classes": ["b", "a"]}, True),
        ("https://lab.example/catalog.json", "b", {}, True),
        ("https://other.example/catalog.json", "a", {"classes": ["b", "a"]}, False),
        (None, "a", {"classes": ["b", "a"]}, False),
        (None, "b", {}, True),
    ],
)
def test_a_catalog_has_replaced_a_model_by_another_file_or_another_record_of_its_own(
    address: str | None, sha256: str, change: dict[str, Any], replaced: bool
) -> None:
    file = ManifestFile("m-1.pb", None, 1, "a" * 64, "catalog", "2026-05-04T12:00:00+00:00")
    origin = Origin("https://lab.example/catalog.json")
    installed = Manifest("m-1", "mirror", "ISC", (file,), OLD, origin)
    block = {**OLD["zoo"], "files": [{"kind": "pb", "sha256": sha256 * 64}]}
    listed = Record({**OLD, **change, "zoo": block}, address, Origin(address) if address else None)
    assert is_replaced(listed, installed) == replaced
