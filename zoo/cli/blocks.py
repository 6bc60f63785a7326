"""Parts of what a command prints about one thing: a title and what belongs to it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from zoo import display


def block(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns."""
    print(f"\n{title}")
    for line in display.columns(rows, indent="  ") or ["  none"]:
        print(line)


def counts(title: str, words: Iterable[tuple[str, object]]) -> None:
    """Print words, each with a number behind it that stays in its line."""
    print(f"\n{title}")
    told = ", ".join(f"{word}\0{number}".replace(" ", "\0") for word, number in words) or "none"
    for line in textwrap.wrap(
        told, display.width() - 2, break_long_words=False, break_on_hyphens=False
    ):
        print("  " + line.replace("\0", " "))
