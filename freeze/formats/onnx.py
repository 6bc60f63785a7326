"""ONNX models, read into graphs.

Only what tells their structure is read, through a table of ONNX's messages, so
that the package ``onnx`` is not needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import WrongKindError
from freeze.formats import graphdef, kinds
from freeze.formats.bundle import Bundle
from freeze.formats.messages import GraphDef, messages
from freeze.operations.allowed import onnx_names
from freeze.shapes.shape import Shape

_message = messages(
    "onnx",
    """
ModelProto
  1 int64 ir_version
  7 GraphProto graph
  8 repeated OperatorSetIdProto opset_import
  14 repeated StringStringEntryProto metadata_props
  25 repeated FunctionProto functions
FunctionProto
  1 string name
  7 repeated NodeProto node
  10 string domain
OperatorSetIdProto
  1 string domain
  2 int64 version
GraphProto
  1 repeated NodeProto node
  2 string name
  5 repeated TensorProto initializer
  11 repeated ValueInfoProto input
  12 repeated ValueInfoProto output
  13 repeated ValueInfoProto value_info
NodeProto
  1 repeated string input
  2 repeated string output
  3 string name
  4 string op_type
  5 repeated AttributeProto attribute
  7 string domain
AttributeProto
  1 string name
  2 float f
  3 int64 i
  4 bytes s
  5 TensorProto t
  6 GraphProto g
  7 repeated float floats
  8 repeated int64 ints
  9 repeated bytes strings
  11 repeated GraphProto graphs
  20 int32 type
TensorProto
  1 repeated int64 dims
  2 int32 data_type
  8 string name
  13 repeated StringStringEntryProto external_data
StringStringEntryProto
  1 string key
  2 string value
ValueInfoProto
  1 string name
  2 TypeProto type
TypeProto
  1 TensorTypeProto tensor_type
TensorTypeProto
  1 int32 elem_type
  2 TensorShapeProto shape
TensorShapeProto
  1 repeated Dimension dim
Dimension
  1 int64 dim_value | value
  2 string dim_param | value
""",
)
ModelProto = _message("ModelProto")

DTYPES = {1: 1, 2: 4, 3: 6, 4: 17, 5: 5, 6: 3, 7: 9, 8: 7, 9: 10, 10: 19, 11: 2} | {
    **{12: 22, 13: 23, 14: 8, 15: 18, 16: 14}
}
"""ONNX's element types as TensorFlow numbers them."""

_STANDARD = ("", "ai.onnx", "ai.onnx.ml")  # domains

_FLOAT, _INT, _STRING, _FLOATS, _INTS = 1, 2, 3, 6, 7  # kinds of attributes


@dataclass(frozen=True)
class OnnxModel:
    """An ONNX model.

    Attributes
    ----------
    graph : GraphDef
        Its nodes, named after their first output; inputs are Placeholders, weights are
        Consts without their values. The operations keep ONNX's names.
    outputs : tuple of str
        With ``:0``, because names in ONNX may end like that themselves.
    ops : dict of str to int
        How often each operation occurs.
    shapes : dict of str to list of (tuple of (int or None), or None)
        As far as the model declares them, by node.
    foreign : tuple of str
        Operations that neither ONNX nor the model defines, with their domains, in
        branches and loops too.
    external : tuple of str
        Further files that weights lie in.
    metadata : dict of str to str
        What its writer had to say.
    """

    graph: Any
    outputs: tuple[str, ...]
    ops: dict[str, int]
    shapes: dict[str, list[Shape]]
    foreign: tuple[str, ...]
    external: tuple[str, ...]
    metadata: dict[str, str]


def parse(data: bytes, name: str) -> OnnxModel:
    """Read an ONNX model.

    Parameters
    ----------
    data : bytes
    name : str
        For messages: the file's name.

    Returns
    -------
    OnnxModel

    Raises
    ------
    WrongKindError
        Another kind of file.
    IntegrityError
        A damaged model.
    """
    found = kinds.kind(data)
    if found != "onnx":
        what = kinds.KINDS.get(found, "a frozen graph")
        raise WrongKindError(f"{name} is not an ONNX model.", why=f"It is {what}.")
    whole = graphdef.decode(ModelProto, data, name)
    model = whole.graph
    graph = GraphDef()
    weights = {tensor.name for tensor in model.initializer}
    for value in model.input:
        if value.name not in weights:
            _add_placeholder(graph, value)
    for tensor in model.initializer:
        _add_const(graph, tensor, tensor.name)
    tensors = dict(_places(model))
    for node in model.node:
        _add_node(graph, node, tensors)
    graphdef.check(graph, name)
    declared = [*model.value_info, *model.output, *model.input]
    shapes: dict[str, list[Shape]] = {
        value.name: [_shape(value.type.tensor_type)] for value in declared
    }
    shapes |= {tensor.name: [tuple(tensor.dims)] for tensor in model.initializer}
    outputs = tuple(f"{value.name}:0" for value in model.output)
    ops = Counter(node.op_type for body in _graphs(model) for node in body.node)
    foreign, external = _outside(whole)
    metadata = {entry.key: entry.value for entry in whole.metadata_props}
    return OnnxModel(graph, outputs, dict(ops.most_common()), shapes, foreign, external, metadata)


