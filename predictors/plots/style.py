"""How pictures look: colours and words.

Colours are those of Okabe and Ito, or of maps whose lightness grows evenly, so that they can be
told apart by everybody and in print.
"""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MAP = "magma"
"""Of activations."""
SURE = "cividis_r"
"""Of probabilities of points: what is less sure is paler."""
ALIKE = "RdBu_r"
"""Of cosines: white is neither alike nor opposite."""
UNKNOWN = "0.93"
"""Where nothing was heard."""


@contextmanager
def words(texts: Iterable[str]) -> Iterator[None]:
    """Draw texts letter by letter: no dollar sign is mathematics, no letter lacks a font.

    A letter that no installed font has is a box, as everywhere, and no warning; nor is one a font
    without bold letters.
    """
    from matplotlib import rc_context, rcParams

    families = [*rcParams["font.family"], *_more_fonts(set(map(ord, "".join(texts))))]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    options: dict[Any, Any] = {"font.family": families, "text.parse_math": False}
    with rc_context(options | {"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)


def _more_fonts(letters: set[int]) -> Iterator[str]:
    """Families of installed fonts that have the letters that the usual one lacks."""
    from matplotlib import font_manager

    missing = letters - _letters(font_manager.findfont(font_manager.FontProperties()))
    for font in font_manager.fontManager.ttflist:
        if not missing:
            return
        if not font.name.startswith("Last Resort") and missing & _letters(font.fname):
            missing -= _letters(font.fname)
            yield font.name


@cache
def _letters(font: str) -> frozenset[int]:
    """What a font can draw: nothing where it is made of pixels."""
    from matplotlib.ft2font import FT2Font

    face = FT2Font(font)
    return frozenset(face.get_charmap()) if face.scalable else frozenset()


def shortened(name: str, length: int) -> str:
    """A name on one line, with its beginning and its end, where versions and numbers stand.

    Letters as wide as Chinese ones count twice; what cannot be printed is escaped.
    """
    name = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)
    widths = np.cumsum([0, *(2 if east_asian_width(letter) in "WF" else 1 for letter in name)])
    if widths[-1] <= length:
        return name
    end = length // 3
    head = np.searchsorted(widths, length - end - 1, side="right") - 1
    tail = np.searchsorted(widths, widths[-1] - end)
    return f"{name[:head]}…{name[tail:]}"


def resize(axes: Axes, inches: float, width: float = 9) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(width, inches)


def color_scale(axes: Axes, colored: ScalarMappable, name: str) -> None:
    """Say what the colours mean."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(colored, ax=axes, label=name, pad=0.015, aspect=35)
    bar.ax.tick_params(length=0)
    bar.outline.set_visible(False)


def written(figure: Figure, ending: str) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=ending.removeprefix("."), dpi=160)
    return stream.getvalue()
