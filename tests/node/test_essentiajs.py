"""Exports in essentia.js: its own classes run them, and answer what ``zoo predict`` answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab
from zoo import export, load

pytestmark = pytest.mark.node

PROGRAM = Path(__file__).with_name("essentiajs.mjs")
MUSICNN = ("TensorflowMusiCNN", "musicnn", 512, 256, 187)
VGGISH = ("TensorflowVGGish", "vggish", 400, 160, 96)
"""The class of essentia.js, what it reads, the frame, the hop, and the frames of a patch."""


def compare(
    model: Path, way: tuple[str, str, int, int, int], clip: lab.Signal, folder: Path, address: str
) -> None:
    """Let essentia.js and Python answer."""
    runs, reads, frame, hop, frames = way
    export(model, "tfjs", folder / "web", verify="reader")
    live = -(-frame // 2 // hop)  # the first frame that lies whole in the audio
    request = {
        **{"model": f"{address}/web/model.json", "runs": runs, "reads": reads, "hop": hop},
        **{"audio": clip.tolist(), "first": live * hop - frame // 2},
    }
    (folder / "request.json").write_text(json.dumps(request))
    command = ["node", str(PROGRAM), str(folder / "request.json")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert ran.returncode == 0, ran.stderr[-1000:]
    found: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index('{"deferred') :])
    predictor = load(model)
    deferred = predictor.predict(clip, 16000, patch_hop=frames, last_patch="pad").activations
    every = predictor.predict(clip, 16000, patch_hop=1).activations
    np.testing.assert_allclose(found["deferred"], deferred, rtol=0, atol=2e-6)
    np.testing.assert_allclose(found["live"], every[live : live + 1], rtol=0, atol=2e-6)


@pytest.mark.parametrize("way", [MUSICNN, VGGISH])
def test_a_whole_file_and_frame_by_frame(
    way: tuple[str, str, int, int, int], node_modules: Path, address: str, tmp_path: Path
) -> None:
    bands = 96 if way is MUSICNN else 64
    algorithm = way[0].replace("Tensorflow", "TensorflowPredict")
    network = lab.Network(tmp_path, shape=(-1, way[-1], bands))
    inference = {"sample_rate": 16000, "algorithm": algorithm}
    record = {**network.record, "inference": inference}
    network.path.with_suffix(".json").write_text(json.dumps(record))
    clip = np.concatenate([lab.chirp(16000), lab.noise(16000)])
    compare(network.path, way, clip, tmp_path, address)


@pytest.mark.shared
def test_a_published_model(node_modules: Path, shared: Path, address: str, tmp_path: Path) -> None:
    clip = lab.chirp(16000)[: 186 * 256 + 512]
    compare(shared / "models" / "msd-musicnn-1.pb", MUSICNN, clip, tmp_path, address)
