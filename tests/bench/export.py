"""How soon, and in how much memory, a network is a TensorFlow.js model."""

from __future__ import annotations

import tempfile

from tests.bench.essentia import costs, network
from tests.bench.row import ZOO, Row
from tests.support import ROOT

CONVERTER = ROOT / ".venv-official/bin/tensorflowjs_converter"
"""In an environment of its own, which ``make bench`` makes."""

LAYERS = "model/Sigmoid,model/dense_1/BiasAdd,model/dense/BiasAdd"


def export() -> list[Row]:
    """The whole process, reading back and comparing included, against the official converter."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None or not CONVERTER.exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        ours = [
            *(*ZOO, "export", str(graph)),
            *("--to", "tfjs", "--verify", "reader", "-q", "-o", f"{folder}/ours"),
            *("--layers", LAYERS),
        ]
        theirs = [
            str(CONVERTER),
            *("--input_format", "tf_frozen_model", "--output_node_names", LAYERS),
            *(str(graph), f"{folder}/theirs"),
        ]
        mine, official = costs([ours, theirs], rounds=3)
    what, against = "`zoo export --to tfjs` of MusiCNN, proven", "`tensorflowjs_converter`"
    return [
        Row(what, against, mine.wall / official.wall, "≤ 0.1", "running it twice, and imports"),
        Row(
            f"memory of {what}",
            against,
            mine.memory / official.memory,
            "≤ 0.2",
            "OpenVINO's and NumPy's libraries, and a compiled network",
        ),
    ]
