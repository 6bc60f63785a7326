"""What a model says while it listens, and the sum of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from catalog.errors import AudioError
from zoo.predicting.results import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from predictors.prediction import Prediction
    from predictors.stream import Stream
    from zoo.listening.sound import Sound

log = logging.getLogger("zoo")


@dataclass
class Tally:
    """What was heard and said so far, in memory that hardly grows.

    Attributes
    ----------
    heard, busy : float
        Seconds of sound, and seconds that the model needed for it.
    peak : float
    latency, slowest : float
        From the end of a patch to what the model says of it, in seconds: last and longest.
    last : Prediction or None
    times : list of float
        Starts of all patches, in seconds.
    """

    heard: float = 0
    busy: float = 0
    peak: float = 0
    latency: float = 0
    slowest: float = 0
    waited: float = 0
    last: Prediction | None = None
    times: list[float] = field(default_factory=list)
    _total: NDArray[np.float64] | float = 0.0

    def hear(self, block: NDArray[Any], sample_rate: int) -> None:
        """Count one more block of sound."""
        self.heard += len(block) / sample_rate
        self.peak = max(self.peak, float(abs(block).max(initial=0)))

    def add(self, prediction: Prediction, latency: float) -> None:
        """Count one more prediction."""
        self.last = prediction
        self.latency = latency
        self.slowest = max(self.slowest, latency)
        self.waited += latency
        self.times.append(float(prediction.times[0]))
        self._total = self._total + prediction.activations.mean(axis=0, dtype="float64")

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for a second of sound."""
        return self.busy / self.heard if self.heard else 0.0

    def prediction(self) -> Prediction | None:
        """The mean of all that was said, for each of its times."""
        import numpy as np

        if not self.last:
            return None
        mean = np.asarray(self._total / len(self.times), np.float32)
        activations = np.broadcast_to(mean, (len(self.times), len(mean)))
        return replace(self.last, activations=activations, times=np.array(self.times), decoded=None)

    def to_json(self) -> dict[str, Any]:
        """What a result of listening has beside that of a file."""
        count = len(self.times)
        return {
            "latency": {"mean": self.waited / count, "max": self.slowest} if count else None,
            "real_time_factor": self.real_time_factor,
        }


def hear(
    sound: Sound, stream: Stream, tally: Tally, show: Callable[[Tally, list[Prediction]], None]
) -> None:
    """Listen until the sound is over.

    Parameters
    ----------
    sound : Sound
    stream : Stream
    tally : Tally
        Counts what was heard and said, so that it is there when the listener ends it.
    show : callable
        Told the tally and what is new, after every block of sound.
    """
    for block, arrival in sound.blocks:
        start = perf_counter()
        new = stream.feed(block)
        tally.busy += perf_counter() - start
        tally.hear(block, sound.sample_rate)
        for prediction in new:
            tally.add(prediction, monotonic() - arrival)
        show(tally, new)
    end = monotonic()
    new = stream.finish()
    for prediction in new:
        tally.add(prediction, monotonic() - end)
    show(tally, new)


def conclude(sound: Sound, model: str, span: float, tally: Tally, top: int) -> Result:
    """Sum up what was said.

    Parameters
    ----------
    sound : Sound
    model : str
    span : float
        What the model looks at, in seconds.
    tally : Tally
    top : int
        Classes to show.

    Raises
    ------
    AudioError
        Too little was heard for one prediction.
    """
    from predictors.audio.decoding import SILENCE

    found = tally.prediction()
    if not found:
        raise AudioError(
            f"Only {tally.heard:.2f} s were heard.",
            why=f"{model} needs at least {span:.2f} s.",
        )
    silent = tally.peak < SILENCE
    if silent:
        log.info("Only silence was heard: its predictions mean nothing.")
    return Result(sound.name, model, found.layer, tally.heard, silent, found, tuple(found.top(top)))
