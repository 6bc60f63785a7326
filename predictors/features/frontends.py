"""Front-ends as data: what a network's input features are.

A front-end cuts the signal into overlapping frames. Most then take the magnitude or power
spectrum of each, sum it into mel bands and compress the result. The numbers are those of
Essentia's ``TensorflowInput*`` algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


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
