"""Pictures of how good a model is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from predictors.plots.style import COLORS, color_scale, resize, shortened, words, written
from training.scores import per_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from training.labels import Labels

NAME = 24
"""Letters of a class."""
NUMBERED = 24
"""Classes in a matrix whose cells hold their numbers."""


def draw(labels: Labels, predicted: NDArray[np.float32], title: str, ending: str = ".png") -> bytes:
    """Draw what was said of files that were not learned from.

    Classes are drawn as a confusion matrix, labels as bars of their ROC-AUC, numbers as points.

    Parameters
    ----------
    labels : Labels
    predicted : numpy.ndarray [shape=(files, outputs)]
    title : str
    ending : {".png", ".svg", ".pdf"}
        The format.

    Returns
    -------
    bytes
        The content of the file.
    """
    with words((title, *labels.classes)):
        return written(picture(labels, predicted, title), ending)


def picture(labels: Labels, predicted: NDArray[np.float32], title: str) -> Figure:
    """Draw it as a figure; see `draw`."""
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    axes = figure.subplots()
    drawn = {"classification": matrix, "auto-tagging": bars, "regression": points}
    drawn[labels.task](axes, labels, predicted)
    axes.set_title(title, loc="right", color="0.4", fontsize="medium")
    return figure


def confusion(labels: Labels, predicted: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many files of each class are taken for each [shape=(classes, classes)]."""
    counts = np.zeros((len(labels.classes), len(labels.classes)), np.int64)
    np.add.at(counts, (labels.targets.astype(np.int64), predicted.argmax(axis=1)), 1)
    return counts


def matrix(axes: Axes, labels: Labels, predicted: NDArray[np.float32]) -> None:
    """Draw for each class, a row, what its files are taken for, in percent of the row."""
    counts = confusion(labels, predicted)
    shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    size = len(labels.classes)
    resize(axes, 1.8 + 0.42 * size, width=3.4 + 0.5 * size)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    names = [shortened(name, NAME) for name in labels.classes]
    axes.set_xticks(range(size), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(size), names)
    axes.set(xlabel="taken for", ylabel="class")
    color_scale(axes, image, "% of the class")
    for (row, column), count in np.ndenumerate(counts) if size <= NUMBERED else ():
        color = "white" if shares[row, column] > 60 else "0.2"
        axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize="small")


def bars(axes: Axes, labels: Labels, predicted: NDArray[np.float32]) -> None:
    """Draw how well each label is told from its absence."""
    from sklearn.metrics import roc_auc_score

    values = np.array(per_label(labels.targets.astype(bool), predicted, roc_auc_score))
    order = np.argsort(values)
    resize(axes, 1.3 + 0.22 * len(order))
    axes.barh(range(len(order)), values[order], color=COLORS[0])
    axes.set_yticks(range(len(order)), [shortened(labels.classes[i], NAME) for i in order])
    axes.axvline(0.5, color=COLORS[6], linewidth=1, linestyle=":")
    axes.set(xlim=(0, 1), xlabel="ROC-AUC")


def points(axes: Axes, labels: Labels, predicted: NDArray[np.float32]) -> None:
    """Draw each file by its number and the estimate of it."""
    ends = (float(labels.targets.min()), float(labels.targets.max()))
    resize(axes, 5, width=5.5)
    axes.plot(ends, ends, color=COLORS[6], linewidth=1, linestyle=":")
    axes.scatter(labels.targets, predicted[:, 0], s=14, color=COLORS[0], alpha=0.6)
    axes.set(xlabel="label", ylabel="estimate")
