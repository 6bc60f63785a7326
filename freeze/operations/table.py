"""The signatures of operations, from ``table.txt``, which says how a line is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from freeze.formats.dtypes import BY_SHORT

PATH = Path(__file__).with_name("table.txt")

_ATTRIBUTE = re.compile(
    r"(?P<name>\w+):(?P<kind>[a-z]+)(\((?P<allowed>[^/)]*)(/(?P<computed>[^)]*))?\))?"
    r"(>=(?P<least>-?\d+))?(?P<optional>[=?](?P<default>.*))?"
)


@dataclass(frozen=True)
class Argument:
    """An input or output of an operation: one tensor, or several.

    Attributes
    ----------
    name : str
    type : str
        An element type, or the attribute that names it.
    number : str
        The attribute that says how many tensors there are; empty for one.
    is_list : bool
        Whether the attribute lists the types of several tensors.
    """

    name: str
    type: str
    number: str = ""
    is_list: bool = False

    @classmethod
    def read(cls, text: str) -> Argument:
        name, _, kind = text.partition(":")
        number, _, element = kind.rpartition("*")
        return cls(name, element, number, kind.startswith("*"))


@dataclass(frozen=True)
class Attribute:
    """An attribute of an operation.

    Attributes
    ----------
    name, kind : str
        ``type``, ``int``, ``bool``, ``float``, ``string``, ``shape``, ``tensor`` or ``func``, or
        the plural for a list.
    allowed : frozenset of str
        The only values, texts or short names of types; empty if there is no such limit.
    computed : frozenset of str
        The types that TensorFlow computes on a processor; empty if these are all.
    least : int or None
        The least value, or length of a list.
    is_optional : bool
    default : str or None
        Where it matters here.
    """

    name: str
    kind: str
    allowed: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    least: int | None = None
    is_optional: bool = False
    default: str | None = None

    @classmethod
    def read(cls, text: str) -> Attribute:
        found = _ATTRIBUTE.fullmatch(text)
        if not found:
            raise ValueError(text)
        least, optional = found["least"], found["optional"] or ""
        return cls(
            found["name"],
            found["kind"],
            _choice(found["allowed"]),
            _choice(found["computed"]),
            int(least) if least else None,
            bool(optional),
            found["default"] if optional.startswith("=") else None,
        )


@dataclass(frozen=True)
class Operation:
    """The signature of an operation.

    Attributes
    ----------
    name : str
    inputs, outputs : tuple of Argument
    attributes : dict of str to Attribute
    until : int or None
        The version of graphs from which on it is gone.
    is_computed : bool
        Whether TensorFlow computes it on a processor.
    """

    name: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    attributes: dict[str, Attribute]
    until: int | None = None
    is_computed: bool = True


@cache
def names() -> frozenset[str]:
    """The operations that a network may use."""
    return frozenset(_lines())


@cache
def operation(name: str) -> Operation | None:
    """The signature of an operation; None of those that are not in the table or not TensorFlow's.

    Examples
    --------
    >>> [each.name for each in operation("MatMul").inputs]
    ['a', 'b']
    """
    line = _lines().get(name, "")
    if not line:
        return None
    line, _, until = line.partition(" !")
    signature, _, rest = line.partition(" ;")
    left, _, right = signature.partition("->")
    attributes = [Attribute.read(each) for each in rest.split()]
    return Operation(
        name,
        tuple(map(Argument.read, left.split())),
        tuple(map(Argument.read, right.split())),
        {each.name: each for each in attributes},
        int(until or 0) or None,
        until != "0",
    )


@cache
def _lines() -> dict[str, str]:
    """What stands behind each name."""
    lines = [line for line in PATH.read_text("ascii").splitlines() if line[:1] not in ("", "#")]
    pairs = (line.partition(" ")[::2] for line in lines if not line.startswith("@"))
    return dict(pairs)


@cache
def _sets() -> dict[str, str]:
    """Sets of types by their names."""
    lines = PATH.read_text("ascii").splitlines()
    pairs = (line.partition(" = ")[::2] for line in lines if line.startswith("@"))
    return dict(pairs)


def _choice(text: str | None) -> frozenset[str]:
    if not text:
        return frozenset()
    return frozenset(_sets().get(text, text).split("|"))


def number(short: str) -> int:
    """The number of an element type; see `freeze.formats.dtypes.SHORT`."""
    return BY_SHORT[short]
