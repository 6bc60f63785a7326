"""Where pages cut a network, told beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convert.export_graph import Patches
from convert.overlap import overlap
from tests.support.convolutional import BANDS, FRAMES, NETWORKS, musicnn
from zoo import export


def told(name: str, hop: int = 5) -> Any:
    shape, axis = ((BANDS, FRAMES), 2) if name == "channels_first" else ((FRAMES, BANDS), 1)
    return overlap(NETWORKS[name](), ["tags"], Patches("spectrogram", shape, axis, hop))


@pytest.mark.parametrize(
    ("name", "axis", "reaches"),
    [("tones", 1, [(2, 2), (3, 4)]), ("residual", 1, [(3, 3)]), ("channels_first", 2, [(0, 4)])],
)
def test_what_the_second_part_reads_is_named_with_what_its_frames_see(
    name: str, axis: int, reaches: list[tuple[int, int]]
) -> None:
    found = told(name)
    assert (found["node"], found["axis"]) == ("spectrogram", axis)
    assert [(each["before"], each["after"]) for each in found["tensors"]] == reaches
    kinds = {node.name: node.op for node in NETWORKS[name]().node}
    assert all(each["node"] in kinds for each in found["tensors"])


def test_nothing_is_told_where_nothing_is_gained_or_parts_of_a_patch_cannot_run() -> None:
    assert told("tones", FRAMES) is None
    assert told("causal") is None  # it has a Reshape, to a whole patch's frames


def test_an_export_tells_it_with_its_front_end(tmp_path: Path) -> None:
    export(musicnn(tmp_path), "tfjs", tmp_path / "web", with_frontend=True, verify="reader")
    document = json.loads((tmp_path / "web" / "model.json").read_text())
    found = document["userDefinedMetadata"]["zoo"]["overlap"]
    (local,) = found.pop("tensors")
    assert found == {"node": "spectrogram", "axis": 1}
    assert local.pop("node") in {node["name"] for node in document["modelTopology"]["node"]}
    assert local == {"axis": 1, "before": 4, "after": 4}
