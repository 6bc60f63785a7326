"""Graphs with something wrong in them, or changed without harm: one or two changes at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef

OPS = ("Identity", "Relu", "AddV2", "MatMul", "Neg", "ConcatV2", "Const", "Placeholder", "NoOp")
NAMES = ("a b", "_a", "x", "y/z", "é", "nowhere", "A.b-c")
DEVICES = ("/cpu:0", "/device:GPU:0", "rubbish", "/job:worker/task:99/gpu:7", "/job:localhost")
TYPES = (0, 1, 2, 3, 4, 7, 9, 10, 14, 19, 22, 77, 101)
NUMBERS = (-2, -1, 0, 1, 2, 3, 7)
TEXTS = (b"SAME", b"VALID", b"NHWC", b"NCHW", b"XXXX", b"")


def mutate(graph: Any, random: Random) -> None:
    """Change a graph in place."""
    for _ in range(random.choice((1, 1, 1, 2))):
        _change(graph, random)


def _change(graph: Any, random: Random) -> None:
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    nodes = random.choice([bodies[0], random.choice(bodies)])
    if not nodes:
        return
    node = random.choice(nodes)
    change: Callable[..., None] = random.choices(CHANGES, WEIGHTS)[0]
    change(graph, nodes, node, random)


def _reference(nodes: Any, node: Any, random: Random) -> str:
    other = random.choice(nodes).name
    return random.choice(
        (
            *(other, other, other, f"{other}:0", f"{other}:1", f"^{other}", node.name),
            *("nowhere", "nowhere:0", "", f"{other}:-1", f"{other}:99999999999", f"{other}:y:0"),
        )
    )


def _rewire(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    reference = _reference(nodes, node, random)
    if node.input and random.random() < 0.7:
        node.input[random.randrange(len(node.input))] = reference
    else:
        node.input.insert(random.randint(0, len(node.input)), reference)


def _reorder(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    reads = list(node.input)
    if reads and random.random() < 0.5:
        reads.pop(random.randrange(len(reads)))
    else:
        random.shuffle(reads)
    node.input[:] = reads


def _order_by_control(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    node.input.append(f"^{random.choice(nodes).name}")


def _drop_attribute(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    if node.attr:
        del node.attr[random.choice(sorted(node.attr))]


def _alter_attribute(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    if not node.attr:
        return
    value = node.attr[random.choice(sorted(node.attr))]
    kind = value.WhichOneof("value")
    if random.random() < 0.2:
        kind = random.choice(("type", "i", "s", "list", "b", "f"))
    if kind == "type":
        value.type = random.choice(TYPES)
    elif kind == "i":
        value.i = random.choice(NUMBERS)
    elif kind == "s":
        value.s = random.choice(TEXTS)
    elif kind == "b":
        value.b = not value.b
    elif kind == "f":
        value.f = random.choice((0.0, -1.0, 1e30))
    elif kind == "shape":
        _alter_shape(value.shape, random)
    elif kind == "func":
        value.func.name = random.choice(
            ["nowhere", *(function.signature.name for function in graph.library.function)]
        )
    elif kind == "list":
        _alter_list(value.list, random)
    elif kind == "tensor":
        _alter_tensor(value.tensor, random)


def _alter_shape(shape: Any, random: Random) -> None:
    if shape.dim and random.random() < 0.5:
        random.choice(shape.dim).size = random.choice(NUMBERS)
    elif shape.dim and random.random() < 0.5:
        del shape.dim[random.randrange(len(shape.dim))]
    else:
        shape.dim.add(size=random.choice(NUMBERS))


def _alter_list(values: Any, random: Random) -> None:
    filled = [field.name for field, _ in values.ListFields()]
    if filled == ["i"]:
        values.i[random.randrange(len(values.i))] = random.choice(NUMBERS)
    elif filled == ["type"]:
        values.type[random.randrange(len(values.type))] = random.choice(TYPES)
    else:
        values.i.append(random.choice(NUMBERS))
    if random.random() < 0.3 and values.i:
        values.i.pop()


def _alter_tensor(tensor: Any, random: Random) -> None:
    match random.randrange(4):
        case 0:
            tensor.dtype = random.choice(TYPES)
        case 1:
            _alter_shape(tensor.tensor_shape, random)
        case 2:
            tensor.tensor_content = tensor.tensor_content[: random.randrange(9)]
        case _:
            if tensor.int_val:
                tensor.int_val[random.randrange(len(tensor.int_val))] = random.choice(NUMBERS)
            elif tensor.bool_val:
                tensor.bool_val[0] = not tensor.bool_val[0]
            elif tensor.dtype == 3 and tensor.tensor_content:
                at = 4 * random.randrange(len(tensor.tensor_content) // 4 or 1)
                number = random.choice(NUMBERS).to_bytes(4, "little", signed=True)
                content = tensor.tensor_content
                tensor.tensor_content = content[:at] + number + content[at + 4 :]


def _alter_constant(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    constants = [each for each in nodes if each.op == "Const" and "value" in each.attr]
    if constants:
        _alter_tensor(random.choice(constants).attr["value"].tensor, random)


def _rename(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    node.name = random.choice(NAMES)


def _move(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    node.device = random.choice(DEVICES)


def _spell_out(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    """Change what nothing depends on."""
    node.attr["_note"].s = random.choice(TEXTS)
    if nodes is graph.node:
        reads = [f"{each}:0" if each.isidentifier() else each for each in node.input]
        node.input[:] = reads


def _reseed(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    """Change the values of constants of floating point."""
    for each in nodes:
        if each.op == "Const" and each.attr["dtype"].type == 1:
            tensor = each.attr["value"].tensor
            tensor.tensor_content = tensor.tensor_content[::-1]


def _remove(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    nodes.remove(node)


def _double(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    copy = nodes.add()
    copy.CopyFrom(node)
    copy.name = random.choice((node.name, f"{node.name}_copy"))


def _operate(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    node.op = random.choice((*OPS, random.choice(nodes).op))


def _version(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    which = random.choice(("producer", "min_consumer"))
    setattr(graph.versions, which, random.choice((-1, 0, 12, 99999)))


def _sign(graph: Any, nodes: Any, node: Any, random: Random) -> None:
    if not graph.library.function:
        return
    function = random.choice(graph.library.function)
    signature = function.signature
    match random.randrange(4):
        case 0 if signature.input_arg:
            random.choice(signature.input_arg).type = random.choice(TYPES)
        case 1 if signature.output_arg:
            random.choice(signature.output_arg).type = random.choice(TYPES)
        case 2:
            signature.input_arg.add(name="more", type=1)
        case _ if function.ret:
            key = random.choice(sorted(function.ret))
            function.ret[key] = random.choice(("nowhere", function.ret[key].rpartition(":")[0]))


CHANGES = (
    *(_rewire, _reorder, _order_by_control, _drop_attribute, _alter_attribute, _alter_constant),
    *(_rename, _move, _remove, _double, _operate, _version, _sign, _spell_out, _reseed),
)
WEIGHTS = (6, 2, 3, 3, 8, 5, 1, 1, 1, 1, 3, 1, 2, 4, 4)


def flipped(graph: Any) -> Iterator[Any]:
    """Graphs of which one bit is another, as far as Protocol Buffers reads them."""
    data = serialize(graph)
    for at in range(len(data)):
        for bit in (0, 3, 6):
            try:
                broken = GraphDef.FromString(
                    data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
                )
            except Exception:  # protobuf's own refusal, which `parse` tells
                continue
            yield broken
