"""Pictures of predictions."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from predictors.prediction import Prediction

ROWS = 20
"""Classes in a taggram: more could not be read."""


def taggram(prediction: Prediction, ending: str = ".png", title: str = "") -> bytes:
    """Draw activations over time: one row a class, the strongest on top.

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
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    shown = prediction.top(ROWS)
    order = (-prediction.mean()).argsort(kind="stable")[: len(shown)]
    rows = prediction.activations[:, order].T
    times = prediction.times
    step = times[1] - times[0] if len(times) > 1 else 1.0

    figure = Figure(figsize=(9, 1.3 + 0.22 * len(shown)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(
        rows,
        aspect="auto",
        interpolation="nearest",
        cmap="magma",
        vmin=min(0, rows.min()),
        extent=(times[0], times[-1] + step, len(shown) - 0.5, -0.5),
    )
    axes.set_yticks(range(len(shown)), [name for name, _ in shown], parse_math=False)
    axes.set_yticks([row + 0.5 for row in range(len(shown) - 1)], minor=True)
    axes.grid(axis="y", which="minor", color="white", linewidth=1)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("time (s)")
    axes.set_title(title, loc="left", weight="bold", fontsize="medium", parse_math=False)
    axes.set_title(prediction.model, loc="right", color="0.4", fontsize="medium")
    bar = figure.colorbar(image, ax=axes, label="activation", pad=0.015, aspect=35)
    bar.ax.tick_params(length=0)
    bar.outline.set_visible(False)
    stream = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):  # words stay words
        figure.savefig(stream, format=ending.removeprefix("."), dpi=160)
    return stream.getvalue()
