"""Frozen graphs: reading and writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from catalog.errors import IntegrityError, NotFoundError
from catalog.storage import reading
from freeze.formats.kinds import expect_graph, kind

LARGEST = 2**31 - 1
"""Bytes; no protobuf message may be larger."""

MOST_VALUES = 1_000_000
"""Of all messages in a file, which become many times larger when they are parsed."""

UNCOUNTED = 1 << 22
"""Bytes of a file that cannot hold too many values for any memory."""

MOST_NODES = 25_000
MOST_INPUTS = 250_000
LONGEST_NAME = 4096
"""Of one graph, its functions included. The largest audio networks have some thousand nodes."""

# Attributes that name an output's element type, in this order.
_OF_OUTPUT = ("dtype", "DstT", "out_type", "output_type", "T")
_COMPARED = 500  # names, with one that is not found


class Source(NamedTuple):
    """Where an input of a node comes from; output -1 is a control edge."""

    node: str
    output: int

    def __str__(self) -> str:
        if self.output < 0:
            return f"^{self.node}"
        return f"{self.node}:{self.output}" if self.output else self.node


def read(path: Path) -> Any:
    """Read a frozen graph.

    Parameters
    ----------
    path : Path
        A ``.pb`` file.

    Returns
    -------
    GraphDef

    Raises
    ------
    NotFoundError
        No such file.
    WrongKindError
        A file of another kind, told by its content.
    IntegrityError
        A damaged graph.
    """
    with reading(path), path.open("rb") as file:
        expect_graph(kind(file.read(1024)), str(path))
    return parse(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Read a file that protobuf can hold.

    Raises
    ------
    NotFoundError, IntegrityError, StorageError
        It is missing, too large, or cannot be read.
    """
    with reading(path):
        if path.stat().st_size > LARGEST:
            raise IntegrityError(f"{path} is too large for a graph.", why="Its limit is 2 GB.")
        return path.read_bytes()


def parse(data: bytes, name: str) -> Any:
    """Parse a frozen graph.

    Parameters
    ----------
    data : bytes
        A serialized GraphDef.
    name : str
        For messages: the file's name.

    Returns
    -------
    GraphDef

    Raises
    ------
    WrongKindError
        Another kind of file.
    IntegrityError
        A damaged graph: not protobuf, no nodes, or two nodes of one name.
    """
    from freeze.formats.messages import GraphDef

    expect_graph(kind(data), name)
    graph = decode(GraphDef, data, name)
    check(graph, name)
    return graph


def decode(message: Any, data: bytes, name: str) -> Any:
    """Parse a protobuf message.

    Raises
    ------
    IntegrityError
        Not such a message, nested deeper than protobuf allows, or made of too many parts.
    """
    from google.protobuf.message import DecodeError

    from freeze.formats import wire

    if len(data) > LARGEST:
        raise IntegrityError(f"{name} is too large.", why="Protobuf's limit is 2 GB.")
    if len(data) > UNCOUNTED and wire.count(data, message, MOST_VALUES) > MOST_VALUES:
        raise IntegrityError(
            f"{name} is not opened.",
            why=f"It has more than {MOST_VALUES} parts, unlike any network.",
        )
    try:
        return message.FromString(data)
    except DecodeError:
        raise IntegrityError(
            f"{name} is damaged.", why=f"It is not a {message.DESCRIPTOR.name} in protobuf form."
        ) from None


def check(graph: Any, name: str) -> None:
    """Refuse a graph without nodes, of far too many, or whose names do not tell nodes apart.

    Raises
    ------
    IntegrityError
    """
    if not graph.node:
        raise IntegrityError(f"{name} is not a frozen graph.", why="It has no nodes.")
    library = graph.library.function
    _refuse_more("functions", len(library), MOST_NODES, name)
    bodies = [graph.node, *(function.node_def for function in library)]
    _refuse_more("nodes", sum(map(len, bodies)), MOST_NODES, name)
    inputs = sum(len(node.input) for nodes in bodies for node in nodes)
    _refuse_more("inputs of nodes", inputs, MOST_INPUTS, name)
    for nodes in bodies:
        for node in nodes:
            longest = max(map(len, (node.name, node.op, *node.input)))
            _refuse_more("characters in a name", longest, LONGEST_NAME, name)
        if not all(node.name and node.op for node in nodes):
            raise IntegrityError(f"{name} is damaged.", why="A node has no name or no operation.")
        for node in nodes:
            if not (node.name.isprintable() and node.op.isprintable()):
                raise IntegrityError(
                    f"{name} is not opened.",
                    why=f"The name {node.name!a} contains terminal control characters.",
                )
        twice, count = Counter(node.name for node in nodes).most_common(1)[0] if nodes else ("", 1)
        if count > 1:
            raise IntegrityError(f"{name} is damaged.", why=f"{count} nodes are named {twice}.")


def _refuse_more(what: str, found: int, most: int, name: str) -> None:
    if found > most:
        raise IntegrityError(
            f"{name} is not opened.", why=f"It has {found} {what}, unlike any audio network."
        )


def serialize(graph: Any) -> bytes:
    """Write a graph; equal graphs give equal bytes.

    Parameters
    ----------
    graph : GraphDef

    Returns
    -------
    bytes

    Raises
    ------
    IntegrityError
        It is larger than protobuf allows.
    """
    from google.protobuf.message import EncodeError

    try:
        data: bytes = graph.SerializeToString(deterministic=True)
    except (EncodeError, ValueError):
        raise IntegrityError("This graph is too large to be written.") from None
    return data


def source(reference: str) -> Source:
    """Take a node's input or an output's name apart: ``a``, ``a:1`` or ``^a``."""
    if reference.startswith("^"):
        return Source(reference[1:], -1)
    name, _, index = reference.rpartition(":")
    if name and index.isdecimal() and len(index) < 10:
        return Source(name, int(index))
    return Source(reference, 0)


def tensor_name(output: str) -> str:
    """The name of a node's output as TensorFlow's sessions have it: ``a:0`` of ``a``."""
    return output if ":" in output else f"{output}:0"


def by_name(graph: Any) -> dict[str, Any]:
    """The nodes of a graph by their names."""
    return {node.name: node for node in graph.node}


def type_of(node: Any, attribute: str) -> int:
    """The element type that an attribute of a node names, 0 where it has none."""
    return int(node.attr[attribute].type) if attribute in node.attr else 0


def output_type(node: Any) -> int:
    """The element type of a node's first output, 0 where its attributes do not tell."""
    return next(filter(None, (type_of(node, attribute) for attribute in _OF_OUTPUT)), 0)


def find(nodes: Mapping[str, Any], name: str) -> Any:
    """Look up a node that a user named.

    Raises
    ------
    NotFoundError
        With the names that come near.
    """
    try:
        return nodes[name]
    except KeyError:
        alike = sorted(nodes, key=lambda node: abs(len(node) - len(name)))[:_COMPARED]
        near = get_close_matches(name, alike, n=3)
        raise NotFoundError(
            f"The graph has no node {name}.",
            why=f"Near it: {', '.join(near)}." if near else "",
            hint="See its layers: zoo inspect FILE",
        ) from None
