"""Places for the blocks of a picture: rows from top to bottom, few crossings.

The usual three steps for layered drawings (Sugiyama, Tagawa and Toda, 1981):
rows by the longest way from an input, order within a row by the mean place of the
neighbours, then positions that pull connected blocks above each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from catalog.errors import UsageError

SWEEPS = 100
MOST_STEPS = 3000
"""Rows that all edges together pass: more could not be followed by any eye."""

BEND_WIDTH = 0.12  # inches that an edge needs where it passes a row
GAP = 0.2  # inches between neighbours in a row
ROW_GAP = 0.24
GUTTER = 0.5  # inches between columns
PAGE = (9.0, 9.0)  # inches that a picture should not be much higher or wider than


@dataclass
class Item:
    """A block in its row, or the place where an edge passes a row.

    Attributes
    ----------
    name : str or None
        The block; None for an edge that passes.
    width : float
        In inches.
    x : float
        Its centre, in inches.
    above, below : list of Item
        What it is connected to.
    """

    name: str | None
    width: float
    x: float = 0.0
    above: list[Item] = field(default_factory=list)
    below: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    Attributes
    ----------
    rows : list of list of Item
        From top to bottom, each from left to right.
    edges : list of list of (int, Item)
        Each the way of one edge: row and item, blocks at both ends.
    """

    rows: list[list[Item]]
    edges: list[list[tuple[int, Item]]]


def arrange(widths: Mapping[str, float], inputs: Mapping[str, Sequence[str]]) -> Layout:
    """Arrange blocks.

    Parameters
    ----------
    widths : mapping of str to float
        Of all blocks, in an order in which each stands after its inputs; inches.
    inputs : mapping of str to sequence of str
        The blocks that each block reads.

    Raises
    ------
    UsageError
        Too many edges.
    """
    depth: dict[str, int] = {}
    for name in widths:
        depth[name] = max((depth[before] + 1 for before in inputs[name]), default=0)
    rows: list[list[Item]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    items = {name: Item(name, width) for name, width in widths.items()}
    for name, item in items.items():
        rows[depth[name]].append(item)
    pairs = [(before, name) for name in widths for before in inputs[name]]
    if sum(depth[name] - depth[before] for before, name in pairs) > MOST_STEPS:
        raise UsageError("This network cannot be drawn.", why="Its edges pass too many rows.")
    edges = []
    for before, name in pairs:
        way = [(depth[before], items[before])]
        for row in range(depth[before] + 1, depth[name]):
            bend = Item(None, BEND_WIDTH)
            rows[row].append(bend)
            way.append((row, bend))
        way.append((depth[name], items[name]))
        for (_, upper), (_, lower) in pairwise(way):
            upper.below.append(lower)
            lower.above.append(upper)
        edges.append(way)
    _pack(rows)
    for _ in range(SWEEPS):
        for items_of_row in rows:
            _sort(items_of_row, downwards=True)
        for items_of_row in reversed(rows):
            _sort(items_of_row, downwards=False)
    _pack(rows)
    for _ in range(SWEEPS):
        for items_of_row in (*rows, *reversed(rows)):
            _pull(items_of_row)
    return Layout(rows, edges)


def _pack(rows: Sequence[Sequence[Item]]) -> None:
    """Put the items of each row beside each other, around zero."""
    for row in rows:
        at = -sum(item.width + GAP for item in row) / 2
        for item in row:
            item.x = at + (item.width + GAP) / 2
            at += item.width + GAP


def _sort(row: list[Item], downwards: bool) -> None:
    """Order a row by the mean place of what its items are connected to on one side."""

    def place(item: Item) -> float:
        beside = item.above if downwards else item.below
        return sum(other.x for other in beside) / len(beside) if beside else item.x

    row.sort(key=place)
    _pack([row])


def _pull(row: Sequence[Item]) -> None:
    """Move the items of a row to where the edges pull them, none past another.

    Edges are springs; this finds the least energy of the row, everything else being
    fixed, by pooling adjacent violators.
    """
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + GAP)
    pools: list[tuple[float, float, int]] = []  # place, stiffness, number of items
    for item, offset in zip(row, offsets, strict=True):
        springs = [(other.x, _stiffness(item, other)) for other in (*item.above, *item.below)]
        stiffness = sum(spring for _, spring in springs) or 1.0
        place = sum(x * spring for x, spring in springs) / stiffness if springs else item.x
        place, count = place - offset, 1
        while pools and pools[-1][0] > place:
            other_place, other_stiffness, other_count = pools.pop()
            place = place * stiffness + other_place * other_stiffness
            stiffness, count = stiffness + other_stiffness, count + other_count
            place /= stiffness
        pools.append((place, stiffness, count))
    places = [place for place, _, count in pools for _ in range(count)]
    for item, place, offset in zip(row, places, offsets, strict=True):
        item.x = place + offset


def _stiffness(item: Item, other: Item) -> float:
    """Block above block stands straight first, then edges that pass several rows."""
    if item.name is None and other.name is None:
        return 1000.0
    return 1.0 if item.name is None or other.name is None else 1e5


@dataclass(frozen=True)
class Row:
    """A row in its place.

    Attributes
    ----------
    items : list of Item
    y, height : float
        Its middle, from above, and how high it is; inches.
    shift : float
        How far it stands to the right of where its items say.
    column : int
        Long chains are broken into columns.
    """

    items: list[Item]
    y: float
    height: float
    shift: float
    column: int


def place(
    layout: Layout,
    heights: Mapping[str, float],
    beside: Mapping[str, float],
    together: Collection[str],
) -> list[Row]:
    """Put rows below each other, in as many columns as a page needs.

    Parameters
    ----------
    layout : Layout
    heights, beside : mapping of str to float
        Of blocks, and how wide is what stands on their right; inches.
    together : collection of str
        Blocks between which there is no break.
    """
    high = [max(heights[item.name] for item in row if item.name) for row in layout.rows]
    placed: list[Row] = []
    left = 0.0
    for number, column in enumerate(_columns(layout, high, together)):
        items = [item for row in column for item in layout.rows[row]]
        shift = left - min(item.x - item.width / 2 for item in items)
        y = 0.0
        for row in column:
            placed.append(Row(layout.rows[row], y + high[row] / 2, high[row], shift, number))
            y += high[row] + ROW_GAP
        ends = [item.x + item.width / 2 + beside.get(item.name or "", 0) for item in items]
        left = shift + max(ends) + GUTTER
    return placed


def _columns(layout: Layout, high: Sequence[float], together: Collection[str]) -> list[list[int]]:
    """Break the rows where a single edge connects two, into columns of like height."""
    edges = Counter(row for way in layout.edges for row, _ in way[:-1])  # to the next row
    total = sum(high) + ROW_GAP * len(high)
    items = [item for row in layout.rows for item in row]
    width = max(item.x for item in items) - min(item.x for item in items) + items[0].width
    height, breadth = PAGE
    most = max(1, min(round(total / height), int(breadth / (width + GUTTER))))
    columns: list[list[int]] = [[]]
    y = 0.0
    for row, beside in enumerate(layout.rows):
        closed = edges[row - 1] > 1 or any(item.name in together for item in beside)
        if y + high[row] / 2 > total / most and len(columns) < most and not closed:
            columns.append([])
            y = 0.0
        columns[-1].append(row)
        y += high[row] + ROW_GAP
    return columns
