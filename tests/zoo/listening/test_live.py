"""The tally of what was heard and said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from predictors.prediction import Prediction
from zoo.listening import live
from zoo.listening.live import Tally


def _prediction(start: float, *activations: float) -> Prediction:
    values = np.array([activations], np.float32)
    return Prediction(values, np.array([start]), ("quiet", "loud"), "sigmoids")


def test_the_longest_wait_stays_known_when_later_ones_are_short() -> None:
    tally = Tally()
    for start, latency in enumerate((0.125, 0.5, 0.125)):
        tally.add(_prediction(start, 0.5, 0.5), latency)
    assert (tally.latency, tally.slowest) == (0.125, 0.5)
    assert tally.to_json()["latency"] == {"mean": 0.25, "max": 0.5}


def test_the_mean_is_that_of_everything_said() -> None:
    tally = Tally()
    tally.add(_prediction(0, 1, 0), 0.1)
    tally.add(_prediction(1.5, 0.5, 0.25), 0.1)
    told = tally.prediction()
    assert told is not None
    assert told.activations.tolist() == [[0.75, 0.125]] * 2
    assert told.times.tolist() == [0, 1.5]


def test_sound_is_counted_by_length_and_by_its_largest_value_of_either_sign() -> None:
    tally = Tally(busy=0.5)
    for block in ([0.25, -0.5], [0.125, 0.0], []):
        tally.hear(np.array(block), 2)
    assert (tally.heard, tally.peak, tally.real_time_factor) == (2, 0.5, 0.25)


def test_the_work_on_every_block_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0, 1, 5, 7])
    monkeypatch.setattr(live, "perf_counter", lambda: next(clock))
    sound = SimpleNamespace(blocks=[(np.zeros(2), 0.0)] * 2, sample_rate=2)
    stream = SimpleNamespace(feed=lambda block: [], finish=lambda: [_prediction(0, 1, 0)])
    tally, shown = Tally(), []
    live.hear(sound, stream, tally, lambda tally, new: shown.append(len(new)))  # type: ignore[arg-type]
    assert (tally.busy, tally.heard, shown) == (3, 2, [0, 0, 1])


def test_nothing_heard_is_nothing_said() -> None:
    tally = Tally()
    assert tally.prediction() is None
    assert tally.to_json() == {"latency": None, "real_time_factor": 0}
