"""A patch in the pages' engine against the same patch in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from catalog.index import catalog
from catalog.store import Store
from predictors.model import Model
from predictors.runtimes import openvino_engine
from tests.bench.essentia import network
from tests.bench.row import Row
from zoo import npm
from zoo.exporting import exporter

ROUNDS = 20
SHAPE = (1, 187, 96)


def page_patch() -> list[Row]:
    """MusiCNN's patch in wasm, which has one thread, and in OpenVINO with one."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None or shutil.which("node") is None:
        return []
    pages, python = [], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "tfjs")
        exporter.export(graph, "tfjs", folder, layers=["predictions"], verify="reader")
        model = Model(catalog().find("msd-musicnn-1"), graph)
        layer = model.record.layer("predictions").name
        request = {
            **{"tfjs": str(npm.tensorflowjs(Store.default())), "model": str(folder)},
            **{"shape": SHAPE, "layer": layer, "rounds": ROUNDS},
        }
        command = ["node", str(Path(__file__).with_suffix(".mjs")), json.dumps(request)]
        for _ in range(3):
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            pages.append(median(json.loads(told)))
            python.append(in_python(model, layer, 1))
    own, other = median(pages), median(python)
    return [
        Row(
            "MusiCNN's patch in the pages' engine (wasm in Node.js)",
            "in Python, on one core",
            own / other,
            "≤ 8",
            f"{own:.0f} ms against {other:.0f} ms: wasm multiplies four numbers at once, "
            "and adds them in another step",
        )
    ]


def in_python(model: Model, layer: str, threads: int) -> float:
    """Milliseconds of a patch in OpenVINO."""
    before, openvino_engine.threads = openvino_engine.threads, threads
    try:
        run = openvino_engine.openvino(model.graph(layer), SHAPE)
    finally:
        openvino_engine.threads = before
    patch = np.random.default_rng(0).random(SHAPE, np.float32)
    times = []
    for _ in range(ROUNDS + 3):
        start = time.perf_counter()
        run(patch)
        times.append(1000 * (time.perf_counter() - start))
    return median(times[3:])
