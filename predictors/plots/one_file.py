"""Pictures of predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from predictors.decoders.pitch import Pitch, note
from predictors.decoders.tempo import Tempo
from predictors.plots.style import (
    ALIKE,
    COLORS,
    MAP,
    SURE,
    UNKNOWN,
    color_scale,
    resize,
    shortened,
    words,
    written,
)
from predictors.plots.timeline import Timeline, per_patch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from predictors.activations import Activations

ROWS = 20
"""Classes in a picture: more could not be read."""
TITLE = 70
"""Letters of a title that a picture has room for."""
NAME = 48
"""Letters of a class."""
CURVES = 4
"""Scales that are drawn as curves in one picture."""


def draw(prediction: Activations, ending: str = ".png", title: str = "") -> bytes:
    """Draw a prediction in the way that suits it.

    Tempo and pitch are drawn as such, scales as curves, a single patch as bars, embeddings as
    the similarity of any two moments, and all else as a taggram. A patch is drawn around its
    middle, on an axis that runs over the whole audio.

    Parameters
    ----------
    prediction : Activations
    ending : {".png", ".svg", ".pdf"}
        The format.
    title : str
        What was heard.

    Returns
    -------
    bytes
        The content of the file.
    """
    with words((title, prediction.model, *map(prediction.spoken, prediction.classes))):
        return written(picture(prediction, title), ending)


def picture(prediction: Activations, title: str = "") -> Figure:
    """Draw a prediction as a figure; see `draw`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    prediction = per_patch(prediction)
    if prediction.layer == "embeddings":
        similarity(axes, prediction)
    elif len(prediction.times) == 1:
        bars(axes, prediction)
    elif isinstance(prediction.decoded, Tempo):
        tempo(axes, prediction, prediction.decoded)
    elif isinstance(prediction.decoded, Pitch):
        pitch(axes, prediction, prediction.decoded)
    elif is_scale(prediction):
        curves(axes, prediction)
    else:
        taggram(axes, prediction)
    if title:
        figure.suptitle(
            shortened(title, TITLE), x=0.01, ha="left", weight="bold", fontsize="medium"
        )
    axes.set_title(prediction.model, loc="right", color="0.4", fontsize="medium")
    return figure


def is_scale(prediction: Activations) -> bool:
    """Tell whether the values are on a few scales of their own, not shares of certainty."""
    count = len(prediction.classes)
    return count == 1 or (count <= CURVES and not are_probabilities(prediction.activations))


