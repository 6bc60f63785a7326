"""Graphs that somebody made to break a reader: small, and at every limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from freeze.formats import tensors
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef, NodeDef, SavedModel

FLOAT, BOOL = 1, 10
MANY = 12_000


def field(number: int, content: bytes) -> bytes:
    """A field of bytes, as protobuf writes it."""
    size, length = len(content), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def node(name: str, op: str, *inputs: str, **types: int) -> Any:
    made = NodeDef(name=name, op=op, input=inputs)
    for key, value in types.items():
        made.attr[key].type = value
    return made


def placeholder(name: str = "x", kind: int = FLOAT) -> Any:
    return node(name, "Placeholder", dtype=kind)


def graph(*nodes: Any) -> bytes:
    return serialize(GraphDef(node=nodes))


def chain(op: str, length: int = MANY) -> list[Any]:
    """Nodes, each of which reads the one before."""
    return [node(f"n{i}", op, f"n{i - 1}" if i else "x", T=FLOAT) for i in range(length)]


def _nested() -> bytes:
    data = b""
    for _ in range(10_000):  # AttrValue.list.func.attr is an AttrValue again
        data = field(2, field(1, b"k") + field(2, data))
        data = field(1, field(9, data))
    inner = field(5, field(1, b"k") + field(2, data))
    return field(1, field(1, b"a") + field(2, b"NoOp") + inner)


def _attribute(value: bytes) -> bytes:
    """A graph of one node with one attribute."""
    return field(
        1,
        field(1, b"x") + field(2, b"Placeholder") + field(5, field(1, b"shape") + field(2, value)),
    )


def _calls(body: Callable[[int], Iterable[Any]], depth: int = 32) -> bytes:
    """Functions f0, f1, …, the last of which the graph calls."""
    made = GraphDef(node=[placeholder()])
    for level in range(depth):
        function = made.library.function.add()
        function.signature.name = f"f{level}"
        function.signature.input_arg.add(name="a", type=FLOAT)
        function.signature.output_arg.add(name="r", type=FLOAT)
        function.node_def.extend(body(level))
        function.ret["r"] = (
            f"{function.node_def[-1].name}:{_OUTPUT.get(function.node_def[-1].op, 'y')}:0"
        )
    made.node.append(call("y", f"f{depth - 1}", "x"))
    return serialize(made)


_OUTPUT = {"PartitionedCall": "output", "Relu": "activations", "Add": "z"}


def call(name: str, function: str, *inputs: str) -> Any:
    made = node(name, "PartitionedCall", *inputs)
    made.attr["f"].func.name = function
    made.attr["Tout"].list.type.append(FLOAT)
    return made


def _twice(level: int) -> list[Any]:
    if not level:
        return [node("r", "Relu", "a", T=FLOAT)]
    first = call("c", f"f{level - 1}", "a")
    return [first, call("d", f"f{level - 1}", "c:output:0")]


def _itself(level: int) -> list[Any]:
    return [call("c", f"f{level}", "a")]


def _large_body() -> bytes:
    """A function of a megabyte, called two thousand times."""
    weights = tensors.constant("w", np.zeros((1 << 18,), np.float32))
    made = GraphDef.FromString(
        _calls(lambda _: [weights, node("r", "Add", "a", "w:output:0", T=FLOAT)], 1)
    )
    del made.node[1:]
    made.node.extend(call(f"y{i}", "f0", f"y{i - 1}" if i else "x") for i in range(2000))
    return serialize(made)


def _claims(count: int) -> bytes:
    """Constants that claim 64 MB each, and hold one value."""
    made = [placeholder()]
    for i in range(count):
        constant = node(f"c{i}", "Const", dtype=FLOAT)
        value = constant.attr["value"].tensor
        value.dtype = FLOAT
        value.float_val.append(1)
        value.tensor_shape.dim.add(size=1 << 24)
        made += [constant, node(f"n{i}", "Add", f"n{i - 1}" if i else "x", f"c{i}", T=FLOAT)]
    return graph(*made)


def _unpacked() -> bytes:
    made = [placeholder()]
    for i in range(5000):
        unpack = node(f"n{i}", "Unpack", "x", T=FLOAT)
        unpack.attr["num"].i = 1 << 16
        made.append(unpack)
    return graph(*made)


def _merged() -> bytes:
    """One Merge with thousands of branches that die one after the other."""
    flag = placeholder("flag", BOOL)
    switch = node("s", "Switch", "x", "flag", T=FLOAT)
    dead = [node(f"n{i}", "Relu", "s:1", T=FLOAT) for i in range(MANY)]
    merge = node("m", "Merge", *(each.name for each in dead), "s:0", T=FLOAT)
    return graph(placeholder(), flag, switch, *dead, merge)


def _switches() -> bytes:
    flag = placeholder("flag", BOOL)
    made = [
        node(f"n{i}", "Switch", f"n{i - 1}" if i else "x", "flag", T=FLOAT) for i in range(MANY)
    ]
    read = [node(f"r{i}", "Relu", f"n{MANY - 1}", T=FLOAT) for i in range(MANY)]
    return graph(placeholder(), flag, *made, *read)


def _conditions() -> bytes:
    """As many Switches as there are steps to the constant that decides them all."""
    off = tensors.constant("off", np.array(False))
    steps = [node(f"c{i}", "Identity", f"c{i - 1}" if i else "off", T=BOOL) for i in range(MANY)]
    made = [node(f"n{i}", "Switch", "x", f"c{MANY - 1}", T=FLOAT) for i in range(MANY)]
    return graph(placeholder(), off, *steps, *made)


def _training() -> bytes:
    """Thousands of placeholders before one network that is being trained."""
    inputs = [placeholder(f"x{i}") for i in range(MANY // 4)]
    made = [node("n0", "Relu", "x0", T=FLOAT)]
    made += [node(f"n{i}", "Add", f"n{i - 1}", f"x{i}", T=FLOAT) for i in range(1, MANY // 4)]
    return graph(*inputs, *made, node("train", "ApplyAdam", made[-1].name, T=FLOAT))


def _readers_of_a_chain() -> list[Any]:
    return [
        placeholder(),
        *chain("Identity"),
        *(node(f"r{i}", "Relu", f"n{MANY - 1}", T=FLOAT) for i in range(MANY)),
    ]


GRAPHS: dict[str, Callable[[], bytes]] = {
    "nested 10 000 deep": _nested,
    "millions of empty nodes": lambda: b"\x0a\x00" * 6_000_000,
    "millions of empty dimensions": lambda: _attribute(field(7, b"\x12\x00" * 6_000_000)),
    "millions of empty tensors": lambda: _attribute(field(1, b"\x42\x00" * 6_000_000)),
    "a number that does not end": lambda: b"\x0a" + b"\xff" * 5_000_000,
    "a node that claims 2 GB": lambda: b"\x0a\xff\xff\xff\xff\x07" + b"\x00" * 64,
    "a circle": lambda: graph(
        placeholder(), node("a", "Add", "x", "b", T=FLOAT), node("b", "Relu", "a", T=FLOAT)
    ),
    "two nodes of one name": lambda: graph(placeholder(), placeholder()),
    "a node that reads nothing there": lambda: graph(node("a", "Relu", "nowhere", T=FLOAT)),
    "a function that calls itself": lambda: _calls(_itself, 1),
    "functions that call others twice, 32 deep": lambda: _calls(_twice),
    "a large function, called often": _large_body,
    "constants that claim 64 MB each": lambda: _claims(200),
    "nodes of 65 536 outputs": _unpacked,
    "a hundred thousand nodes": lambda: graph(placeholder(), *chain("Relu", 100_000)),
    "a long chain of identities": lambda: graph(*_readers_of_a_chain()),
    "a branch point of thousands": _merged,
    "a long chain of switches": _switches,
    "a long way to a condition": _conditions,
    "thousands of placeholders in training": _training,
    "thousands of outputs": lambda: graph(
        placeholder(), *(node(f"n{i}", "Sigmoid", "x", T=FLOAT) for i in range(MANY))
    ),
    "thousands of products read by one sum": lambda: graph(
        placeholder(),
        *(node(f"n{i}", "MatMul", "x", "x", T=FLOAT) for i in range(MANY)),
        node("sum", "Add", *(f"n{i}" for i in range(MANY)), T=FLOAT),
    ),
    "names of a megabyte": lambda: graph(placeholder("x" * 1_000_000)),
    "names that are all alike": lambda: graph(
        *(placeholder("ab" * 40 + f"{i:05}") for i in range(MANY))
    ),
    "functions by the thousand": lambda: _calls(
        lambda _: [node("r", "Relu", "a", T=FLOAT)], MANY // 4
    ),
}
"""Graphs by what is wrong with them."""


def saved_model(data: bytes) -> bytes:
    """A SavedModel with a graph in it."""
    head = SavedModel(saved_model_schema_version=1).SerializeToString()
    return head + field(2, field(2, data))
