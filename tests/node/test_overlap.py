"""Pages compute once what overlapping patches have in common, and say the same."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from convert import tfjs
from convert.export_graph import AUDIO, FEATURES, ExportGraph, Patches, TensorSpec
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import Nodes
from tests.support import convolutional
from tests.support.convolutional import BANDS, FRAMES
from zoo import export

PROGRAM = Path(__file__).with_name("overlap.mjs")
HOP = 5


def write(graph: Any, folder: Path) -> None:
    """A network whose audio are its features, one by one."""
    nodes = Nodes("frontend")
    features = nodes.reshape(nodes.placeholder(AUDIO, -1), -1, BANDS)
    features = nodes.add("Identity", features, name=FEATURES)
    patches = nodes.add("Identity", nodes.reshape(features, -1, FRAMES, BANDS), name="spectrogram")
    network = [node for node in graph.node if node.name != patches]
    outputs = tuple(TensorSpec(name, "float32", (None, 3)) for name in ("logits", "tags"))
    told = {
        **{"id": folder.name, "classes": [], "input": AUDIO, "normalize": False},
        **{"outputs": {"logits": "logits", "tags": "predictions"}},
        **{"sample_rate": 2 * FRAMES * BANDS},  # half a second is a patch
        **{"frontend": {"bands": BANDS, "hop": BANDS}, "patch": {"frames": FRAMES, "hop": HOP}},
    }
    exported = ExportGraph(
        GraphDef(node=[*nodes.nodes, *network]),
        (TensorSpec(AUDIO, "float32", (None,)),),
        outputs,
        {"zoo": told},
        Patches(patches, (FRAMES, BANDS), 1, HOP),
    )
    tfjs.write(exported, folder)


@pytest.mark.node
def test_networks_in_two_parts_say_what_they_say_whole(tensorflowjs: Path, tmp_path: Path) -> None:
    models = []
    for name in ("tones", "residual"):
        write(convolutional.NETWORKS[name](), tmp_path / name)
        models.append({"folder": name, "frames": FRAMES, "width": BANDS, "hop": HOP})
    tagger = convolutional.musicnn(tmp_path)
    export(tagger, "tfjs", tmp_path / "musicnn", with_frontend=True, verify="reader")
    models.append({"folder": "musicnn", "frames": 187, "width": 96, "hop": 93})
    request = {"tfjs": str(tensorflowjs), "models": models}
    done = subprocess.run(
        ["node", "--test", str(PROGRAM)],
        cwd=tmp_path,
        env={**os.environ, "ZOO_OVERLAP": json.dumps(request)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