def are_probabilities(values: NDArray[np.float32]) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def taggram(axes: Axes, prediction: Activations) -> None:
    """Draw activations over time: one row a class, the strongest on top."""
    timeline = Timeline.of(prediction)
    shown = (-prediction.mean()).argsort(kind="stable")[:ROWS]
    rows = prediction.activations[:, shown].T
    certain = are_probabilities(prediction.activations)
    resize(axes, 1.3 + 0.22 * len(shown))
    image = axes.pcolorfast(
        timeline.edges,
        np.arange(len(shown) + 1) - 0.5,
        rows,
        cmap=MAP,
        vmin=0 if certain else min(0, rows.min()),
        vmax=1 if certain else rows.max(),
    )
    timeline.label(axes.xaxis)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), [called(prediction, prediction.classes[i]) for i in shown])
    axes.set_yticks(np.arange(1, len(shown)) - 0.5, minor=True)
    axes.grid(axis="y", which="minor", color="white", linewidth=1)
    axes.tick_params(axis="y", which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_facecolor(UNKNOWN)
    color_scale(axes, image, "activation")


def bars(axes: Axes, prediction: Activations) -> None:
    """Draw the strongest classes of one patch as bars, the strongest on top."""
    shown = prediction.top(ROWS)
    resize(axes, 1.1 + 0.26 * len(shown))
    places = range(len(shown))
    drawn = axes.barh(places, [score for _, score in shown], height=0.7, color=COLORS[0])
    axes.bar_label(drawn, fmt="%.3g", padding=3, color="0.3", fontsize="small")
    axes.set_yticks(places, [called(prediction, name) for name, _ in shown])
    axes.invert_yaxis()
    axes.margins(x=0.1, y=0.02)
    if are_probabilities(prediction.activations):
        axes.set_xlim(0, 1)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("activation")


def curves(axes: Axes, prediction: Activations) -> None:
    """Draw the values of a few scales over time."""
    timeline = Timeline.of(prediction)
    columns = prediction.activations.T
    for values, color in zip(columns, COLORS, strict=False):
        axes.plot(timeline.middles, values, ".-", color=color, linewidth=1.8, markersize=7)
    if are_probabilities(prediction.activations):
        axes.set_ylim(0, 1)
    else:
        axes.margins(y=0.1)
    names = [
        f"{called(prediction, name)} (mean {values.mean():.2f})"
        for name, values in zip(prediction.classes, columns, strict=True)
    ]
    axes.legend(axes.lines, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    _over_time(axes, timeline, "value")


def tempo(axes: Axes, prediction: Activations, found: Tempo) -> None:
    """Draw local tempi as steps, as dark as they are probable, and the global one as a line."""
    timeline = Timeline.of(prediction)
    heard = found.local > 0
    local = found.local[heard]
    left, right = timeline.edges[:-1][heard], timeline.edges[1:][heard]
    steps = axes.hlines(local, left, right, linewidth=6, zorder=3, capstyle="butt")
    steps.set(array=found.probabilities[heard], cmap=SURE, clim=(0, 1))
    bpm = found.bpm()
    if bpm is not None:
        axes.axhline(bpm, color=COLORS[1], linewidth=1.5)
        axes.set_ylim(local.min() - 15, local.max() + 15)
    axes.annotate(
        found.summary(),
        (1, 1),
        xytext=(-6, -6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="top",
        color=COLORS[1],
        weight="bold",
    )
    axes.yaxis.set_major_formatter("{x:g} BPM")
    _over_time(axes, timeline, "tempo")
    color_scale(axes, steps, "probability")


def pitch(axes: Axes, prediction: Activations, found: Pitch) -> None:
    """Draw the pitch of the frames that have one, coloured by confidence, on an axis of notes."""
    voiced = found.voiced
    points = axes.scatter(
        prediction.times[voiced],
        found.frequencies[voiced],
        c=found.confidences[voiced],
        cmap=SURE,
        vmin=0,
        vmax=1,
        s=6,
        zorder=3,
    )
    axes.set_yscale("log")
    heard = found.frequencies[voiced] if voiced.any() else np.array([110.0, 880.0])
    low, high = heard.min() / 1.12, heard.max() * 1.12
    octaves = [440 * 2.0**n for n in range(-4, 4)]
    steps = (1, 2 ** (3 / 12), 2 ** (6 / 12), 2 ** (9 / 12)) if high / low < 4 else (1,)
    ticks = [octave * step for octave in octaves for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    axes.set_yticks(ticks, [f"{note(tick)}  {tick:.0f} Hz" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.set_ylim(low, high)
    _over_time(axes, Timeline.of(prediction), "frequency")
    color_scale(axes, points, "confidence")


def similarity(axes: Axes, prediction: Activations) -> None:
    """Draw the cosine of the embeddings at any two moments."""
    timeline = Timeline.of(prediction)
    resize(axes, 6.2, 7)
    values = cosines(prediction.activations)
    image = axes.pcolorfast(timeline.edges, timeline.edges, values, cmap=ALIKE, vmin=-1, vmax=1)
    timeline.label(axes.xaxis)
    timeline.label(axes.yaxis)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.set_facecolor(UNKNOWN)
    color_scale(axes, image, "cosine similarity")


def cosines(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """The cosine of any two rows [shape=(rows, values)]; 0 where one has no length."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1).astype(np.float64)
    return unit @ unit.T


def called(prediction: Activations, name: str) -> str:
    """A class as it stands beside a picture."""
    return shortened(prediction.spoken(name), NAME)


def _over_time(axes: Axes, timeline: Timeline, values: str) -> None:
    timeline.label(axes.xaxis)
    axes.set_ylabel(values)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
