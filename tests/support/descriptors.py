"""Descriptors of pieces of music that do not exist, in which all preprocessings find something."""

from __future__ import annotations

from typing import Any

import numpy as np

CLASSES = ("flat", "sharp")


def descriptor_files(count: int = 24) -> list[dict[str, Any]]:
    """The descriptors of each piece, flat and sharp ones in turn; sharp ones are brighter."""
    random = np.random.default_rng(8)
    return [
        {
            "lowlevel.mfcc.mean": random.normal(i % 2, 1, 5).tolist(),
            "lowlevel.mfcc.cov": random.normal(size=(2, 2)).tolist(),
            "lowlevel.barkbands.mean": random.uniform(size=3).tolist(),
            "rhythm.bpm": float(random.uniform(60, 180)),
            "rhythm.beats_position": random.uniform(size=3 + i % 4).tolist(),
            "tonal.key_edma.key": ("C", "Eb", "F#")[i % 3],
            "tonal.chords_histogram": [0.0, i, 0.0],
            "tonal.thpcp": random.uniform(size=2).tolist(),
            "metadata.version.essentia": "2.1",
            "constant": 3.0,
        }
        for i in range(count)
    ]
