"""Predictions on the terminal: the top classes with bars."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING

from zoo import output
from zoo.display import width
from zoo.predicting.results import printable

if TYPE_CHECKING:
    from predictors.prediction import Prediction
    from zoo.predicting.results import Result

BLOCKS = " ▏▎▍▌▋▊▉█"
NARROW = 36
"""Fewer columns than these are not shared with the name of a model."""


def show(results: Sequence[Result]) -> None:
    """Print the top classes of one file with bars, as one table; nothing for what failed."""
    good = [(result, result.prediction) for result in results if result.prediction]
    if not good:
        return
    first, prediction = good[0]
    several = len(results) > 1
    count = len(prediction.times)
    patches = f"{count} patch{'es' if count > 1 else ''}"
    models = f"{len(good)} model{'s' if len(good) > 1 else ''}"
    what = models if several else f"{patches}, {first.model}"
    seconds = f"{first.duration:.1f} s, " if first.duration else ""  # not known of embeddings
    bold, plain = ("\033[1m", "\033[0m") if output.colors(sys.stdout) else ("", "")
    print(f"{bold}{printable(first.file)}{plain}  {seconds}{what}")
    margin = max(len(result.model) for result, _ in good) + 2 if several else 0
    above = several and width() - 2 - margin < NARROW
    margin = 0 if above else margin
    room = width() - 2 - margin
    names = [said.spoken(name) for result, said in good for name, _ in result.top]
    label = min(32, max(map(len, names), default=0), max(8, room - 20))
    for result, prediction in good:
        lines = _lines(result, prediction, label, room)
        if above:
            print(f"  {result.model}")
        head = result.model if several and not above else ""
        heads = chain([head], repeat(""))
        for head, line in zip(heads, lines, strict=False):
            print(f"  {head:<{margin}}{line}".rstrip())


def _lines(result: Result, prediction: Prediction, label: int, width: int) -> list[str]:
    """What a model says: one line a class, the bars as long as the width allows."""
    if result.layer == "embeddings":
        values = prediction.activations.shape[1]
        return [f"{values} values per patch; save them with --output"]
    if prediction.decoded:
        return [prediction.decoded.summary()]
    if not result.top:
        return ["nothing above the threshold"]
    color, plain = ("\033[36m", "\033[0m") if output.colors(sys.stdout) else ("", "")
    mean = prediction.mean()
    named = [(_short(prediction.spoken(name), label), score) for name, score in result.top]
    lines = [f"{name:<{label}}  {score:7.3f}" for name, score in named]
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
    stream = getattr(sys.stdout, "rich_proxied_file", sys.stdout)  # while a progress bar is shown
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
