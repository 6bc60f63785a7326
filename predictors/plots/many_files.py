"""Pictures of many files: how alike their embeddings are."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from predictors.plots.one_file import cosines
from predictors.plots.style import (
    ALIKE,
    COLORS,
    color_scale,
    resize,
    shortened,
    words,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox
    from numpy.typing import NDArray

ROWS = 25
"""Files in a matrix: the names of more could not be read, and a map shows them better."""
NUMBERED = 12
"""Files in a matrix whose cells hold their values."""
NAME = 28
"""Letters of a file's name."""
LABELS = 400
"""Points of a map that are given their names, where these have room."""
FOLDERS = 28
"""Folders that are told apart, by their colour and their marker."""
MARKERS = "osD^vPX"
LINE = 90
"""Letters that a legend has room for on one line."""


def draw(means: Mapping[str, Sequence[float]], model: str, ending: str = ".png") -> bytes:
    """Draw how alike files are: few as a matrix, many as a map.

    Parameters
    ----------
    means : mapping of str to sequence of float
        From each file's path to the mean of its embeddings; at least two.
    model : str
        The model's id.
    ending : {".png", ".svg", ".pdf"}
        The format.

    Returns
    -------
    bytes
        The content of the file.
    """
    with words((model, *means)):
        return written(picture(means, model), ending)


def picture(means: Mapping[str, Sequence[float]], model: str) -> Figure:
    """Draw how alike files are as a figure; see `draw`."""
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    axes = figure.subplots()
    values = np.array(list(means.values()), np.float64)
    files = [Path(file) for file in means]
    if len(files) <= ROWS:
        matrix(axes, values, names(files))
    else:
        scatter(axes, values, files)
    title = f"{model}\n{len(files)} files, mean embeddings"
    axes.set_title(title, loc="left", weight="bold", fontsize="medium")
    return figure


def names(files: Sequence[Path]) -> list[str]:
    """What to call files: behind their folder where others have the same name."""
    count = Counter(file.stem for file in files)
    return [
        shortened(
            file.stem if count[file.stem] == 1 else str(Path(file.parent.name, file.name)), NAME
        )
        for file in files
    ]


def matrix(axes: Axes, values: NDArray[np.float64], labels: Sequence[str]) -> None:
    """Draw the cosine of any two rows [shape=(files, values)]."""
    alike = cosines(values)
    count = len(labels)
    side = max(3.2, (0.55 if count <= NUMBERED else 0.26) * count)
    resize(axes, side + 1.6, side + 3.4)
    image = axes.imshow(alike, interpolation="nearest", cmap=ALIKE, vmin=-1, vmax=1)
    axes.set_xticks(range(count), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(count), labels)
    axes.tick_params(length=0, labelsize="small")
    axes.spines[:].set_visible(False)
    if count <= NUMBERED:
        for row, column in np.ndindex(count, count):
            value = alike[row, column]
            color = "white" if abs(value) > 0.6 else "black"
            options: dict[str, Any] = {"ha": "center", "va": "center", "color": color}
            axes.text(column, row, f"{value:z.2f}", fontsize="small", **options)
    color_scale(axes, image, "cosine similarity")


def scatter(axes: Axes, values: NDArray[np.float64], files: Sequence[Path]) -> None:
    """Draw rows [shape=(files, values)] on the plane of their two principal components."""
    places, shares = principal(values)
    resize(axes, 5.6, 7.5)
    folders = list(dict.fromkeys(file.parent for file in files))
    colored = 1 < len(folders) <= FOLDERS
    for number, folder in enumerate(folders if colored else [None]):
        of = [folder in (None, file.parent) for file in files]
        turn, color = divmod(number, len(COLORS))
        style: dict[str, Any] = {"color": COLORS[color], "marker": MARKERS[(color + turn) % 7]}
        x, y = places[of].T
        axes.scatter(x, y, s=26, alpha=0.8, linewidths=0, **style)
    if colored:
        _legend(axes, folders)
    axes.margins(0.08)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(f"principal component 1 ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"principal component 2 ({shares[1]:.0%} of the variance)")
    _label(axes, places, names(files))


def _legend(axes: Axes, folders: Sequence[Path]) -> None:
    """Give the folders' whole names below, as many beside each other as have room."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    labels = [fill(shortened(name, sys.maxsize), LINE) for name in told_apart(folders)]
    longest = max(len(line) for label in labels for line in label.splitlines())
    columns = max(1, min(len(labels), LINE // (longest + 6)))
    lines = sum(label.count("\n") + 1 for label in labels) / columns
    resize(axes, 5.6 + 0.21 * lines, 7.5)
    style: dict[str, Any] = {"ncols": columns, "frameon": False, "fontsize": "small"}
    figure.legend(axes.collections, labels, loc="outside lower left", **style)


def told_apart(folders: Sequence[Path]) -> list[str]:
    """The names of folders, behind as many of those that they lie in as tell all apart."""
    parts = [folder.absolute().parts for folder in folders]
    depth = 1
    while len({some[-depth:] for some in parts}) < len(parts):
        depth += 1
    return [str(Path(*some[-depth:])) for some in parts]


def principal(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the plane in which rows differ most: a principal component analysis.

    Parameters
    ----------
    values : numpy.ndarray [shape=(rows, columns)]

    Returns
    -------
    places : numpy.ndarray [shape=(rows, 2)]
    shares : numpy.ndarray [shape=(2,)]
        Of the variance, on each axis.
    """
    left, singular, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    places = np.zeros((len(values), 2))
    found = (left * singular)[:, :2]
    places[:, : found.shape[1]] = found
    variances = np.zeros(max(2, len(singular)))
    variances[: len(singular)] = singular**2
    return places, variances[:2] / max(variances.sum(), np.finfo(float).tiny)


def _label(axes: Axes, places: NDArray[np.float64], labels: Sequence[str]) -> None:
    """Name the points on a side that has room: the outermost first, which have most of it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = axes.get_figure(root=True)
    assert figure is not None
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()  # settles where everything is
    points = axes.transData.transform(places)
    taken: list[Bbox] = []
    for i in np.argsort(-np.linalg.norm(places, axis=1))[:LABELS]:
        for side, end in ((5, "left"), (-5, "right")):
            note = axes.annotate(
                labels[i],
                places[i],
                xytext=(side, 0),
                textcoords="offset points",
                ha=end,
                va="center",
                fontsize="x-small",
                color="0.25",
            )
            box = note.get_window_extent(canvas.get_renderer())
            hides = ((points >= box.min) & (points <= box.max)).all(axis=1).any()
            outside = box.x0 < axes.bbox.x0 or box.x1 > axes.bbox.x1
            if not (hides or outside or box.count_overlaps(taken)):
                taken.append(box)
                break
            note.remove()
