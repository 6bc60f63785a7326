"""Where patches lie in time, and the axis that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from numpy.typing import NDArray

    from predictors.activations import Activations

TICKS = 10
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
"""Seconds from tick to tick."""
LONG = 180
"""Seconds from which on ticks count minutes."""


@dataclass(frozen=True)
class Timeline:
    """Where patches lie, in seconds, or in patches where no times are known.

    Attributes
    ----------
    begins, ends : numpy.ndarray [shape=(patches,), dtype=float64]
        Of what each patch hears of the audio.
    start, end : float
        Of the audio.
    seconds : bool
    """

    begins: NDArray[np.float64]
    ends: NDArray[np.float64]
    start: float
    end: float
    seconds: bool

    @classmethod
    def of(cls, prediction: Activations) -> Timeline:
        """Take the times of a prediction that has one row a patch."""
        first, last = prediction.reach or (-0.5, 0.5)
        begins, ends = prediction.times + first, prediction.times + last
        if prediction.reach is None:
            return cls(begins, ends, begins[0], ends[-1], seconds=False)
        duration = ends[-1] if prediction.duration is None else prediction.duration
        return cls(np.maximum(begins, 0), np.minimum(ends, duration), 0, duration, seconds=True)

    @property
    def middles(self) -> NDArray[np.float64]:
        """Of the patches."""
        return (self.begins + self.ends) / 2

    @property
    def edges(self) -> NDArray[np.float64]:
        """From where to where each patch is drawn [shape=(patches + 1,)].

        Halfway to its neighbours; the first from its begin on, the last up to its end.
        """
        between = (self.middles[1:] + self.middles[:-1]) / 2
        return np.array([self.begins[0], *between, self.ends[-1]])

    def label(self, axis: Axis) -> None:
        """Make an axis run over the whole audio."""
        from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

        axis.axes.set(**{f"{axis.axis_name}lim": (self.start, self.end)})  # type: ignore[attr-defined]
        if not self.seconds:
            axis.set_major_locator(MaxNLocator(TICKS, integer=True))
            axis.set_label_text("patch")
            return
        length = self.end - self.start
        step = next((step for step in STEPS if length / step <= TICKS), STEPS[-1])
        axis.set_major_locator(MultipleLocator(step))
        if self.end < LONG:
            axis.set_major_formatter("{x:g} s")
            axis.set_label_text("time")
        else:
            axis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(seconds)))
            axis.set_label_text("time (min:s)" if self.end < 3600 else "time (h:min:s)")


def clock(seconds: float) -> str:
    """A moment as people read it: 1:05, or 1:00:05."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def per_patch(prediction: Activations) -> Activations:
    """The same prediction with one row a patch: the mean of those that a layer gives."""
    times = np.unique(prediction.times)
    rows = prediction.activations.reshape(len(times), -1, len(prediction.classes))
    return replace(prediction, activations=rows.mean(axis=1), times=times)
