"""What models say about files of audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.errors import ZooError
    from predictors.prediction import Prediction


@dataclass(frozen=True)
class Result:
    """What one model says about one file, or why it says nothing.

    Attributes
    ----------
    file, model, layer : str
    duration : float
        Of the file, in seconds.
    silent : bool
    prediction : Prediction or None
    top : list of (str, float)
        The classes to show and their scores.
    error : ZooError or None
    notes : sequence of str
        See `Heard`.
    """

    file: str
    model: str
    layer: str
    duration: float = 0
    silent: bool = False
    prediction: Prediction | None = None
    top: Sequence[tuple[str, float]] = ()
    error: ZooError | None = None
    notes: Sequence[str] = ()

    @property
    def said(self) -> str | None:
        """The error as a row of a table holds it: one sentence, and why."""
        return said(self.error)

    def to_json(self, *, activations: bool = False) -> dict[str, Any]:
        """A row of the JSON document, with all activations if wanted."""
        found = self.prediction
        row = {
            "file": printable(self.file),
            "model": self.model,
            "layer": self.layer,
            "classes": list(found.classes) if found else None,
            "times": found.times.tolist() if found else None,
            "mean": found.mean().tolist() if found else None,
            "top": [{"class": name, "score": score} for name, score in self.top],
            "error": self.said,
        }
        if activations:
            row["activations"] = found.activations.tolist() if found else None
        return row | (found.decoded.to_json() if found and found.decoded else {})


def said(error: ZooError | None) -> str | None:
    """An error as a row holds it: one sentence, and why."""
    return printable(" ".join(filter(None, (error.message, error.why)))) if error else None


def same_name(file: str) -> str:
    """The name of a file, the same in every locale: what is not UTF-8 are lone surrogates."""
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    r"""Text in which the names of files are UTF-8: other bytes are written as ``\xNN``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
