"""Are a node's attributes those of its operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import prod
from typing import Any

from freeze.formats import dtypes
from freeze.operations.table import Attribute, Operation, operation

_FIELDS = {
    **{"type": "type", "int": "i", "bool": "b", "float": "f", "string": "s", "shape": "shape"},
    **{"tensor": "tensor", "func": "func"},
}
SIZES = {
    **{1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 6: 1, 8: 8, 9: 8, 10: 1, 11: 1, 12: 1, 13: 4, 14: 2, 15: 2},
    **{16: 2, 17: 2, 18: 16, 19: 2, 22: 4, 23: 8, 24: 1, 25: 1},
}
"""Bytes of an element, by the number of its type."""


def complete(graph: Any) -> Any:
    """Write out attributes that a graph leaves out as they have their defaults.

    Readers other than TensorFlow lack some of these, or have others. Shapes, tensors and lists of
    types are left out still.

    Parameters
    ----------
    graph : GraphDef
        It is changed, and returned.
    """
    for node in chain(graph.node, *(each.node_def for each in graph.library.function)):
        if known := operation(node.op):
            _complete(node, known)
    return graph


def _complete(node: Any, operation: Operation) -> None:
    for attribute in operation.attributes.values():
        if attribute.default is None or attribute.name in node.attr:
            continue
        text, value = attribute.default, node.attr[attribute.name]
        match attribute.kind:
            case "type":
                value.type = dtypes.BY_SHORT[text]
            case "int":
                value.i = int(text)
            case "bool":
                value.b = text == "true"
            case "float":
                value.f = float(text)
            case "string":
                value.s = text.encode()
            case "ints":
                value.list.SetInParent()
                value.list.i.extend(int(each) for each in text.split(",") if each)


def problems(node: Any, operation: Operation) -> Iterator[str]:
    """Say what is wrong with the attributes of a node.

    Those that the operation does not know are left alone, as TensorFlow does it.
    """
    for attribute in operation.attributes.values():
        if attribute.name in node.attr:
            wrong = _problem(node.attr[attribute.name], attribute)
            if wrong:
                yield f"{node.name} has {wrong} as {attribute.name}"
        elif not attribute.is_optional:
            yield f"{node.name} has no {attribute.name}"
    if node.op == "Const" and "value" in node.attr:
        tensor = node.attr["value"].tensor
        if any(axis.size < 0 for axis in tensor.tensor_shape.dim):
            yield f"{node.name} has no complete shape"


def uncomputed(node: Any, operation: Operation) -> Iterator[str]:
    """Say of which element types a node cannot be computed, though it may be written."""
    if not operation.is_computed:
        yield f"{node.name} ({node.op})"
    for attribute in operation.attributes.values():
        if attribute.computed and attribute.name in node.attr:
            kind = dtypes.SHORT.get(node.attr[attribute.name].type, "")
            if kind not in attribute.computed:
                yield f"{node.name} ({node.op}) of {_type(node.attr[attribute.name].type)}"
    if node.op == "Const":
        yield from _constant(node)


def _problem(value: Any, attribute: Attribute) -> str:
    """What is wrong with a value; empty if nothing is."""
    found = value.WhichOneof("value")
    if found == "placeholder":
        return ""
    single = attribute.kind.removesuffix("s")
    if single != attribute.kind:
        return _listed(value, found, single, attribute)
    if found != _FIELDS[attribute.kind]:
        return "nothing" if found is None else f"a value of another kind ({found})"
    if attribute.least is not None and value.i < attribute.least:
        return f"{value.i}, less than {attribute.least},"
    return _choice(getattr(value, found), attribute)


def _listed(value: Any, found: str | None, single: str, attribute: Attribute) -> str:
    """What is wrong with a list."""
    if found != "list":
        return "no list"
    others = [field.name for field, _ in value.list.ListFields()]
    if others not in ([], [_FIELDS[single]]):
        return f"a list of another kind ({', '.join(others)})"
    items = getattr(value.list, _FIELDS[single])
    if attribute.least is not None and len(items) < attribute.least:
        return f"{len(items)} values, less than {attribute.least},"
    return next(filter(None, (_choice(item, attribute) for item in items)), "")


def _choice(value: Any, attribute: Attribute) -> str:
    """What is wrong with one value among those that are allowed."""
    if attribute.kind in ("type", "types"):
        short = dtypes.SHORT.get(value)
        if short is None or (attribute.allowed and short not in attribute.allowed):
            return _type(value)
    elif attribute.kind in ("string", "strings") and attribute.allowed:
        text = value.decode("utf-8", "replace")
        return "" if text in attribute.allowed else repr(text[:40])
    elif attribute.kind in ("shape", "shapes"):
        return _shape([axis.size for axis in value.dim], value.unknown_rank)
    return ""


def _shape(sizes: Sequence[int], is_unknown: bool) -> str:
    if (is_unknown and sizes) or any(size < -1 for size in sizes):
        return f"the impossible shape {list(sizes[:8])}"
    if len(sizes) > 254 or prod(size for size in sizes if size > 0) >= 1 << 63:
        return f"the endless shape {list(sizes[:8])}"
    return ""


def _type(number: int) -> str:
    """An element type in words."""
    return dtypes.name(number) or dtypes.SHORT.get(number) or f"the unknown type {number}"


def _constant(node: Any) -> Iterator[str]:
    """Compare the attribute of a constant with its tensor, and the tensor with its bytes."""
    tensor, kind = node.attr["value"].tensor, node.attr["dtype"].type
    sizes = [axis.size for axis in tensor.tensor_shape.dim]
    if tensor.dtype != kind:
        yield f"{node.name} is of {_type(kind)} and holds {_type(tensor.dtype)}"
    elif prod(sizes) and len(tensor.tensor_content) not in (0, prod(sizes) * SIZES.get(kind, 0)):
        yield f"{node.name} holds {len(tensor.tensor_content)} bytes for {sizes}"