def require_weights(model: OnnxModel, path: Path) -> None:
    """Refuse a model whose weights lie in files that are missing, or outside its folder.

    Raises
    ------
    IntegrityError
    """
    for name in model.external:
        Bundle(path.parent).size(name)


def _outside(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Operations of others, and files of weights, in all graphs and functions of a model."""
    own = {(function.domain, function.name) for function in model.functions}
    nodes = [*model.graph.node, *(node for each in model.functions for node in each.node)]
    tensors, foreign = [*model.graph.initializer], set()
    while nodes:
        node = nodes.pop()
        known = node.domain in _STANDARD and node.op_type in onnx_names()
        if not known and (node.domain, node.op_type) not in own:
            foreign.add(f"{node.domain}.{node.op_type}".lstrip("."))
        for attribute in node.attribute:
            tensors.append(attribute.t)
            for graph in (attribute.g, *attribute.graphs):
                nodes.extend(graph.node)
                tensors.extend(graph.initializer)
    entries = (entry for tensor in tensors for entry in tensor.external_data)
    external = {entry.value for entry in entries if entry.key == "location"}
    return tuple(sorted(foreign)), tuple(sorted(external))


def _places(model: Any) -> Iterator[tuple[str, str]]:
    """Where the later outputs of nodes are: nodes are named after their first one."""
    for node in model.node:
        first, *others = node.output or [""]
        yield from ((other, f"{first}:{index}") for index, other in enumerate(others, 1) if other)


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph, and the bodies of its branches and loops, at any depth."""
    yield graph
    for node in graph.node:
        yield from _bodies(node)


def _bodies(node: Any) -> Iterator[Any]:
    """The graphs inside a node, at any depth."""
    for attribute in node.attribute:
        for body in (attribute.g, *attribute.graphs):
            yield from _graphs(body)


def _captured(node: Any) -> Iterator[str]:
    """What the graphs inside a node read from around it."""
    for attribute in node.attribute:
        for body in (attribute.g, *attribute.graphs):
            own = {each.name for each in (*body.input, *body.initializer)}
            own.update(name for each in body.node for name in each.output)
            inner = (name for each in body.node for name in (*each.input, *_captured(each)))
            returned = (value.name for value in body.output)
            yield from (name for name in (*inner, *returned) if name and name not in own)


def _add_placeholder(graph: Any, value: Any) -> None:
    node = graph.node.add(name=value.name, op="Placeholder")
    kind = value.type.tensor_type
    node.attr["dtype"].type = DTYPES.get(kind.elem_type, 0)
    sizes = _shape(kind)
    shape = node.attr["shape"].shape
    shape.unknown_rank = sizes is None
    for size in sizes or ():
        shape.dim.add(size=-1 if size is None else size)


def _add_const(graph: Any, tensor: Any, name: str) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = DTYPES.get(tensor.data_type, 0)
    value = node.attr["value"].tensor
    value.dtype = DTYPES.get(tensor.data_type, 0)
    for size in tensor.dims:
        value.tensor_shape.dim.add(size=size)


def _add_node(graph: Any, node: Any, places: dict[str, str]) -> None:
    """Add a node, and an Identity for each of its later outputs, so that it has a name."""
    first, *others = node.output or [node.name]
    inside = []
    for number, body in enumerate(_bodies(node)):  # two may have weights of one name
        for weight in body.initializer:
            inside.append(f"{first}/{number}/{weight.name}")
            _add_const(graph, weight, inside[-1])
    names = [*filter(None, node.input), *dict.fromkeys(_captured(node))]
    read = [*(places.get(name, f"{name}:0") for name in names), *inside]
    added = graph.node.add(name=first, op=node.op_type, input=read)
    for attribute in node.attribute:
        _add_attribute(added.attr[attribute.name], attribute)
    for name in filter(None, others):
        graph.node.add(name=name, op="Identity", input=[places[name]])


def _add_attribute(value: Any, attribute: Any) -> None:
    if attribute.type == _FLOAT:
        value.f = attribute.f
    elif attribute.type == _INT:
        value.i = attribute.i
    elif attribute.type == _STRING:
        value.s = attribute.s
    elif attribute.type == _FLOATS:
        value.list.f.extend(attribute.floats)
    elif attribute.type == _INTS:
        value.list.i.extend(attribute.ints)


def _shape(kind: Any) -> Shape:
    if not kind.HasField("shape"):
        return None
    return tuple(
        int(dim.dim_value) if dim.WhichOneof("value") == "dim_value" else None
        for dim in kind.shape.dim
    )
