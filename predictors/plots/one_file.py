"""Pictures of predictions.

Colours are those of Okabe and Ito, or of maps whose lightness grows evenly, so that they can be
told apart by everybody and in print.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from predictors.decoders.pitch import VOICED, Pitch, note
from predictors.decoders.tempo import Tempo
from predictors.prediction import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

    from predictors.prediction import Prediction

ROWS = 20
"""Classes in a picture: more could not be read."""
TITLE = 70
"""Letters of a title that a picture has room for."""
CURVES = 4
"""Scales that are drawn as curves in one picture."""
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
MAP = "magma"


def draw(prediction: Prediction, ending: str = ".png", title: str = "") -> bytes:
    """Draw a prediction in the way that suits it.

    Tempo and pitch are drawn as such, scales as curves, a single patch as bars, embeddings as
    the similarity of any two moments, and all else as a taggram.

    Parameters
    ----------
    prediction : Prediction
    ending : {".png", ".svg", ".pdf"}
        The format.
    title : str
        What was heard.

    Returns
    -------
    bytes
        The content of the file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    if prediction.layer == "embeddings":
        similarity(axes, prediction)
    elif len(np.unique(prediction.times)) == 1:
        bars(axes, prediction)
    elif isinstance(prediction.decoded, Tempo):
        tempo(axes, prediction, prediction.decoded)
    elif isinstance(prediction.decoded, Pitch):
        pitch(axes, prediction, prediction.decoded)
    elif is_scale(prediction):
        curves(axes, prediction)
    else:
        taggram(axes, prediction)
    style = {"weight": "bold", "fontsize": "medium", "parse_math": False}
    if title:
        figure.suptitle(shortened(title, TITLE), x=0.01, ha="left", **style)
    axes.set_title(prediction.model, loc="right", color="0.4", fontsize="medium")
    return written(figure, ending)


def is_scale(prediction: Prediction) -> bool:
    """Tell whether the values are on a few scales of their own, not shares of certainty."""
    values = prediction.activations
    inside = values.min() >= 0 and values.max() <= 1
    return len(prediction.classes) == 1 or (len(prediction.classes) <= CURVES and not inside)


def taggram(axes: Axes, prediction: Prediction) -> None:
    """Draw activations over time: one row a class, the strongest on top."""
    shown = prediction.top(ROWS)
    order = (-prediction.mean()).argsort(kind="stable")[: len(shown)]
    rows = prediction.activations[:, order].T
    resize(axes, 1.3 + 0.22 * len(shown))
    image = axes.imshow(
        rows,
        aspect="auto",
        interpolation="nearest",
        cmap=MAP,
        vmin=min(0, rows.min()),
        extent=(*_span(prediction), len(shown) - 0.5, -0.5),
    )
    axes.set_yticks(
        range(len(shown)), [spoken(prediction.classes[i]) for i in order], parse_math=False
    )
    axes.set_yticks([row + 0.5 for row in range(len(shown) - 1)], minor=True)
    axes.grid(axis="y", which="minor", color="white", linewidth=1)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("time (s)")
    color_scale(axes, image, "activation")


def bars(axes: Axes, prediction: Prediction) -> None:
    """Draw the strongest classes of one patch as bars, the strongest on top."""
    shown = prediction.top(ROWS)
    resize(axes, 1.1 + 0.26 * len(shown))
    places = range(len(shown))
    drawn = axes.barh(places, [score for _, score in shown], height=0.7, color=COLORS[0])
    axes.bar_label(drawn, fmt="%.3g", padding=3, color="0.3", fontsize="small")
    axes.set_yticks(places, [spoken(name) for name, _ in shown], parse_math=False)
    axes.invert_yaxis()
    axes.margins(x=0.1, y=0.02)
    values = [score for _, score in shown]
    if min(values) >= 0 and max(values) <= 1:
        axes.set_xlim(0, 1.08)
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("activation")


