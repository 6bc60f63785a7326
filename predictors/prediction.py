"""What a network says about a piece of audio, as Python users get it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, UsageError
from predictors.activations import Activations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")
SHOWN = 10
"""Classes in a notebook."""
BAR = 200
"""Pixels of a score of 1 in a notebook."""


@dataclass(frozen=True, repr=False)
class Prediction(Activations):
    """Activations over time; a notebook shows the top classes as bars.

    Examples
    --------
    >>> prediction = zoo.load("tiny.pb").predict("song.wav")
    >>> prediction
    <Prediction of tiny: 8 patches x 2 classes, quiet 0.50, loud 0.49>
    >>> prediction.activations.shape, prediction.classes
    ((8, 2), ('quiet', 'loud'))
    >>> prediction.top(1)
    [('quiet', 0.50...)]
    """

    def plot(self, to: str | Path | None = None, *, title: str = "") -> Figure:
        """Draw in the way that suits the model: a taggram, curves, bars, tempo, pitch.

        Parameters
        ----------
        to : str or Path, optional
            A ``.png``, ``.svg`` or ``.pdf`` to write.
        title : str

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        UsageError
            The file has another ending.
        StorageError
            It cannot be written.

        Examples
        --------
        >>> zoo.load("tiny.pb").predict("song.wav").plot("taggram.png")
        <Figure size ...>
        """
        from predictors.plots.one_file import draw, picture

        if to is not None:
            from catalog.storage import save

            path = Path(to)
            require_picture(path)
            save(path, draw(self, path.suffix, title))
        return picture(self, title)

    def to_frame(self) -> Any:
        """The activations as a data frame: a row per patch, named by its time, a column per class.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        MissingExtraError
            pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtraError(
                "A data frame needs pandas, which is not installed.",
                hint="Install it: pip install pandas",
            ) from None
        index = pandas.Index(self.times, name="time")
        return pandas.DataFrame(self.activations, index=index, columns=list(self.classes))

    def __repr__(self) -> str:
        patches, width = self.activations.shape
        size = f"{patches} {'patch' if patches == 1 else 'patches'} x {width}"
        if self.layer == "embeddings":
            return f"<Prediction of {self.model}: {size} embeddings>"
        top = ", ".join(f"{self.spoken(name)} {score:.2f}" for name, score in self._strongest(3))
        return f"<Prediction of {self.model}: {size} classes, {self._decoded() or top}>"

    def _repr_html_(self) -> str:
        """The model, the times and the top classes, for a notebook."""
        from html import escape

        patches, width = self.activations.shape
        span = f" from {self.times[0]:.1f} s to {self.times[-1]:.1f} s" if patches else ""
        head = (
            f"<p><b>{escape(self.model)}</b> {escape(self.layer)}: "
            f"{patches} {'patch' if patches == 1 else 'patches'}{span}</p>"
        )
        if decoded := self._decoded():
            return f"{head}<p>{escape(decoded)}</p>"
        if self.layer == "embeddings":
            return f"{head}<p>{width} values per patch</p>"
        rows = "".join(_row(self.spoken(name), score) for name, score in self._strongest(SHOWN))
        return f"{head}<table>{rows}</table>"

    def _decoded(self) -> str:
        return self.decoded.summary() if self.decoded else ""

    def _strongest(self, n: int) -> list[tuple[str, float]]:
        return self.top(n) if len(self.activations) else []


def require_picture(path: Path) -> None:
    """Refuse a name for a picture that has another ending.

    Raises
    ------
    UsageError
    """
    if path.suffix.lower() not in PICTURES:
        known = f"{', '.join(PICTURES[:-1])} or {PICTURES[-1]}"
        raise UsageError(f"The picture must end in {known}, and {path} does not.")


def _row(name: str, score: float) -> str:
    """A class with its score and, if that is a share, a bar."""
    from html import escape

    width = round(BAR * score) if 0 <= score <= 1 else 0
    bar = f'<div style="background:#0072B2;height:0.8em;width:{width}px"></div>'
    return (
        f'<tr><td style="text-align:left">{escape(name)}</td><td>{score:.3f}</td>'
        f'<td style="text-align:left">{bar}</td></tr>'
    )
