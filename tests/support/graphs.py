"""Small graphs from a few lines of text, and checkpoints of a few variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freeze.formats import tensors
from freeze.formats.crc32c import masked
from freeze.formats.messages import (
    BundleEntryProto,
    BundleHeaderProto,
    GraphDef,
    MetaGraphDef,
    NodeDef,
)

FLOAT, BOOL = 1, 10


def nodes(text: str) -> list[Any]:
    """Read nodes from lines ``name = Operation input input``; a final ``number`` makes a Const.

    ``Flag`` is a boolean Placeholder; all else computes with float32.
    """
    return [_node(line) for line in text.strip().splitlines()]


def _node(line: str) -> Any:
    name, _, rest = line.partition(" = ")
    operation, *inputs = rest.split()
    name = name.strip()
    if operation == "Const":
        value = inputs.pop()
        array = np.array(value == "true") if value in ("true", "false") else np.float32(value)
        node = tensors.constant(name, np.asarray(array))
        node.input.extend(inputs)
        return node
    kind = BOOL if operation in ("Flag", "LogicalNot") else FLOAT
    node = NodeDef(name=name, op="Placeholder" if operation == "Flag" else operation, input=inputs)
    if operation in ("Placeholder", "Flag", "VariableV2", "VarHandleOp", "ReadVariableOp"):
        node.attr["dtype"].type = kind
    elif operation not in ("NoOp", "LogicalNot"):
        node.attr["T"].type = kind
    return node


def graph(text: str) -> Any:
    return GraphDef(node=nodes(text))


def function(target: Any, signature: str, body: str, returns: Mapping[str, str]) -> None:
    """Add a library function, ``name argument argument``, to a graph."""
    name, *arguments = signature.split()
    added = target.library.function.add()
    added.signature.name = name
    for argument in arguments:
        added.signature.input_arg.add(name=argument, type=FLOAT)
    for output in returns:
        added.signature.output_arg.add(name=output, type=FLOAT)
    added.ret.update(returns)
    added.node_def.extend(nodes(body))


def call(node: Any, name: str, outputs: int) -> None:
    """Make a node the call of a library function."""
    node.attr.clear()
    node.attr["f"].func.name = name
    reads = sum(not each.startswith("^") for each in node.input)
    node.attr["Tin"].list.type.extend([FLOAT] * reads)
    node.attr["Tout"].list.type.extend([FLOAT] * outputs)


def varint(value: int) -> bytes:
    low = value & 0x7F
    return bytes([low]) if value < 0x80 else bytes([low | 0x80]) + varint(value >> 7)


def table(items: Mapping[bytes, bytes], per_block: int = 3) -> bytes:
    """Write a LevelDB table with prefix-compressed keys."""
    data, index = b"", {}
    keys = sorted(items)
    for start in range(0, len(keys), per_block):
        part = keys[start : start + per_block]
        block, handle = _block({key: items[key] for key in part}, len(data))
        data += block
        index[part[-1]] = handle
    metaindex, at_metaindex = _block({}, len(data))
    data += metaindex
    block, at_index = _block(index, len(data))
    footer = (at_metaindex + at_index).ljust(40, b"\0")
    return data + block + footer + (0xDB4775248B80FB57).to_bytes(8, "little")


def _block(items: Mapping[bytes, bytes], offset: int) -> tuple[bytes, bytes]:
    block, before = b"", b""
    for key, value in items.items():
        pairs = zip(key, before, strict=False)
        shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(key), len(before)))
        block += varint(shared) + varint(len(key) - shared) + varint(len(value))
        block += key[shared:] + value
        before = key
    block += (0).to_bytes(4, "little") + (1).to_bytes(4, "little")  # one restart point, at 0
    trailer = b"\0" + masked(block + b"\0").to_bytes(4, "little")
    return block + trailer, varint(offset) + varint(len(block))


def checkpoint(variables: Mapping[str, NDArray[Any]], graph_def: Any = None) -> dict[str, bytes]:
    """Write a checkpoint: its files by their endings."""
    header = BundleHeaderProto(num_shards=1)
    entries, data = {b"": header.SerializeToString()}, b""
    for name, values in sorted(variables.items()):
        proto = tensors.proto(values)
        content = np.ascontiguousarray(values).tobytes()
        entry = BundleEntryProto(
            dtype=proto.dtype,
            shape=proto.tensor_shape,
            offset=len(data),
            size=len(content),
            crc32c=masked(content),
        )
        entries[name.encode()] = entry.SerializeToString()
        data += content
    meta = MetaGraphDef(graph_def=graph_def or GraphDef())
    return {
        ".index": table(entries),
        ".data-00000-of-00001": data,
        ".meta": meta.SerializeToString(deterministic=True),
    }


def save(files: Mapping[str, bytes], prefix: Path | str) -> None:
    for ending, content in files.items():
        Path(f"{prefix}{ending}").write_bytes(content)


def lines(graph: Any) -> list[str]:
    """A graph as lines of text, constants without their values."""
    return [f"{node.name} = {' '.join([node.op, *node.input])}" for node in graph.node]
