"""Prediction against essentia-tensorflow on the same machine.

Essentia brings its own TensorFlow, which does not live in one process with pip's: every
measurement runs in processes of its own.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import soundfile

from catalog.workers import available_cores
from tests.bench.row import ZOO, Row
from tests.support import SHARED

RATE = 44100
ROUNDS = 5
AGAINST = "one Essentia process"
EACH = "one Essentia process per core"
PRODUCTS = "the network's products, as quick as matrix products"
LIBRARIES = "OpenVINO's and NumPy's libraries; one batch of activations"
SHARED = SHARED / "models"

COLD = """
import sys
import essentia
essentia.log.infoActive = essentia.log.warningActive = False
from essentia import standard
_, algorithm, rate, graph, *files = sys.argv
network = getattr(standard, algorithm)(graphFilename=graph)
for file in files:
    network(standard.MonoLoader(filename=file, sampleRate=float(rate))())
"""

FEATURES = """
import time
from statistics import median
import numpy as np
from essentia import standard
from predictors.features import analysis, frontends

NAMES = {"MUSICNN": "MusiCNN", "VGGISH": "VGGish", "TEMPOCNN": "TempoCNN", "FSDSINET": "FSDSINet"}
for own, name in NAMES.items():
    frontend = getattr(frontends, own)
    noise = np.random.default_rng(0).normal(0, 0.1, 60 * frontend.sample_rate).astype("f")
    size = {"frameSize": frontend.frame, "hopSize": frontend.hop}
    bands = getattr(standard, "TensorflowInput" + name)()

    def reference():
        return [bands(frame) for frame in standard.FrameGenerator(noise, **size)]

    times = []
    for _ in range(6):
        row = []
        for compute in (lambda: analysis.features(noise, frontend), reference):
            compute()  # what ran before it has left the processor's cache now
            start = time.process_time()
            compute()
            row.append(time.process_time() - start)
        times.append(row)
    ours, theirs = (median(column) for column in zip(*times[1:]))
    print(name, ours / theirs)
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds by the clock and of the processor, peak memory."""

    wall: float
    cpu: float
    memory: float


def cost(command: Sequence[str]) -> Cost:
    """Run a command; the memory is that of its largest process."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise subprocess.CalledProcessError(status, command)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def costs(commands: Sequence[Sequence[str]], rounds: int = ROUNDS) -> list[Cost]:
    """Run commands in turns; the median of each figure."""
    runs = [[cost(command) for command in commands] for _ in range(rounds)]
    return [
        Cost(*(median(getattr(run, key) for run in column) for key in ("wall", "cpu", "memory")))
        for column in zip(*runs, strict=True)
    ]


def essentia_command(algorithm: str, rate: int, graph: Path, *files: Path) -> list[str]:
    return [sys.executable, "-c", COLD, algorithm, str(rate), str(graph), *map(str, files)]


def zoo_command(graph: Path, *files: Path, into: str = "") -> list[str]:
    output = ["--output", into] if into else ["--json"]
    return [*ZOO, "predict", str(graph), *map(str, files), *output]


def network(name: str, shared: str) -> Path | None:
    """A real network: pulled, or else from the reference data."""
    import zoo

    try:
        return zoo.pull(name)
    except zoo.ZooError as error:
        path = SHARED / shared
        if path.is_file():
            return path
        print(f"({name} cannot be had: {error.message})", file=sys.stderr)
        return None


def missing() -> bool:
    """Say it when there is nothing to compare with."""
    if find_spec("essentia"):
        return False
    print("(left out: essentia-tensorflow is not installed)", file=sys.stderr)
    return True


