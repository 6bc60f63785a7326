"""What a point of a Gaia data set is made of: descriptors, their types and sizes.

In the file it is a tree of the parts of their names, with the places of all values; here it is
what the tree says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from freeze.formats.gaia.stream import Reader, Writer

Kind = Literal["real", "string", "enum"]
_KINDS: tuple[Kind, ...] = ("real", "string", "enum")

DEEPEST = 32
"""Parts in a name; Essentia's have four."""


@dataclass(frozen=True)
class Descriptor:
    """The type of a descriptor.

    Attributes
    ----------
    kind : {"real", "string", "enum"}
        The last is a text, numbered by the layout's table.
    size : int or None
        Numbers or texts in it; None if there may be any number of them.
    """

    kind: Kind
    size: int | None = None


@dataclass(frozen=True)
class Layout:
    """The descriptors of a point.

    Attributes
    ----------
    descriptors : mapping of str to Descriptor
        By their full names, which begin with a dot: ``.lowlevel.mfcc.mean``.
    tables : mapping of str to tuple of str
        Of enumerated descriptors, also of some that are gone: the texts by their numbers.
    """

    descriptors: Mapping[str, Descriptor]
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read(reader: Reader) -> Layout:
    """Read a layout, which is all of a stream.

    Raises
    ------
    ValueError
        It is damaged.
    """
    found: dict[str, Descriptor] = {}
    for name, descriptor in _leaves(reader, "", 0):
        if name in found:
            raise reader.refuse(f"{name!r:.80} stands twice in a layout")
        found[name] = descriptor
    tables = reader.map(lambda: reader.map(reader.words, lambda: reader.number("i")))
    reverse = reader.map(lambda: reader.map(lambda: reader.number("i")))
    reader.end()
    made = {name: tuple(table[key] for key in sorted(table)) for name, table in tables.items()}
    if any(sorted(table) != [*range(len(table))] for table in tables.values()) or reverse != {
        name: {text: number for number, text in enumerate(texts)} for name, texts in made.items()
    }:
        raise reader.refuse("the tables of a layout contradict each other")
    return Layout(found, made)


def _leaves(reader: Reader, above: str, deep: int) -> Iterator[tuple[str, Descriptor]]:
    """Read a node and all below it."""
    if deep > DEEPEST:
        raise reader.refuse("a name has too many parts")
    part = reader.words()
    if "." in part:
        raise reader.refuse(f"{part!r:.80} is no part of a name")
    kind, variable, begin, end = (reader.number("i") for _ in range(4))
    children = reader.count(24)
    name = f"{above}.{part}" if deep else ""
    for _ in range(children):
        yield from _leaves(reader, name, deep + 1)
    if not kind and (children or not deep):
        return
    if children or not 1 <= kind <= len(_KINDS) or variable not in (0, 1) or end < begin:
        raise reader.refuse(f"{name!r:.80} has no type or size that there is")
    yield name, Descriptor(_KINDS[kind - 1], None if variable else end - begin)


def write(layout: Layout, writer: Writer) -> None:
    """Write a layout as Gaia does."""
    places: dict[tuple[int, int], int] = {}
    leaves = []
    for name, descriptor in sorted(layout.descriptors.items()):
        kind, variable = _KINDS.index(descriptor.kind) + 1, descriptor.size is None
        begin = places.get((kind, variable), 0)
        end = begin + (1 if descriptor.size is None else descriptor.size)
        places[kind, variable] = end
        leaves.append((tuple(name[1:].split(".")), (kind, variable, begin, end)))
    _write_node(writer, "", (0, 1, -1, -1), sorted(leaves))
    writer.map(
        layout.tables,
        lambda texts: writer.map(
            dict(enumerate(texts)), writer.text, lambda number: writer.number("i", number)
        ),
    )
    writer.map(
        layout.tables,
        lambda texts: writer.map(
            {text: number for number, text in enumerate(texts)},
            lambda number: writer.number("i", number),
        ),
    )


_Leaf = tuple[tuple[str, ...], tuple[int, int, int, int]]


def _write_node(
    writer: Writer, part: str, places: tuple[int, int, int, int], leaves: Iterable[_Leaf]
) -> None:
    """Write a node, then those of the leaves below it, by the next part of their names."""
    below = [(name, [*group]) for name, group in groupby(leaves, lambda leaf: leaf[0][0])]
    writer.text(part)
    for number in places:
        writer.number("i", number)
    writer.number("I", len(below))
    for name, group in below:
        ends = [places for parts, places in group if len(parts) == 1]
        rest = [(parts[1:], places) for parts, places in group if len(parts) > 1]
        _write_node(writer, name, ends[0] if ends else (0, 1, 0, 1), rest)
