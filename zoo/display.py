"""Sizes, numbers and columns as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH = 80
"""Columns of text."""


def size(count: int | None) -> str:
    """Say a number of bytes in words, decimal units."""
    if count is None:
        return "?"
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def thousands(count: int) -> str:
    """A number with its digits in groups of three: ``762 018``."""
    return f"{count:,}".replace(",", " ")


def columns(rows: Iterable[Sequence[str]], *, right: bool = False) -> list[str]:
    """Lines of columns as wide as their widest cell, the last one to the right if wanted."""
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    last = str.rjust if right else str.ljust
    justify = [*[str.ljust] * (len(widths) - 1), last]
    return [
        "  ".join(
            put(cell, width) for put, cell, width in zip(justify, line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
