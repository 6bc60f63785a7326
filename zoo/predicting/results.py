"""Predictions as the user sees them: bars, JSON rows, files."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import StorageError, UsageError
from catalog.storage import write_whole
from predictors.prediction import spoken

if TYPE_CHECKING:
    from catalog.errors import ZooError
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
    silent : bool
    prediction : Prediction or None
    top : list of (str, float)
        The classes to show and their scores.
    error : ZooError or None
    """

    file: str
    model: str
    layer: str
    duration: float = 0
    silent: bool = False
    prediction: Prediction | None = None
    top: Sequence[tuple[str, float]] = ()
    error: ZooError | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What distinguishes it from all others."""
        return self.file, self.model, self.layer

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
            "error": self.error and " ".join(filter(None, (self.error.message, self.error.why))),
        }
        if activations:
            row["activations"] = found.activations.tolist() if found else None
        return row | (found.decoded.to_json() if found and found.decoded else {})


def show(results: Sequence[Result]) -> None:
    """Print the top classes of one file with bars, as one table; nothing for what failed."""
    good = [(result, result.prediction) for result in results if result.prediction]
    if not good:
        return
    first, prediction = good[0]
    several = len(results) > 1
    count = len(prediction.times)
    patches = f"{count} patch{'es' if count > 1 else ''}"
    what = f"{len(good)} models" if several else f"{patches}, {first.model}"
    bold, plain = ("\033[1m", "\033[0m") if _colors() else ("", "")
    print(f"{bold}{first.file}{plain}  {first.duration:.1f} s, {what}")
    margin = max(len(result.model) for result, _ in good) + 2 if several else 0
    label = min(
        32, max((len(spoken(name)) for result, _ in good for name, _ in result.top), default=0)
    )
    for result, prediction in good:
        heads = chain([result.model if several else ""], repeat(""))
        lines = _lines(result, prediction, label, max(0, WIDTH - 2 - margin))
        for head, line in zip(heads, lines, strict=False):
            print(f"  {head:<{margin}}{line}".rstrip())


def _lines(result: Result, prediction: Prediction, label: int, width: int) -> list[str]:
    """What a model says: one line a class, the bars as long as the width allows."""
    if result.layer == "embeddings":
        values = prediction.activations.shape[1]
        return [f"{values} values a patch, for --output to keep"]
    if prediction.decoded:
        return [prediction.decoded.summary()]
    if not result.top:
        return ["nothing reaches the threshold"]
    color, plain = ("\033[36m", "\033[0m") if _colors() else ("", "")
    mean = prediction.mean()
    lines = [f"{_short(spoken(name), label):<{label}}  {score:7.3f}" for name, score in result.top]
    if mean.min() < 0 or mean.max() > 1:
        return lines
    room = max(0, width - label - 11)
    bars = [bar(score, room) for _, score in result.top]
    return [f"{line}  {color}{bar}{plain}" for line, bar in zip(lines, bars, strict=True)]


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


def places(target: Path, files: Mapping[str, Path], ending: str) -> dict[str, Path]:
    """Where the result of each file is written.

    Parameters
    ----------
    target : Path
        A file, or a folder that gets one a file of audio: it exists, or has no ending.
    files : mapping of str to Path
        Each file's place in such a folder.
    ending : str
        Of the names in a folder.

    Raises
    ------
    UsageError
        Several results would be written to one file.
    """
    if not is_folder(target):
        if len(files) > 1:
            raise UsageError(
                f"{target} can hold one file's result, and there are {len(files)}.",
                hint=f"Name a folder instead: {target.with_suffix('')}/",
            )
        return dict.fromkeys(files, target)
    found = {file: target / place.with_suffix(ending) for file, place in files.items()}
    if len(set(found.values())) < len(found):
        raise UsageError(
            f"Two results would have the same name in {target}.",
            why="Some files differ only in their folders or endings.",
            hint="Name the folder that holds them all, or predict them one after the other.",
        )
    return found


def is_folder(target: Path) -> bool:
    """Tell whether a place for results is a folder: it exists, or has no ending."""
    return target.is_dir() or not target.suffix


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
