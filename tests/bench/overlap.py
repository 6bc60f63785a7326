"""What is saved where overlapping patches share the frames that they have in common."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from catalog.index import catalog
from catalog.store import Store
from predictors.backbone import Backbone
from predictors.model import Model
from tests.bench.essentia import network
from tests.bench.row import Row
from zoo import npm
from zoo.exporting import exporter

FRAMES = 3750
"""A minute of MusiCNN's."""

HOPS = {"its default hop": (93, 1.4), "a third of a patch": (62, 1.6), "a sixth": (31, 2.0)}
"""Distances of the patches, in frames, and how many times as fast it should be."""


def overlap() -> list[Row]:
    """Processor time of MusiCNN in two parts against each patch for itself."""
    file = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if file is None:
        return []
    model = Model(catalog().find("msd-musicnn-1"), file)
    backbone = Backbone(model, (model.record.layer("predictions").name,))
    size, bands = backbone.family.shape
    features = np.random.default_rng(0).random((FRAMES, bands), np.float32)
    windows = sliding_window_view(features, size, axis=0).swapaxes(1, 2)
    rows = []
    for name, (hop, aim) in HOPS.items():
        shared = backbone.overlapping(hop)
        assert shared
        times: list[list[float]] = []
        for _ in range(6):
            row = []
            for run in (shared.begin(), backbone.network):
                start = time.process_time()
                run(windows[::hop])
                row.append(time.process_time() - start)
            times.append(row)
        shared, alone = (median(column) for column in zip(*times[1:], strict=True))
        what = f"MusiCNN over a minute of features, patches {name} apart, CPU time"
        rest = "long filters over time and the dense layers, which are each patch's own"
        rows.append(Row(what, "each patch for itself", shared / alone, f"≤ {1 / aim:.2f}", rest))
    return rows


PAGE_AIMS = {"its default hop": 1.3, "a third of a patch": 1.6, "a sixth": 2.0}
ROUNDS = 12


def page_overlap() -> list[Row]:
    """The same in the pages' engine, in Node.js."""
    file = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if file is None or shutil.which("node") is None:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "web")
        exporter.export(file, "tfjs", folder, with_frontend=True, verify="reader")
        request = {
            **{"tfjs": str(npm.tensorflowjs(Store.default())), "model": str(folder)},
            **{"hops": [hop for hop, _ in HOPS.values()], "rounds": ROUNDS},
        }
        command = ["node", str(Path(__file__).with_suffix(".mjs")), json.dumps(request)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [
        Row(
            f"MusiCNN's patches in the pages' engine (wasm in Node.js), {name} apart, CPU time",
            "each patch for itself",
            shared / alone,
            f"≤ {1 / PAGE_AIMS[name]:.2f}",
            f"{shared:.0f} ms against {alone:.0f} ms",
        )
        for name, (shared, alone) in zip(HOPS, json.loads(told), strict=True)
    ]
