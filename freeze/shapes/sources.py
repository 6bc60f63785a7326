"""Shapes of what a graph declares or makes from nothing: placeholders, constants, fills."""

from __future__ import annotations

import struct
import sys
from array import array
from math import ceil, prod
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
    shape = declared(tensor.tensor_shape) or ()  # unknown, as TensorFlow reads it, is a scalar
    number = _number(tensor) if shape == () else None
    return [Tensor(shape, _content(tensor, shape), number)]


def _number(tensor: Any) -> float | None:
    """The content of a scalar of floating point."""
    codes = {1: ("<f", tensor.float_val), 2: ("<d", tensor.double_val), 19: ("<e", ())}
    if tensor.dtype not in codes:
        return None
    code, typed = codes[tensor.dtype]
    if len(tensor.tensor_content) == struct.calcsize(code):
        return float(struct.unpack(code, tensor.tensor_content)[0])
    return float(typed[0]) if typed else None


def _content(tensor: Any, shape: Shape) -> Value:
    codes = {3: ("i", tensor.int_val), 9: ("q", tensor.int64_val), 10: ("b", tensor.bool_val)}
    if tensor.dtype not in codes or shape is None:
        return None
    count = prod(size or 0 for size in shape)
    if count > MOST_VALUES:
        return None
    if not count:
        return ()
    code, typed = codes[tensor.dtype]
    values = array(code, tensor.tensor_content)
    if sys.byteorder == "big":
        values.byteswap()
    items = list(values or typed)
    items += (items[-1:] or [0]) * (count - len(items))  # the last stands for all that follow
    if len(items) != count:
        return None
    return tuple(items) if shape else items[0]


@rule(
    *("BroadcastTo", "Fill", "Multinomial", "ParameterizedTruncatedNormal", "RandomGamma"),
    *("RandomPoissonV2", "RandomStandardNormal", "RandomUniform", "RandomUniformInt", "ScatterNd"),
    *("StatelessRandomBinomial", "StatelessRandomNormal", "StatelessRandomNormalV2"),
    *("StatelessRandomUniform", "StatelessRandomUniformFullInt", "StatelessRandomUniformInt"),
    *("StatelessRandomUniformV2", "StatelessTruncatedNormal", "StatelessTruncatedNormalV2"),
    "TruncatedNormal",
)
def filled(call: Call) -> list[Tensor]:
    index = {"BroadcastTo": 1, "ScatterNd": 2}.get(call.node.op, 0)
    value = call[index].value
    more: Shape = ()
    if call.node.op in ("RandomGamma", "RandomPoissonV2"):  # so many of each rate
        more = call.shape(1)
    elif call.node.op == "Multinomial":
        rows = call.shape(0)
        count = call[1].value
        return one((rows[0] if rows else None, count if isinstance(count, int) else None))
    if value is not None and more is not None:
        shape = (*call.vector(index), *more)
        item = call[1].value if call.node.op == "Fill" and len(shape) < 3 else None
        count = prod(size if size is not None else MOST_VALUES + 1 for size in shape)
        return one(
            shape, (item,) * count if isinstance(item, int) and count <= MOST_VALUES else None
        )
    rank = call.shape(index)
    return one(of_rank(rank[0]) if rank and more == () else None)


@rule("Range")
def span(call: Call) -> list[Tensor]:
    values = [tensor.value for tensor in call.inputs]
    if all(isinstance(value, int) for value in values):
        items = range(*values)  # type: ignore[arg-type]
        return one((len(items),), tuple(items) if len(items) <= MOST_VALUES else None)
    numbers = [tensor.number for tensor in call.inputs]
    if None not in numbers:
        start, limit, step = (number or 0.0 for number in numbers)
        return one((max(0, ceil((limit - start) / step)),))
    return one((None,))


@rule("LinSpace")
def line(call: Call) -> list[Tensor]:
    value = call[2].value
    return one((value if isinstance(value, int) else None,))
