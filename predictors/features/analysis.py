"""Features computed: one kernel for all front-ends.

It cuts a signal into frames, takes the spectrum of each, sums it into mel bands and compresses
the result, as far as the front-end asks for it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from predictors.features.frontends import FrontEnd
from predictors.features.mel import filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.features.frontends import Compression, Frames

BLOCK = 1 << 18
"""Samples transformed at once: their spectra stay in the processor's cache."""


def frame_count(samples: int, frames: Frames) -> int:
    """Count the frames of a signal.

    The last one is centred at or after its end, unless it would hold too little of it.

    Parameters
    ----------
    samples : int
        Length of the signal, at least 1.
    frames : Frames
    """
    centred = -(-samples // frames.hop)
    filled = (samples + frames.frame // 2 - frames.valid) // frames.hop
    return 1 + max(0, min(centred, filled))


def framed(signal: NDArray[np.float32], frames: Frames) -> NDArray[np.float32]:
    """Cut a signal into frames.

    Returns
    -------
    numpy.ndarray [shape=(frames, frame), dtype=float32]
        A view of one padded copy: not to be written to.
    """
    count = frame_count(len(signal), frames)
    before = (frames.frame + 1) // 2
    padded = np.zeros((count - 1) * frames.hop + frames.frame, np.float32)
    padded[before : before + len(signal)] = signal[: len(padded) - before]
    return sliding_window_view(padded, frames.frame)[:: frames.hop]


def features(signal: NDArray[np.float32], frontend: Frames) -> NDArray[np.float32]:
    """Compute the compressed mel bands of a signal, or cut it where nothing is computed.

    Parameters
    ----------
    signal : numpy.ndarray [shape=(samples,), dtype=float32]
        Mono, at the front-end's sample rate, within ±1.
    frontend : Frames

    Returns
    -------
    numpy.ndarray [shape=(frames, frontend.width), dtype=float32]
    """
    return analyse(framed(signal, frontend), frontend)


def analyse(frames: NDArray[np.float32], frontend: Frames) -> NDArray[np.float32]:
    """Compute the features of frames [shape=(frames, frame)]; see `features`."""
    if not isinstance(frontend, FrontEnd):
        return frames
    bands = np.empty((len(frames), frontend.bands), np.float32)
    count = min(len(frames), BLOCK // frontend.fft)
    padded = np.zeros((count, frontend.fft), np.float32)  # rfft is slow at padding
    for start in range(0, len(frames), BLOCK // frontend.fft):
        block = frames[start : start + count]
        windowed = padded[: len(block)]
        np.multiply(block, window(frontend), out=windowed[:, : frontend.frame])
        _mel(windowed, frontend, out=bands[start : start + count])
    return bands


def _mel(windowed: NDArray[np.float32], frontend: FrontEnd, out: NDArray[np.float32]) -> None:
    """Compute the bands of some frames into `out`."""
    spectrum = np.abs(np.fft.rfft(windowed)).astype(np.float32, copy=False)
    if frontend.spectrum == "power":
        np.square(spectrum, out=spectrum)
    for bins, bands, weights in filters(frontend):
        np.matmul(spectrum[:, bins], weights, out=out[:, bands])
    if frontend.compression:
        compress(out, frontend.compression)


def compress(bands: NDArray[np.float32], compression: Compression) -> None:
    """Take the logarithm of the bands in place."""
    bands *= np.float32(compression.scale)
    bands += np.float32(compression.shift)
    np.maximum(bands, np.float32(compression.floor), out=bands)
    {"10": np.log10, "e": np.log}[compression.base](bands, out=bands)
    if compression.gain != 1:
        bands *= np.float32(compression.gain)


@cache
def window(frontend: FrontEnd) -> NDArray[np.float32]:
    """The window that each frame is multiplied with [shape=(frame,)]."""
    if frontend.window == "hann":
        return np.hanning(frontend.frame).astype(np.float32)
    return np.hamming(frontend.frame + 1)[:-1].astype(np.float32)
