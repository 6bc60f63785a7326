"""Shapes of what a graph declares or makes from nothing: placeholders, constants, fills."""

from __future__ import annotations

import sys
from array import array
from math import prod
from typing import Any

from freeze.shapes.rules import MOST_VALUES, Call, Tensor, Value, of_rank, one, rule
from freeze.shapes.shape import Shape, declared


@rule("Placeholder", "PlaceholderV2", "VariableV2", "Variable", "VarHandleOp")
def placeholder(call: Call) -> list[Tensor]:
    # Old writers leave a Placeholder's shape out: an absent attribute is not a scalar.
    return one(declared(call.attribute("shape").shape) if "shape" in call.node.attr else None)


@rule("PlaceholderWithDefault")
def placeholder_with_default(call: Call) -> list[Tensor]:
    return one(declared(call.attribute("shape").shape))


@rule("Const")
def const(call: Call) -> list[Tensor]:
    tensor = call.attribute("value").tensor
    shape = declared(tensor.tensor_shape)
    return one(shape, _content(tensor, shape))


def _content(tensor: Any, shape: Shape) -> Value:
    codes = {3: ("i", tensor.int_val), 9: ("q", tensor.int64_val)}  # DT_INT32, DT_INT64
    if tensor.dtype not in codes or shape is None:
        return None
    count = prod(size or 0 for size in shape)
    if count > MOST_VALUES:
        return None
    code, typed = codes[tensor.dtype]
    values = array(code, tensor.tensor_content)
    if sys.byteorder == "big":
        values.byteswap()
    items = list(values or typed)
    items += items[-1:] * (count - len(items))  # the last value stands for all that follow
    if len(items) != count:
        return None
    return tuple(items) if shape else items[0]


@rule("Fill", "BroadcastTo", "RandomUniform", "RandomStandardNormal", "TruncatedNormal")
def filled(call: Call) -> list[Tensor]:
    index = 1 if call.node.op == "BroadcastTo" else 0
    value = call[index].value
    if value is not None:
        return one(call.vector(index))
    rank = call.shape(index)
    return one(of_rank(rank[0]) if rank else None)


@rule("Range")
def span(call: Call) -> list[Tensor]:
    values = [tensor.value for tensor in call.inputs]
    if all(isinstance(value, int) for value in values):
        items = range(*values)  # type: ignore[arg-type]
        return one((len(items),), tuple(items) if len(items) <= MOST_VALUES else None)
    return one((None,))