def curves(axes: Axes, prediction: Prediction) -> None:
    """Draw the values of a few scales over time."""
    middle = prediction.times + _step(prediction) / 2
    for name, values, color in zip(
        prediction.classes, prediction.activations.T, COLORS, strict=False
    ):
        named = f"{spoken(name)} (mean {values.mean():.2f})"
        axes.plot(middle, values, ".-", color=color, linewidth=1.8, markersize=7, label=named)
    axes.margins(x=0.03, y=0.25)
    axes.legend(loc="upper right", ncols=CURVES, frameon=False)
    _over_time(axes, "value")


def tempo(axes: Axes, prediction: Prediction, found: Tempo) -> None:
    """Draw local tempi as points, as strong as they are probable, and the global one."""
    middle = prediction.times + _step(prediction) / 2
    heard = found.local > 0
    points = axes.scatter(
        middle[heard],
        found.local[heard],
        c=found.probabilities[heard],
        cmap="cividis_r",
        vmin=0,
        vmax=1,
        s=60,
        zorder=3,
        edgecolors="0.3",
        linewidths=0.6,
    )
    bpm = found.bpm()
    if bpm is not None:
        axes.axhline(bpm, color=COLORS[1], linewidth=1.5)
        axes.set_ylim(min(found.local[heard].min(), bpm) - 15, max(found.local.max(), bpm) + 15)
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
    axes.set_xlim(*_span(prediction))
    _over_time(axes, "tempo (BPM)")
    color_scale(axes, points, "probability")


def pitch(axes: Axes, prediction: Prediction, found: Pitch) -> None:
    """Draw the pitch of the frames that have one, coloured by confidence, on an axis of notes."""
    voiced = found.voiced
    points = axes.scatter(
        prediction.times[voiced],
        found.frequencies[voiced],
        c=found.confidences[voiced],
        cmap="cividis_r",
        vmin=VOICED,
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
    axes.set_yticks(ticks, [f"{note(tick)}  {tick:.0f}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.set_ylim(low, high)
    axes.set_xlim(*_span(prediction))
    _over_time(axes, "frequency (Hz)")
    color_scale(axes, points, "confidence")


def similarity(axes: Axes, prediction: Prediction) -> None:
    """Draw the cosine of the embeddings at any two moments."""
    values = prediction.activations.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    unit = values / np.where(lengths > 0, lengths, 1)
    resize(axes, 6.2, 7)
    image = axes.imshow(
        unit @ unit.T,
        interpolation="nearest",
        cmap=MAP,
        vmax=1,
        extent=(*_span(prediction), *_span(prediction)[::-1]),
    )
    axes.set_xlabel("time (s)")
    axes.set_ylabel("time (s)")
    color_scale(axes, image, "cosine similarity")


def _step(prediction: Prediction) -> float:
    """Seconds from one patch to the next."""
    times = np.unique(prediction.times)
    return float(times[1] - times[0]) if len(times) > 1 else 1.0


def _span(prediction: Prediction) -> tuple[float, float]:
    """From the first patch to the end of the last, in seconds."""
    return float(prediction.times[0]), float(prediction.times[-1]) + _step(prediction)


def resize(axes: Axes, inches: float, width: float = 9) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(width, inches)


def _over_time(axes: Axes, values: str) -> None:
    axes.set_xlabel("time (s)")
    axes.set_ylabel(values)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def color_scale(axes: Axes, colored: ScalarMappable, name: str) -> None:
    """Say what the colours mean."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(colored, ax=axes, label=name, pad=0.015, aspect=35)
    bar.ax.tick_params(length=0)
    bar.outline.set_visible(False)


def shortened(name: str, length: int) -> str:
    """A name with its beginning and its end, where versions and numbers stand."""
    end = length // 3
    return name if len(name) <= length else f"{name[: length - end - 1]}…{name[-end:]}"


def written(figure: Figure, ending: str) -> bytes:
    from matplotlib import rc_context

    stream = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):  # words stay words
        figure.savefig(stream, format=ending.removeprefix("."), dpi=160)
    return stream.getvalue()
