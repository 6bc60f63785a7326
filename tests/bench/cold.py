"""One short command: a process that is begun for a single clip."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.essentia import (
    AGAINST,
    cost,
    costs,
    essentia_command,
    missing,
    network,
    songs,
)
from tests.bench.row import ZOO, Row

LENGTHS = (12, 30, 180)
"""Seconds."""

IMPORTS = """
import sys
sys.modules["openvino.tools.ovc"] = None
import av, numpy, openvino
from zoo import api, cli
from zoo.predicting.run import Run
"""


def cold_clips() -> list[Row]:
    """Whole processes with MusiCNN over one MP3 of each length, after one that compiled it."""
    graph = None if missing() else network("msd-musicnn-1", "msd-musicnn-1.pb")
    return [_cold(graph, length) for length in LENGTHS] if graph else []


def _cold(graph: Path, length: int) -> Row:
    with songs(1, length) as files:
        ours = [*ZOO, "predict", str(graph), *map(str, files), "--json"]
        cost(ours)
        mine, imports, peer = costs(
            [
                ours,
                [sys.executable, "-c", IMPORTS],
                essentia_command("TensorflowPredictMusiCNN", 16000, graph, *files),
            ]
        )
    return Row(
        f"MusiCNN over {length} s of MP3, a whole process: wall time",
        AGAINST,
        mine.wall / peer.wall,
        "≤ 0.35",
        f"{imports.wall / mine.wall:.0%} imports; CPU time {mine.cpu / peer.cpu:.2f}",
    )
