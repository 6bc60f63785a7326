"""Front-ends as data: what a network's input features are, and one kernel that computes them.

A front-end cuts the signal into overlapping frames. Most then take the magnitude or power
spectrum of each, sum it into mel bands and compress the result. The numbers are those of
Essentia's ``TensorflowInput*`` algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from predictors.features.mel import filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 1 << 18
"""Samples transformed at once: their spectra stay in the processor's cache."""


@dataclass(frozen=True)
class Compression:
    """``gain * log(max(scale * x + shift, floor))``, to base 10 or e.

    Attributes
    ----------
    base : {"10", "e"}
    scale, shift, floor, gain : float
    """

    base: Literal["10", "e"]
    scale: float = 1.0
    shift: float = 0.0
    floor: float = 1e-30
    gain: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Frames:
    """A signal cut into overlapping frames.

    Attributes
    ----------
    name : str
    sample_rate : int
        In hertz.
    frame, hop : int
        Length and distance of the frames, in samples. Frame k is centred on sample
        ``k * hop``; outside the signal there are zeros.
    valid : int
        Samples that the last frame must hold before the signal's end.
    """

    name: str
    sample_rate: int
    frame: int
    hop: int
    valid: int = 1

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    @property
    def width(self) -> int:
        """Values a frame."""
        return self.frame


@dataclass(frozen=True, kw_only=True)
class FrontEnd(Frames):
    """One way from samples to mel bands.

    Attributes
    ----------
    fft : int
        Length of the transform; the frame is padded with zeros.
    window : {"hann", "hamming"}
        The symmetric Hann or the periodic Hamming window.
    bands : int
        Number of mel bands, between `low` and `high` hertz.
    warping : {"slaney", "htk"}
        The formula of the mel scale.
    weighting : {"linear", "warping"}
        Whether the triangles are straight on the frequency or on the mel axis.
    normalize : {"unit_max", "unit_tri"}
        Whether a triangle has height or area one.
    spectrum : {"power", "magnitude"}
    compression : Compression or None
    """

    fft: int
    window: Literal["hann", "hamming"]
    bands: int
    low: float
    high: float
    warping: Literal["slaney", "htk"]
    weighting: Literal["linear", "warping"]
    normalize: Literal["unit_max", "unit_tri"]
    spectrum: Literal["power", "magnitude"]
    compression: Compression | None

    @property
    def width(self) -> int:
        return self.bands


MUSICNN = FrontEnd(
    name="musicnn",
    sample_rate=16000,
    frame=512,
    hop=256,
    fft=512,
    window="hann",
    bands=96,
    low=0,
    high=8000,
    warping="slaney",
    weighting="linear",
    normalize="unit_tri",
    spectrum="power",
    compression=Compression("10", scale=10000, shift=1),
)
VGGISH = FrontEnd(
    name="vggish",
    sample_rate=16000,
    frame=400,
    hop=160,
    fft=512,
    window="hann",
    bands=64,
    low=125,
    high=7500,
    warping="htk",
    weighting="warping",
    normalize="unit_max",
    spectrum="magnitude",
    compression=Compression("e", shift=0.01),
)
TEMPOCNN = FrontEnd(
    name="tempocnn",
    sample_rate=11025,
    frame=1024,
    hop=512,
    fft=1024,
    window="hann",
    bands=40,
    low=20,
    high=5000,
    warping="slaney",
    weighting="linear",
    normalize="unit_tri",
    spectrum="magnitude",
    compression=None,
)
FSDSINET = FrontEnd(
    name="fsdsinet",
    sample_rate=22050,
    frame=660,
    hop=220,
    fft=2048,
    window="hamming",
    bands=96,
    low=50,
    high=10500,
    warping="slaney",
    weighting="linear",
    normalize="unit_max",
    spectrum="power",
    compression=Compression("10"),
)


CREPE = Frames(name="crepe", sample_rate=16000, frame=1024, hop=16, valid=512)
OPENL3_128 = FrontEnd(
    name="openl3",
    sample_rate=48000,
    frame=2048,
    hop=242,
    valid=1024,
    fft=2048,
    window="hann",
    bands=128,
    low=0,
    high=24000,
    warping="slaney",
    weighting="linear",
    normalize="unit_tri",
    spectrum="magnitude",
    compression=Compression("10", floor=1e-10, gain=10),
)
OPENL3_256 = replace(OPENL3_128, bands=256)


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
