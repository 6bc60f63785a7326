"""What a picture shows at a place."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure


class Drawn:
    """A figure as it is seen.

    Parameters
    ----------
    figure : Figure
    """

    def __init__(self, figure: Figure) -> None:
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        self.axes = figure.axes[0]
        self._pixels = np.asarray(canvas.buffer_rgba())

    def color(self, x: float, y: float) -> tuple[int, ...]:
        """The colour at a place of the first axes, in their units."""
        column, row = self.axes.transData.transform((x, y))
        return tuple(self._pixels[len(self._pixels) - 1 - int(row), int(column)].tolist())

    def mapped(self, value: float) -> tuple[int, ...]:
        """The colour that a value has in the first axes."""
        (colored,) = (*self.axes.images, *self.axes.collections)
        return tuple(colored.to_rgba(np.array([value]), bytes=True)[0].tolist())

    @property
    def limits(self) -> tuple[float, float]:
        """The values of the first and the last colour."""
        (colored,) = (*self.axes.images, *self.axes.collections)
        low, high = colored.get_clim()
        return float(low), float(high)


def rgba(color: str) -> tuple[int, ...]:
    return tuple(round(255 * channel) for channel in to_rgba(color))
