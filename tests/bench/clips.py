"""Many short clips: what the command adds to the work itself."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from tests.bench.essentia import cost, network, songs
from tests.bench.row import ZOO, Row

COUNTS = (100, 1100)
"""Clips: what the second run takes longer is that of the clips alone."""
LENGTH = 4
"""Seconds."""
AIM = 1.15

ALONE = """
import sys, time
from pathlib import Path
import numpy as np
from catalog.index import catalog
from predictors.audio.decoding import read
from predictors.features.families import choose
from predictors.features.patching import Patching
from predictors.model import Model
from predictors.runtimes import openvino_engine

openvino_engine.threads = 1
_, graph, *files = sys.argv
model = Model(catalog().find("msd-musicnn-1"), Path(graph))
network = model.graph(model.record.layer("predictions").name)
family = choose(model.record, network.shape[1:])
run = model.network(network, family.shape)
times = []
for file in files[:3] + files:
    marks = [time.process_time()]
    sound = read(file).resampled(family.frontend.sample_rate)
    marks.append(time.process_time())
    patching = Patching(family, family.hop)
    patches = np.concatenate([patching.feed(sound.samples), *patching.finish()])
    marks.append(time.process_time())
    run(patches)
    marks.append(time.process_time())
    times.append(np.diff(marks))
print(*np.mean(times[3:], axis=0))
"""


def short_clips() -> list[Row]:
    """Processor time a clip of a run into a table, against its parts measured alone."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None:
        return []
    few, many = COUNTS
    with songs(1, LENGTH) as (song,):
        folder = song.parent / "clips"
        folder.mkdir()
        files = [folder / f"{n}.mp3" for n in range(many)]
        for file in files:
            file.hardlink_to(song)
        ratios, parts = [], []
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        for turn in range(3):
            command = [sys.executable, "-c", ALONE, str(graph), *map(str, files[:few])]
            ran = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
            parts.append(list(map(float, ran.stdout.split())))
            took = []
            for count in COUNTS:
                table = str(folder.with_name(f"{turn}-{count}.csv"))
                words = ["predict", str(graph), *map(str, files[:count]), "-q", "--output", table]
                took.append(cost([*ZOO, *words]).cpu)
            ratios.append((took[1] - took[0]) / (many - few) / sum(parts[-1]))
    decode, features, inference = (
        f"{1000 * median(column):.0f} ms" for column in zip(*parts, strict=True)
    )
    return [
        Row(
            f"a clip of {LENGTH} s among many, MusiCNN into a table, CPU time",
            "its parts alone, warm",
            median(ratios),
            f"≤ {AIM}",
            f"decoding and resampling {decode}, features {features}, inference {inference}",
        )
    ]
