"""Synthesise three dozen clips of three timbres, a folder each: strings, bells and organs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from synthesize import RATE, hertz, pluck

CLIPS = 12
SECONDS = 8
NOTE = 0.4  # seconds
SCALE = (0, 2, 4, 7, 9)

Audio = np.ndarray
Timbre = Callable[[float, float, np.random.Generator], Audio]


def bell(note: float, seconds: float, rng: np.random.Generator) -> Audio:
    """Partials that are no multiples of each other; the higher, the sooner they are gone."""
    time = np.arange(int(seconds * RATE)) / RATE
    partials = (
        (0.56, 1.0),
        (0.92, 0.7),
        (1.19, 0.9),
        (1.71, 0.8),
        (2.0, 0.6),
        (2.74, 0.5),
        (3.76, 0.3),
    )
    return sum(
        gain * np.exp(-2 * ratio * time) * np.sin(2 * np.pi * hertz(note) * ratio * time)
        for ratio, gain in partials
    )


def organ(note: float, seconds: float, rng: np.random.Generator) -> Audio:
    """Octaves and a fifth that last as long as the key is down, with a little tremolo."""
    time = np.arange(int(seconds * RATE)) / RATE
    pipes = ((0.5, 0.6), (1, 1), (1.5, 0.4), (2, 0.7), (4, 0.4), (8, 0.2))
    tone = sum(gain * np.sin(2 * np.pi * hertz(note) * ratio * time) for ratio, gain in pipes)
    edges = np.minimum(1, np.minimum(time, seconds - time) / 0.02)
    return tone * edges * (1 + 0.15 * np.sin(2 * np.pi * 6 * time + rng.uniform(0, 6)))


def clip(timbre: Timbre, rng: np.random.Generator) -> Audio:
    """A melody that wanders over a scale, mono float64 in [-1, 1]."""
    mix = np.zeros((SECONDS + 2) * RATE)
    root, step = rng.integers(45, 58), rng.integers(0, 10)
    for start in np.arange(0, SECONDS, NOTE):
        step = np.clip(step + rng.integers(-2, 3), 0, 14)
        note = root + 12 * (step // 5) + SCALE[step % 5]
        sound = timbre(float(note), NOTE * rng.choice((1, 2)), rng)
        mix[int(start * RATE) :][: sound.size] += sound
    mix = mix[: SECONDS * RATE]
    return rng.uniform(0.3, 0.9) * mix / np.abs(mix).max()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    rng = np.random.default_rng(1899)
    for name, timbre in {"string": pluck, "bell": bell, "organ": organ}.items():
        (target / name).mkdir(parents=True, exist_ok=True)
        for number in range(CLIPS):
            soundfile.write(target / name / f"{number + 1:02}.flac", clip(timbre, rng), RATE)
