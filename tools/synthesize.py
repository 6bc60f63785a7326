"""Synthesise the demo's clip: twelve seconds of a plucked arpeggio over bass and drums."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soundfile

RATE = 44100
BEAT = 60 / 112  # seconds
CHORDS = ((45, 57, 60, 64), (41, 57, 60, 65), (48, 55, 60, 64), (43, 55, 59, 62))  # MIDI notes

Audio = np.ndarray


def hertz(note: float) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


def pluck(note: float, seconds: float, rng: np.random.Generator) -> Audio:
    """A string: noise in a loop that a two-point average damps (Karplus and Strong, 1983)."""
    period = round(RATE / hertz(note))
    loop = rng.uniform(-1, 1, period)
    turns = []
    for _ in range(int(seconds * RATE / period) + 1):
        turns.append(loop)
        loop = 0.996 * (loop + np.roll(loop, 1)) / 2
    return np.concatenate(turns)[: int(seconds * RATE)]


def bass(note: float, seconds: float) -> Audio:
    time = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * hertz(note) * k * time) / k**2 for k in (1, 2, 3))
    return tone * np.exp(-3 * time)


def kick() -> Audio:
    time = np.arange(int(0.25 * RATE)) / RATE
    return np.sin(2 * np.pi * (45 * time + 6 * (1 - np.exp(-30 * time)))) * np.exp(-14 * time)


def hihat(rng: np.random.Generator) -> Audio:
    time = np.arange(int(0.06 * RATE)) / RATE
    return np.diff(rng.normal(0, 0.3, time.size + 1)) * np.exp(-70 * time)


def snare(rng: np.random.Generator) -> Audio:
    time = np.arange(int(0.2 * RATE)) / RATE
    return (rng.normal(0, 0.4, time.size) + np.sin(2 * np.pi * 190 * time)) * np.exp(-18 * time)


def song(seconds: float = 12.0) -> Audio:
    """Mix the clip, mono float64 in [-1, 1]."""
    rng = np.random.default_rng(1983)
    mix = np.zeros(int(seconds * RATE) + RATE * 2)

    def place(sound: Audio, beat: float, gain: float) -> None:
        start = round(beat * BEAT * RATE)
        mix[start : start + sound.size] += gain * sound

    for beat in range(int(seconds / BEAT)):
        chord = CHORDS[beat // 4 % len(CHORDS)]
        place(bass(chord[0] - 12, 0.5), beat, 0.35)
        place(kick() if beat % 2 == 0 else snare(rng), beat, 0.6 if beat % 2 == 0 else 0.3)
        for half in (0.0, 0.5):
            place(hihat(rng), beat + half, 0.15)
            place(pluck(chord[1 + (2 * beat + int(2 * half)) % 3], 1.2, rng), beat + half, 0.3)
    clip = mix[: int(seconds * RATE)]
    return 0.9 * clip / np.abs(clip).max()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(target, song(), RATE)
