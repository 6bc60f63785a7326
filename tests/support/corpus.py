"""Files that somebody made to break a reader: small, and at every limit."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterable, Mapping
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


def text(document: object) -> bytes:
    return json.dumps(document).encode()


RECORD: dict[str, Any] = {
    "name": "n",
    "description": "d",
    "framework": "tensorflow",
    "classes": ["a", "b"],
    "schema": {
        "inputs": [{"name": "x", "type": "float", "shape": [187, 96]}],
        "outputs": [
            {"name": "y", "shape": [1, 2], "op": "Sigmoid", "output_purpose": "predictions"}
        ],
    },
    "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredictMusiCNN"},
    "zoo": {"id": "record", "kind": "end-to-end"},
}


def _record(**changes: object) -> bytes:
    return text(RECORD | changes)


RECORDS: dict[str, Callable[[], bytes]] = {
    "nested 10 000 deep": lambda: b"[" * 10_000 + b"]" * 10_000,
    "nested 900 deep": lambda: _record(foo=None)[:-5] + b'{"a":' * 900 + b"1" + b"}" * 901,
    "classes nested 900 deep": lambda: b'{"classes": ' + b"[" * 900 + b"]" * 900 + b"}",
    "numbers that are none": lambda: _record(
        classes=[float("nan")], inference={"sample_rate": float("inf")}
    ),
    "an endless integer": lambda: b'{"version": ' + b"9" * 100_000 + b"}",
    "integers of 4000 digits": lambda: _record(
        inference={"sample_rate": 10**4000}, dataset={"size": 10**4000, "metrics": {"a": 10**4000}}
    ),
    "a shape larger than any": lambda: _record(
        schema={
            "inputs": [{"name": "x", "type": "float", "shape": [2**62, 2**62]}],
            "outputs": [{"name": "y", "shape": [1e300, 1e18], "op": "Sigmoid"}],
        }
    ),
    "a name that makes patterns slow": lambda: _record(
        zoo={"id": "a" * 60 + "!"}, inference={"embedding_model": {"model_name": "a" * 60 + "!"}}
    ),
    "a name of a hundred thousand letters": lambda: _record(
        zoo={"id": "ab-" * 30_000}, inference={"embedding_model": {"model_name": "ab-" * 30_000}}
    ),
    "classes of all types": lambda: _record(classes=["a", *([1, "a", None, []] * 10_000)]),
    "classes by the ten thousand": lambda: _record(classes=[f"c{i}" for i in range(20_000)]),
    "numbers for classes": lambda: _record(classes=[0] * 100_000, model_types=[0] * 10),
    "a hundred thousand keys": lambda: _record(
        dataset={"metrics": {f"m{i}": 0 for i in range(15_000)}}
    ),
    "larger than any record": lambda: _record(description="x" * 3_000_000),
    "half a character": lambda: (
        b'{"name": "\\ud800", "classes": ["\\ud800", "\\ud800"], "link": "\\udfff"}'
    ),
    "no object": lambda: b"[]",
    "no text": lambda: b"\xff\xfe\x00",
    "types that are wrong": lambda: text(dict.fromkeys(RECORD, 0)),
    "null everywhere": lambda: text(dict.fromkeys(RECORD)),
}
"""Records by what is wrong with them."""


def archive(
    members: Mapping[str, bytes], link: str = "", name_bytes: tuple[bytes, bytes] = (b"", b"")
) -> bytes:
    """A zip archive; one member may be a link, and bytes of names be replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            made.writestr(info, data)
    return buffer.getvalue().replace(*name_bytes) if name_bytes[0] else buffer.getvalue()


def topology(nodes: object = (), weights: object = (), paths: object = ("a.bin",)) -> bytes:
    """The model.json of a TensorFlow.js model."""
    manifest = [{"paths": paths, "weights": weights}]
    return text(
        {"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": manifest}
    )


def _weight(shape: object, dtype: str = "float32", **more: object) -> dict[str, object]:
    return {"name": "w", "shape": shape, "dtype": dtype, **more}


_CONST = [{"name": "w", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}}]

