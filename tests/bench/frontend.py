"""A front-end in the graph against one in JavaScript, in TensorFlow.js' wasm backend."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from catalog.store import Store
from predictors.features.analysis import window
from predictors.features.frontends import MUSICNN
from predictors.features.mel import filter_bank
from tests.bench.essentia import network
from tests.bench.row import Row
from zoo import npm
from zoo.exporting import exporter

SECONDS = 9
ROUNDS = 10


def frontend_in_graph() -> list[Row]:
    """Both ways in one Node.js process, by turns."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None or shutil.which("node") is None:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        audio = np.random.default_rng(0).normal(0, 0.1, SECONDS * MUSICNN.sample_rate)
        audio.astype(np.float32).tofile(folder / "audio")
        window(MUSICNN).tofile(folder / "window")
        filter_bank(MUSICNN).tofile(folder / "bank")
        for frontend in (True, False):
            place = folder / ("whole" if frontend else "plain")
            exporter.export(
                graph,
                "tfjs",
                place,
                layers=["predictions"],
                with_frontend=frontend,
                verify="reader",
            )
        whole = json.loads((folder / "whole" / "model.json").read_text())
        told = whole["userDefinedMetadata"]["zoo"]
        request = {
            **{"tfjs": str(npm.tensorflowjs(Store.default())), "folder": scratch},
            **{"whole": str(folder / "whole"), "plain": str(folder / "plain")},
            **{"hop": MUSICNN.hop, "patch": told["patch"], "layer": next(iter(told["outputs"]))},
            "rounds": ROUNDS,
        }
        program = Path(__file__).with_suffix(".mjs")
        command = ["node", str(program), json.dumps(request)]
        answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert answer["difference"] < 1e-4, answer["difference"]
    pairs = zip(answer["graph"], answer["script"], strict=True)
    ratio = median(graph / script for graph, script in pairs)
    what = f"MusiCNN in wasm over {SECONDS} s of audio, front-end in the graph"
    rest = "inference, the same in both"
    return [Row(what, "front-end in JavaScript", ratio, "≤ 1.05", rest)]
