"""The preprocessings that Gaia tries: all of the data set at once, before it is parted in folds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from training.gaia.merging import History
from training.gaia.points import Points
from training.gaia.steps import Learned, enumerate_texts, gaussianize, normalize, remove, select

LEFT_OUT = (
    *("metadata.*", "*dmean*", "*dvar*", "*.min", "*.max", "*cov", "tonal.thpcp"),
    *("lowlevel.spectral_energyband_high.*", "lowlevel.silence_rate*"),
    *("rhythm.bpm_histogram", "lowlevel.melbands128.*"),
)
"""What Gaia's template for descriptors of 2.1 beta 5 and later does not learn from.

The last two are not among the descriptors of older extractors.
"""

ENUMERATED = (
    *("tonal.chords_key", "tonal.chords_scale", "tonal.key_key", "tonal.key_scale"),
    *(
        f"tonal.key_{key}.{part}"
        for key in ("krumhansl", "edma", "temperley")
        for part in ("key", "scale")
    ),
)

BANDS = ("barkbands*", "*energyband*", "melbands*", "erbbands*")

FURTHER: Mapping[str, tuple[Callable[[Points], Learned], ...]] = {
    "basic": (),
    "lowlevel": (lambda points: select(points, "lowlevel*"),),
    "nobands": (lambda points: remove(points, BANDS),),
    "normalized": (normalize,),
    "gaussianized": (normalize, lambda points: gaussianize(points, "lowlevel.*")),
    "mfcc": (lambda points: select(points, "lowlevel.mfcc*"),),
}
"""The steps of each, after those of all."""


def preprocessed(points: Points, name: str) -> tuple[Points, History]:
    """A data set after one of the preprocessings, and its steps.

    Parameters
    ----------
    points : Points
        See `merging.merged`.
    name : str
        ``basic``, ``lowlevel``, ``nobands``, ``normalized``, ``gaussianized`` or ``mfcc``.
    """
    history: History = []
    for step in (
        lambda points: remove(points, LEFT_OUT),
        lambda points: enumerate_texts(points, ENUMERATED),
        *FURTHER[name],
    ):
        points, done = step(points)
        history.append(done)
    return points, history