TOPOLOGIES: dict[str, Callable[[], bytes]] = {
    "nested 10 000 deep": lambda: b'{"modelTopology": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "nested 800 deep": lambda: b'{"modelTopology": ' + b'{"node":' * 800 + b"1" + b"}" * 801,
    "millions of empty nodes": lambda: (
        b'{"modelTopology": {"node": [' + b"{}," * 2_000_000 + b"{}]}}"
    ),
    "a weight that claims 2 GB": lambda: topology(_CONST, [_weight([1 << 29])]),
    "a weight of a million axes": lambda: topology(_CONST, [_weight([9] * 1_000_000)]),
    "a weight of endless axes": lambda: topology(_CONST, [_weight([10**4000] * 30)]),
    "a weight of no type": lambda: topology(_CONST, [_weight([1], "float8")]),
    "a shape of text": lambda: topology(
        _CONST, [_weight("ab"), _weight(None), _weight([True, -1])]
    ),
    "texts without end": lambda: topology(_CONST, [_weight([1 << 30], "string")]),
    "a scale that is none": lambda: topology(
        _CONST, [_weight([64], quantization={"dtype": "uint8", "scale": "1", "min": float("nan")})]
    ),
    "an absolute name": lambda: topology(_CONST, [_weight([16])], ["/etc/passwd"]),
    "a name that leads out": lambda: topology(_CONST, [_weight([16])], ["../../etc/passwd"]),
    "a name that is a number": lambda: topology(_CONST, [_weight([16])], [1, None]),
    "half a character": lambda: topology(_CONST, [_weight([16])], ["\ud800"]),
    "a file that is missing": lambda: topology(_CONST, [_weight([16])], ["b.bin"]),
    "a file that is named a thousand times": lambda: topology(
        _CONST, [_weight([16000])], ["a.bin"] * 1000
    ),
    "numbers that are none": lambda: topology(
        [
            {
                "name": "x",
                "op": "Const",
                "attr": {"value": {"tensor": {"floatVal": [float("nan")], "dtype": float("inf")}}},
            }
        ]
    ),
    "an operation of a wrong type": lambda: topology([{"name": 1, "op": []}]),
    "base 64 that is none": lambda: topology(
        [
            {
                "name": "x",
                "op": "Const",
                "attr": {"value": {"tensor": {"tensorContent": "!!!", "dtype": "DT_FLOAT"}}},
            }
        ]
    ),
    "no topology": lambda: b'{"format": "graph-model"}',
    "another format": lambda: b'{"format": [[]], "modelTopology": {}}',
}
"""The files model.json by what is wrong with them; beside them lies a.bin, 64 bytes."""

_GOOD = {"model.json": topology(_CONST, [_weight([16])]), "a.bin": bytes(64)}

ARCHIVES: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: archive({**_GOOD, "b.bin": bytes(200_000_000)}),
    "a smaller bomb, named often": lambda: archive(
        {
            "model.json": topology(
                _CONST,
                [_weight([4_000_000], quantization={"dtype": "uint8", "scale": 1, "min": 0})],
            ),
            "a.bin": bytes(4_000_000),
        }
    ),
    "a name that leads out": lambda: archive({**_GOOD, "../b.bin": b""}),
    "an absolute name": lambda: archive({**_GOOD, "/b.bin": b""}),
    "a link": lambda: archive({**_GOOD, "a.bin": b"/etc/passwd"}, link="a.bin"),
    "a name that is no text": lambda: archive(
        {**_GOOD, "\u00e9\u00e9.bin": b""},
        name_bytes=("\u00e9\u00e9".encode(), b"\xff\xff\xff\xff"),
    ),
    "tens of thousands of members": lambda: archive({f"{i}": b"" for i in range(20_000)}),
    "another way to compress": lambda: archive(_GOOD).replace(b"\x08\x00", b"\x0e\x00"),
    "a size that is not true": lambda: archive(_GOOD).replace(
        (64).to_bytes(4, "little"), (1 << 20).to_bytes(4, "little")
    ),
    "nothing but its end": lambda: b"PK\x03\x04" + b"PK\x05\x06" + bytes(18),
    "no model": lambda: archive({"readme": b""}),
}
"""Zip archives by what is wrong with them."""
