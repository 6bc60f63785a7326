"""Predictions as the user sees them: bars, JSON rows, files."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import StorageError, UsageError
from catalog.storage import write_whole

if TYPE_CHECKING:
    from predictors.prediction import Prediction

WIDTH = 80
BLOCKS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Result:
    """What one model says about one file, or why it says nothing.

    Attributes
    ----------
    file, model, layer : str
    duration : float
        Of the file, in seconds.
    prediction : Prediction or None
    top : list of (str, float)
        The classes to show and their scores.
    error : str or None
    """

    file: str
    model: str
    layer: str
    duration: float = 0
    prediction: Prediction | None = None
    top: Sequence[tuple[str, float]] = ()
    error: str | None = None

    def to_json(self, *, activations: bool = False) -> dict[str, Any]:
        """A row of the JSON document, with all activations if wanted."""
        found = self.prediction
        row = {
            "file": self.file,
            "model": self.model,
            "layer": self.layer,
            "classes": list(found.classes) if found else None,
            "times": found.times.tolist() if found else None,
            "mean": found.mean().tolist() if found else None,
            "top": [{"class": name, "score": score} for name, score in self.top],
            "error": self.error,
        }
        if activations:
            row["activations"] = found.activations.tolist() if found else None
        return row


def show(result: Result) -> None:
    """Print the top classes of a file with bars; nothing where there was an error."""
    prediction = result.prediction
    if prediction is None:
        return
    count = len(prediction.times)
    patches = f"{count} patch{'es' if count > 1 else ''}"
    bold, color, plain = ("\033[1m", "\033[36m", "\033[0m") if _colors() else ("", "", "")
    print(f"{bold}{result.file}{plain}  {result.duration:.1f} s, {patches}, {result.model}")
    if result.layer == "embeddings":
        width = prediction.activations.shape[1]
        print(f"  {width} values a patch. To keep them: --output embeddings.npz")
        return
    if not result.top:
        print("  nothing reaches the threshold")
        return
    mean = prediction.mean()
    bars = mean.min() >= 0 and mean.max() <= 1
    label = min(32, max(len(name) for name, _ in result.top))
    for name, score in result.top:
        line = f"  {_short(name, label):<{label}}  {score:7.3f}"
        room = WIDTH - len(line) - 2
        print(f"{line}  {color}{bar(score, room)}{plain}".rstrip() if bars else line)


def bar(score: float, width: int) -> str:
    """Draw a score from 0 to 1 in at most `width` characters, to an eighth of one."""
    eighths = round(score * width * 8)
    if not _encodes(BLOCKS):
        return "#" * (eighths // 8)
    return BLOCKS[8] * (eighths // 8) + BLOCKS[eighths % 8].strip()


def _short(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _encodes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _colors() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def places(target: Path, files: Sequence[str], ending: str) -> dict[str, Path]:
    """Where the result of each file is written.

    Parameters
    ----------
    target : Path
        A file, or a folder that gets one a file of audio: it exists, or has no ending.
    files : sequence of str
    ending : str
        Of the names in a folder.

    Raises
    ------
    UsageError
        Several results would be written to one file.
    """
    if target.suffix and not target.is_dir():
        if len(files) > 1:
            raise UsageError(
                f"{target} can hold one file's result, and there are {len(files)}.",
                hint=f"Name a folder instead: {target.with_suffix('')}/",
            )
        return dict.fromkeys(files, target)
    found = {file: target / f"{Path(file).stem}{ending}" for file in files}
    if len(set(found.values())) < len(found):
        raise UsageError(
            f"Two results would have the same name in {target}.",
            why="Some files differ only in their folders or endings.",
            hint="Predict them one after the other, each into a file or folder of its own.",
        )
    return found


def npz(predictions: Sequence[Prediction]) -> bytes:
    """Arrays as an ``.npz`` file; those of several models behind ``<id>/``."""
    import numpy as np

    arrays = {
        f"{prediction.model}/{key}" if len(predictions) > 1 else key: value
        for prediction in predictions
        for key, value in prediction.arrays().items()
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def csv(predictions: Sequence[Prediction]) -> bytes:
    """The activations of one model as a table."""
    stream = io.StringIO(newline="")
    for prediction in predictions:
        prediction.write_csv(stream)
    return stream.getvalue().encode()


def save(path: Path, data: bytes) -> None:
    """Write a file that the user asked for, whole or not at all.

    Raises
    ------
    StorageError
    """
    try:
        write_whole(path, data)
    except StorageError as error:
        error.hint = "Choose another place to write to."
        raise
