"""A network as a picture: blocks from top to bottom, for a paper's appendix."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from catalog.storage import save
from zoo.display import thousands
from zoo.drawing.blocks import TIMES, Block, Stretch, blocks_of, folded
from zoo.drawing.labels import Line, lines_of, plain, scope_of, width_of
from zoo.drawing.layout import GUTTER, ROW_GAP, Item, Row, arrange, place

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from catalog.fields import Layer
    from freeze.analysis.summary import Summary

COLOURS = {
    "input": "#8c8c8c",
    "convolution": "#0072b2",
    "dense": "#d55e00",
    "pooling": "#009e73",
    "normalization": "#cc79a7",
    "activation": "#e0c000",
    "other": "#5f6b76",
}
"""After Okabe and Ito: told apart by all kinds of colour vision, and by brightness."""

MOST_BLOCKS = 400
LINE = 0.15  # inches
PADDING = 0.07
MARGIN = 0.25
TITLE = 0.5
LEGEND = 0.45
DPI = 200


def draw(summary: Summary, path: Path, title: str) -> None:
    """Draw a network.

    Parameters
    ----------
    summary : Summary
    path : Path
        Where to write it; the ending says how: ``.svg``, ``.png``, ``.pdf``.
    title : str

    Raises
    ------
    UsageError
        There are no layers, or too many for a picture.
    StorageError
    """
    save(path, drawn(summary, path.suffix, title))


def drawn(summary: Summary, ending: str, title: str) -> bytes:
    """The picture of a network as a file, the same bytes each time; see `draw`."""
    from matplotlib import rc_context

    stream, dated = io.BytesIO(), {".svg": "Date", ".pdf": "CreationDate"}.get(ending)
    with rc_context({"svg.hashsalt": title}):
        figure = diagram(summary, title)
        undated = {dated: None} if dated else None
        figure.savefig(stream, dpi=DPI, format=ending[1:], metadata=undated)
    return stream.getvalue()


def marked(summary: Summary, layers: Iterable[Layer]) -> Summary:
    """The same network with the layers of a record as its outputs, each with its purpose."""
    from freeze.analysis.candidates import Output

    known = {output.name: output for output in summary.outputs}
    there = {layer.name: layer for layer in summary.layers}
    outputs = []
    for layer in layers:
        said = layer.purpose or layer.description or layer.name.rpartition("/")[2]
        if layer.name in known:
            outputs.append(replace(known[layer.name], purpose=said))
        elif found := there.get(layer.name):
            outputs.append(Output(layer.name, found.op, found.shape, said, layer.name))
    return replace(summary, outputs=tuple(outputs) or summary.outputs)


def diagram(summary: Summary, title: str) -> Figure:
    """The picture of a network: one pair of axes, in inches; y grows downwards.

    Raises
    ------
    UsageError
        There are no layers, or too many for a picture.
    """
    stretches = folded(blocks_of(summary))
    blocks = [block for stretch in stretches for block in stretch.blocks]
    if not blocks or len(blocks) > MOST_BLOCKS:
        raise UsageError(
            f"{title} cannot be drawn.", why=f"It has {len(blocks)} blocks.", hint="Try --layers"
        )
    scope = scope_of(blocks)
    lines = {block.name: lines_of(block, scope) for block in blocks}
    width = max(map(width_of, lines.values())) + 4 * PADDING
    return _Picture(stretches, lines, width).figure(plain(title), summary)


def _beside(block: Block) -> float:
    """How wide the purposes are that stand beside a block, in inches."""
    return max((0.1 + width_of([Line(purpose, 7.5)]) for purpose in block.purposes), default=0.0)


class _Picture:
    """Boxes and edges with their places, in inches; y grows downwards."""

    def __init__(
        self, stretches: Sequence[Stretch], lines: dict[str, list[Line]], width: float
    ) -> None:
        blocks = [block for stretch in stretches for block in stretch.blocks]
        self.blocks = {block.name: block for block in blocks}
        self.lines = lines
        self.repeated = [stretch for stretch in stretches if stretch.times > 1]
        self.heights = {name: len(text) * LINE + 2 * PADDING for name, text in lines.items()}
        self.layout = arrange(
            dict.fromkeys(lines, width), {block.name: block.inputs for block in blocks}
        )
        framed = {block.name for stretch in self.repeated for block in stretch.blocks}
        beside = {block.name: _beside(block) + 0.6 * (block.name in framed) for block in blocks}
        self.rows = place(self.layout, self.heights, beside, framed)
        self.height = max(row.y + row.height / 2 for row in self.rows)
        self.width = max(
            row.shift + item.x + item.width / 2 + beside.get(item.name or "", 0)
            for row in self.rows
            for item in row.items
        )

    def figure(self, title: str, summary: Summary) -> Figure:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        used = [key for key in COLOURS if any(b.category == key for b in self.blocks.values())]
        legend = width_of([Line("   ".join(used), 6.5)]) + 0.2 * len(used)
        width = max(self.width, legend, width_of([Line(title, 10, "bold")])) + 2 * MARGIN
        height = TITLE + self.height + LEGEND
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-MARGIN, width - MARGIN)
        axes.set_ylim(height - TITLE, -TITLE)
        axes.axis("off")
        parameters = f"{thousands(summary.parameters)} parameters"
        axes.text(0, 0.17 - TITLE, title, fontsize=10, weight="bold", va="center")
        axes.text(0, 0.34 - TITLE, parameters, fontsize=7.5, va="center")
        for stretch in self.repeated:
            self._frame(axes, stretch)
        for way in self.layout.edges:
            self._edge(axes, way)
        for row in self.rows:
            for item in row.items:
                if item.name is not None:
                    self._box(axes, item.name, row.shift + item.x, row.y, item.width)
        self._legend(axes, used, self.height + LEGEND / 2)
        return figure

    def _box(self, axes: Any, name: str, x: float, y: float, width: float) -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.patches import FancyBboxPatch

        block, height = self.blocks[name], self.heights[name]
        colour = COLOURS[block.category]
        pale = tuple(1 - 0.16 * (1 - part) for part in to_rgb(colour))
        corner = (x - width / 2, y - height / 2)
        style = "round,pad=0,rounding_size=0.05"
        axes.add_patch(
            FancyBboxPatch(corner, width, height, style, fc=pale, ec=colour, lw=1.1, zorder=3)
        )
        at = corner[1] + PADDING + LINE / 2
        for line in self.lines[name]:
            axes.text(
                x,
                at,
                line.text,
                fontsize=line.size,
                weight=line.weight,
                color=line.colour,
                ha="center",
                va="center",
                zorder=4,
            )
            at += LINE
        for index, purpose in enumerate(block.purposes):
            axes.text(
                x + width / 2 + 0.06,
                y + (index - (len(block.purposes) - 1) / 2) * LINE,
                purpose,
                fontsize=7.5,
                style="italic",
                va="center",
                zorder=4,
            )

    def _edge(self, axes: Any, way: Sequence[tuple[int, Any]]) -> None:
        """Draw an edge, straight past the rows that it passes and curved between them."""
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path as Curve

        vertices: list[tuple[float, float]] = []
        codes: list[Any] = []
        for (upper, start), (lower, end) in pairwise(way):
            before, after = self.rows[upper], self.rows[lower]
            here = before.shift + start.x, before.y + self._half(start, before)
            there = after.shift + end.x, after.y - self._half(end, after)
            vertices.append(here)
            codes.append(Curve.LINETO if codes else Curve.MOVETO)
            if before.column == after.column:
                middle = (here[1] + there[1]) / 2
                vertices += [(here[0], middle), (there[0], middle), there]
                codes += [Curve.CURVE4] * 3
            else:
                between = there[0] - end.width / 2 - GUTTER / 2
                low, high = here[1] + ROW_GAP / 2, there[1] - ROW_GAP / 2
                vertices += [(here[0], low), (between, low), (between, high), (there[0], high)]
                vertices.append(there)
                codes += [Curve.LINETO] * 5
        axes.add_patch(
            FancyArrowPatch(
                path=Curve(vertices, codes),
                arrowstyle="-|>,head_length=3,head_width=1.6",
                fc="#555555",
                ec="#555555",
                lw=0.8,
                zorder=2,
                shrinkA=0,
                shrinkB=0,
            )
        )

    def _half(self, item: Item, row: Row) -> float:
        """Half the height of a block; an edge passes the whole row."""
        return (self.heights[item.name] if item.name is not None else row.height) / 2

    def _frame(self, axes: Any, stretch: Stretch) -> None:
        """Draw a frame around a stretch that stands for several."""
        from matplotlib.patches import FancyBboxPatch

        names = {block.name for block in stretch.blocks}
        within = {
            id(item)
            for way in self.layout.edges
            if {way[0][1].name, way[-1][1].name} <= names
            for _, item in way
        }
        places = [
            (row, item)
            for row in self.rows
            for item in row.items
            if item.name in names or id(item) in within
        ]
        left = min(row.shift + item.x - item.width / 2 for row, item in places) - 0.1
        right = max(row.shift + item.x + item.width / 2 for row, item in places) + 0.1
        top = min(row.y - row.height / 2 for row, _ in places) - 0.07
        bottom = max(row.y + row.height / 2 for row, _ in places) + 0.07
        style = "round,pad=0,rounding_size=0.08"
        axes.add_patch(
            FancyBboxPatch(
                (left, top),
                right - left,
                bottom - top,
                style,
                fc="#f6f6f6",
                ec="#999999",
                lw=0.8,
                ls="--",
                zorder=1,
            )
        )
        axes.text(
            right + 0.05,
            (top + bottom) / 2,
            f"{TIMES} {stretch.times}",
            fontsize=10,
            weight="bold",
            va="center",
        )

    def _legend(self, axes: Any, used: Sequence[str], y: float) -> None:
        from matplotlib.patches import Rectangle

        x = 0.0
        for category in used:
            axes.add_patch(Rectangle((x, y - 0.04), 0.08, 0.08, fc=COLOURS[category], lw=0))
            axes.text(x + 0.12, y, category, fontsize=6.5, va="center")
            x += 0.2 + width_of([Line(category, 6.5)])