@contextmanager
def songs(count: int, seconds: float) -> Iterator[list[Path]]:
    """Stereo MP3 files: noise that swells, over chords."""
    random = np.random.default_rng(1)
    times = np.arange(int(seconds * RATE)) / RATE
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i:02}.mp3") for i in range(count)]
        for path in paths:
            hertz = random.uniform(80, 2000, 6)
            chord = sum(np.sin(2 * np.pi * each * times) for each in hertz) / 12
            swell = np.sin(np.pi * times * random.uniform(1, 4)) ** 2
            noise = random.normal(0, 0.1, (len(times), 2)) * swell[:, None]
            soundfile.write(path, (chord[:, None] + noise).astype(np.float32), RATE)
        yield paths


def cold_musicnn() -> list[Row]:
    """A whole process with MusiCNN over three minutes of stereo MP3."""
    graph = None if missing() else network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None:
        return []
    with songs(1, 180) as files:
        ours, peer = costs(
            [
                zoo_command(graph, *files),
                essentia_command("TensorflowPredictMusiCNN", 16000, graph, *files),
            ]
        )
    what = "MusiCNN over 180 s of MP3, cold process"
    return [
        Row(f"{what}: CPU time", AGAINST, ours.cpu / peer.cpu, "≤ 0.45", f"{PRODUCTS}; imports"),
        Row(f"{what}: peak memory", AGAINST, ours.memory / peer.memory, "≤ 0.6", LIBRARIES),
    ]


def cold_tempocnn() -> list[Row]:
    """A whole process with TempoCNN over three minutes of stereo MP3."""
    graph = None if missing() else network("deeptemp-k16-3", "deeptemp_k16.pb")
    if graph is None:
        return []
    with songs(1, 180) as files:
        ours, peer = costs(
            [
                zoo_command(graph, *files),
                essentia_command("TempoCNN", 11025, graph, *files),
            ]
        )
    what = "TempoCNN over 180 s of MP3, cold process"
    return [
        Row(f"{what}: wall time", AGAINST, ours.wall / peer.wall, "≤ 0.45", "imports; decoding"),
        Row(f"{what}: CPU time", AGAINST, ours.cpu / peer.cpu, "", f"imports; {PRODUCTS}"),
    ]


def feature_speed() -> list[Row]:
    """Features of one minute, warm, in turns in one process; processor time."""
    if missing():
        return []
    aims = {"MusiCNN": 3, "VGGish": 2.5, "TempoCNN": 6, "FSDSINet": 1.5}
    command, env = [sys.executable, "-c", FEATURES], os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(command, check=True, capture_output=True, env=env)
    found = [line.split() for line in ran.stdout.decode().splitlines()]
    against = "Essentia's C++"
    return [
        Row(
            f"{name} features, CPU time",
            against,
            float(ratio),
            f"≤ {1 / aims[name]:.2f}",
            "the Fourier transform of each frame, and a product with the bands",
        )
        for name, ratio in found
    ]


def many_clips() -> list[Row]:
    """Fifty clips of 30 s with MusiCNN; each once, as it takes minutes."""
    graph = None if missing() else network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None:
        return []
    algorithm, cores = "TensorflowPredictMusiCNN", available_cores()
    with songs(50, 30) as files:
        shares = [essentia_command(algorithm, 16000, graph, *files[n::cores]) for n in range(cores)]
        ours, stored, peer, peers = costs(
            [
                zoo_command(graph, *files),
                zoo_command(graph, *files, into=f"{files[0].with_name('tags.parquet')}/"),
                essentia_command(algorithm, 16000, graph, *files),
                ["sh", "-c", " & ".join(map(shlex.join, shares)) + " & wait"],
            ],
            rounds=1,
        )
    what = "MusiCNN over 50 clips of 30 s, all cores"
    return [
        Row(f"{what}: wall time", AGAINST, ours.wall / peer.wall, "≤ 0.33", PRODUCTS),
        Row(f"{what}: CPU time", AGAINST, ours.cpu / peer.cpu, "", PRODUCTS),
        Row(f"{what}, a data set: wall time", EACH, stored.wall / peers.wall, "≤ 0.6", PRODUCTS),
        Row(f"{what}, a data set: CPU time", EACH, stored.cpu / peers.cpu, "", PRODUCTS),
    ]
