"""Sizes, numbers and columns as people read them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from textwrap import fill


def width() -> int:
    """Columns for text: those of the terminal, 80 at most."""
    return min(80, shutil.get_terminal_size().columns)


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


def columns(rows: Iterable[Sequence[str]], *, right: bool = False, indent: str = "") -> list[str]:
    """Lines of columns as wide as their widest cell, the last one to the right if wanted.

    On a terminal that is too narrow for them, the first cell of a row stands above the others.
    """
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
        if len(indent) + sum(widths) + 2 * len(widths) - 2 > room:
            return [
                fill(
                    "  ".join(filter(None, cells)),
                    room,
                    initial_indent=indent + space,
                    subsequent_indent=f"{indent}    ",
                    break_on_hyphens=False,
                )
                for head, *rest in lines
                for cells, space in (([head], ""), (rest, "    "))
                if any(cells)
            ]
    last = str.rjust if right else str.ljust
    justify = [*[str.ljust] * (len(widths) - 1), last]
    return [
        indent
        + "  ".join(
            put(cell, width) for put, cell, width in zip(justify, line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
