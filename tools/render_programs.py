"""Render 330 clips of real sounds: 55 programs of General MIDI in 8 families, with FluidSynth.

On Debian and Ubuntu: ``apt install fluidsynth timgm6mb-soundfont``. A folder per family, and a
table that names each clip's program, so that no program is on both sides of a fold:
``zoo train programs/programs.csv --groups program --on msd-musicnn-1 -o families-1.pb``.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

SOUNDFONT = "/usr/share/sounds/sf2/TimGM6mb.sf2"
FAMILIES = {
    "keyboard": range(0, 7),
    "mallet": range(8, 15),
    "organ": range(16, 22),
    "guitar": range(24, 32),
    "bass": range(32, 39),
    "bowed": range(40, 46),
    "brass": range(56, 63),
    "pipe": range(72, 79),
}
"""Programs of General MIDI, from 0."""
CLIPS = 6
SECONDS = 6
TICKS = 480  # a quarter note, half a second


def variable(value: int) -> bytes:
    """A length as MIDI writes it: seven bits a byte, the last one without the eighth."""
    return (bytes([128 | value >> 7]) if value > 127 else b"") + bytes([value & 127])


def melody(program: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Events of a melody that wanders, each behind the time since the last."""
    yield b"\x00" + bytes([0xC0, program])
    note, low = int(rng.integers(48, 66)), 33 if program in FAMILIES["bass"] else 45
    for _ in range(2 * SECONDS):
        note = int(np.clip(note + rng.integers(-5, 6), low, low + 36))
        yield b"\x00" + bytes([0x90, note, int(rng.integers(60, 120))])
        yield variable(int(TICKS * rng.choice((0.5, 0.9)))) + bytes([0x80, note, 0])
        yield variable(int(TICKS * 0.1)) + bytes([0x80, note, 0])
    yield b"\x00\xff\x2f\x00"


def midi(program: int, rng: np.random.Generator) -> bytes:
    """A file of MIDI with one track."""
    track = b"".join(melody(program, rng))
    head = b"MThd" + (6).to_bytes(4, "big") + bytes([0, 0, 0, 1]) + TICKS.to_bytes(2, "big")
    return head + b"MTrk" + len(track).to_bytes(4, "big") + track


if __name__ == "__main__":
    target, rng = Path(sys.argv[1]), np.random.default_rng(1991)
    rows = []
    for family, programs in FAMILIES.items():
        (target / family).mkdir(parents=True, exist_ok=True)
        for program in programs:
            for number in range(CLIPS):
                name = f"{family}/{program:03}-{number + 1}"
                score = target / f"{name}.mid"
                score.write_bytes(midi(program, rng))
                sound = target / f"{name}.wav"
                command = ["fluidsynth", "-ni", "-q", "-g", "0.8", "-r", "44100", "-F", sound]
                subprocess.run([*command, SOUNDFONT, score], check=True, capture_output=True)
                samples, rate = soundfile.read(sound)
                soundfile.write(target / f"{name}.flac", samples[: SECONDS * rate], rate)
                for each in (score, sound):
                    each.unlink()
                rows.append({"file": f"{name}.flac", "label": family, "program": program})
    with (target / "programs.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ("file", "label", "program"))
        table.writeheader()
        table.writerows(rows)
