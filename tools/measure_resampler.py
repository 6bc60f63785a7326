"""Measure the filter of libsamplerate's medium sinc, and write it as data of the web engine.

A page then resamples as `predictors.audio.resampling` does, without the library: networks hear the
difference between two filters near half their sample rate.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import numpy as np
import samplerate

GRID = 491
"""Points that the library keeps of the response for each sample of its input."""
STEP = 16
"""Every how many of them are kept; cubic interpolation restores the others to 4e-7."""
PLACE = 60
"""Of the impulse, in samples: further from the start than the filter reaches."""


def response() -> np.ndarray:
    """Half of the impulse response, from its middle on [shape=(points,), dtype=float32].

    Upsampling by half of `GRID` meets every second point of the library's table.
    """
    impulse = np.zeros(4 * PLACE, np.float32)
    impulse[PLACE] = 1
    ratio = GRID / 2
    heard = samplerate.Resampler("sinc_medium", channels=1).process(impulse, ratio)
    half = heard[int(PLACE * ratio) :: STEP // 2]
    return np.trim_zeros(half, "b").astype("<f4")


def main(path: Path) -> None:
    points = response()
    path.write_text(
        "/** Distance of the points, in samples of the slower rate. */\n"
        f"export const STEP = {STEP} / {GRID};\n\n"
        "/**\n"
        " * The impulse response of libsamplerate's medium sinc from its middle on: float32,\n"
        " * little-endian, in base64. Measured by tools/measure_resampler.py.\n"
        " */\n"
        f'export const RESPONSE =\n  "{base64.b64encode(points.tobytes()).decode()}";\n'
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
