"""Exact resampling against libsamplerate, one thread each; processor time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from importlib.util import find_spec
from time import process_time
from typing import Any

import numpy as np

from predictors.audio.resampling import resampling
from tests.bench.row import Row

TARGETS = (16000, 11025, 22050, 44100)
ORIGINS = (44100, 48000, 32000, 22050, 96000, 88200, 8000, 11025, 24000)
SECONDS = 60
ROUNDS = 4


def ratio(origin: int, target: int) -> float:
    """The shortest of our times over the shortest of theirs, taken in turns."""
    import samplerate

    samples = np.random.default_rng(0).normal(0, 0.1, SECONDS * origin).astype(np.float32)

    def ours() -> Any:
        signal = resampling(origin, target)
        return np.concatenate([signal.feed(samples), signal.finish()])

    def theirs() -> Any:
        change = float(np.float32(target) / np.float32(origin))
        return samplerate.Resampler("sinc_medium", channels=1).process(samples, change)

    found, expected = ours(), theirs()
    common = min(len(found), len(expected))
    assert np.abs(found[:common] - expected[:common]).max() < 2e-6, (origin, target)
    times: dict[Any, list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for way, taken in times.items():
            start = process_time()
            way()
            taken.append(process_time() - start)
    return min(times[ours]) / min(times[theirs])


def exact_resampling() -> list[Row]:
    """A minute of noise between the common rates; of each target the slowest origin."""
    if not find_spec("samplerate"):
        print("(left out: samplerate is not installed)", file=sys.stderr)
        return []
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, "-m", __name__], check=True, capture_output=True, env=env)
    rows = []
    for target, ratios in json.loads(ran.stdout).items():
        what = f"resampling to {int(target) / 1000:g} kHz, CPU time"
        slowest = max(ratios, key=ratios.get)
        for origin in dict.fromkeys(["44100", slowest]):
            if origin in ratios:
                note = ", the slowest" if origin == slowest else ""
                named = f"{what}: from {int(origin) / 1000:g} kHz{note}"
                exact = Fraction(float(np.float32(int(target)) / np.float32(int(origin))))
                still = exact == Fraction(int(target), int(origin))
                rest = "products of matrices" if still else "a third moves the weights (below)"
                rows.append(Row(named, "libsamplerate", ratios[origin], "≤ 0.15", rest))
    return rows


if __name__ == "__main__":
    found = {to: {each: ratio(each, to) for each in ORIGINS if each != to} for to in TARGETS}
    print(json.dumps(found))
