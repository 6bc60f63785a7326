from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from predictors.plots.timeline import Timeline, clock, per_patch
from predictors.prediction import Prediction


def prediction(times: list[float], **options: Any) -> Prediction:
    return Prediction(
        np.zeros((len(times), 1), np.float32), np.array(times), ("a",), "m", **options
    )


@pytest.mark.parametrize(
    ("reach", "middles", "edges"),
    [
        ((0, 3), [1.5, 3, 4.5], [0, 2.25, 3.75, 6]),  # they overlap
        ((0, 1.5), [0.75, 2.25, 3.75], [0, 1.5, 3, 4.5]),
        ((0, 1), [0.5, 2, 3.5], [0, 1.25, 2.75, 4]),  # there are gaps
        ((-0.5, 0.5), [0.25, 1.5, 3], [0, 0.875, 2.25, 3.5]),  # the first begins in silence
        ((0, 8), [4, 4.75, 5.5], [0, 4.375, 5.125, 8]),  # the last two end in silence
    ],
)
def test_a_patch_stands_around_the_middle_of_what_it_hears(
    reach: tuple[float, float], middles: list[float], edges: list[float]
) -> None:
    timeline = Timeline.of(prediction([0, 1.5, 3], reach=reach, duration=8))
    np.testing.assert_allclose(timeline.middles, middles)
    np.testing.assert_allclose(timeline.edges, edges)
    assert (timeline.start, timeline.end) == (0, 8)


def test_without_a_duration_the_last_patch_is_the_end() -> None:
    assert Timeline.of(prediction([0, 1.5], reach=(0, 3))).end == 4.5


def label(timeline: Timeline) -> tuple[list[str], str, tuple[float, float]]:
    axes = Figure().subplots()
    timeline.label(axes.xaxis)
    ticks = [tick for tick in axes.get_xticks() if timeline.start <= tick <= timeline.end]
    return axes.xaxis.get_major_formatter().format_ticks(ticks), axes.get_xlabel(), axes.get_xlim()


@pytest.mark.parametrize(
    ("duration", "ticks", "name"),
    [
        (0.35, ["0 s", "0.1 s", "0.2 s", "0.3 s"], "time"),
        (42, ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s", "35 s", "40 s"], "time"),
        (200, ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00"], "time (min:s)"),
        (7200, ["0:00", "15:00", "30:00", "45:00", "1:00:00", "1:15:00", "1:30:00", "1:45:00",
                "2:00:00"], "time (h:min:s)"),
    ],
)  # fmt: skip
def test_the_axis_runs_over_the_whole_audio(duration: float, ticks: list[str], name: str) -> None:
    found = label(Timeline.of(prediction([0, 0.1], reach=(0, 0.1), duration=duration)))
    assert found == (ticks, name, (0, duration))


def test_patches_without_times_are_counted() -> None:
    ticks, name, limits = label(Timeline.of(prediction([0, 1, 2])))
    assert (ticks, name, limits) == (["0", "1", "2"], "patch", (-0.5, 2.5))


def test_a_moment_is_told_as_people_do() -> None:
    assert [clock(at) for at in (0, 59.7, 65, 3605)] == ["0:00", "1:00", "1:05", "1:00:05"]


def test_of_several_rows_a_patch_the_mean_is_shown() -> None:
    rows = np.array([[0], [2], [4], [8]], np.float32)
    found = per_patch(Prediction(rows, np.array([0, 0, 1.5, 1.5]), ("a",), "m"))
    assert found.activations.tolist() == [[1], [6]]
    assert found.times.tolist() == [0, 1.5]
