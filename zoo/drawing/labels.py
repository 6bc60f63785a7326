"""What is written in and beside the boxes of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.drawing.blocks import TIMES, Block

LONGEST_NAME = 20


@dataclass(frozen=True)
class Line:
    """A line of text in a box; its size in points."""

    text: str
    size: float
    weight: str = "normal"
    colour: str = "#222222"


def scope_of(blocks: Sequence[Block]) -> str:
    """The scope that all names but the inputs' begin with."""
    first = {block.name.partition("/")[0] for block in blocks if block.category != "input"}
    return f"{first.pop()}/" if len(first) == 1 else ""


def lines_of(block: Block, scope: str) -> list[Line]:
    """What is written in a box: operation, what finishes it, name and shape."""
    count = f"{block.times} {TIMES} " if block.times > 1 else ""
    first, *more = map(plain, block.words)
    lines = [Line(count + first, 8.5, "bold")]
    if more:
        lines.append(Line(", ".join(more), 7.5))
    name = block.name
    if block.category != "input":
        name = name.removeprefix(scope)
        name = name.rpartition("/")[0] or name
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 :]}"
    lines.append(Line(plain(name), 6.5, colour="#666666"))
    if block.shape is not None:
        sizes = ["?" if size is None else str(size) for size in block.shape[1:]]
        lines.append(Line(f" {TIMES} ".join(sizes) or "scalar", 7.5))
    return lines


def plain(text: str) -> str:
    """A text that matplotlib takes for no formula."""
    return "".join(letter if letter.isprintable() else "?" for letter in text).replace("$", r"\$")


def width_of(lines: Sequence[Line]) -> float:
    """The width of a text, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    return max(
        float(
            TextPath((0, 0), line.text, line.size, prop=FontProperties(weight=line.weight))
            .get_extents()
            .width
        )
        / 72
        for line in lines
    )
