"""Operations that TensorFlow.js lacks or computes wrongly, by nodes that it has.

Its backends differ: what one of them cannot do, a page cannot rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import prod
from typing import Any

import numpy as np

from catalog.errors import UsageError
from convert import spectra
from convert.place import Place, refusal, value_of
from freeze.formats import graphdef, tensors
from freeze.formats.dtypes import NAMES
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import FLOAT, INT, Nodes
from freeze.shapes.propagation import infer

INT64 = 9  # of TensorFlow's enumeration DataType

WRONG = {"BitwiseAnd": "which it passes on without its inputs"}
"""Operations that TensorFlow.js names among its own and cannot be trusted with, and why."""


_HALVES = [number for number, name in NAMES.items() if name in ("float16", "bfloat16")]


def refuse_halves(graph: Any) -> None:
    """Refuse a network that computes in half precision: elsewhere it would do so in single.

    Raises
    ------
    UsageError
        Naming a node; weights that are only stored so are none.
    """
    for node in graph.node:
        if node.op not in ("Const", "Identity") and graphdef.type_of(node, "T") in _HALVES:
            raise UsageError(
                "This network computes in half precision, and would not give the same elsewhere.",
                why=f"{node.name} is a {node.op} of {NAMES[graphdef.type_of(node, 'T')]}.",
                hint="Save it in single precision: keras.config.set_dtype_policy('float32')",
            )


def lower(graph: Any, only: Collection[str] = ()) -> Any:
    """Put nodes that TensorFlow.js has in the place of those that it lacks or gets wrong.

    Parameters
    ----------
    graph : GraphDef
        Not changed. Nodes stand after those that they read.
    only : collection of str
        The operations to see to, all others left as they are; all if empty.

    Returns
    -------
    GraphDef
        Nodes keep their names.

    Raises
    ------
    UsageError
        A node has no such counterpart.
    """
    rules = {op: rule for op, rule in _RULES.items() if not only or op in only}
    has_others = any(node.op in rules or node.op in spectra.ROOTS for node in graph.node)
    shapes = infer(graph) if has_others else {}
    constants = _constants(graph)
    pairs: dict[str, tuple[str, str]] = {}
    read = {graphdef.source(name).node for node in graph.node for name in node.input}
    lowered = GraphDef(versions=graph.versions, library=graph.library)
    for node in graph.node:
        if node.op in WRONG and not only:
            raise refusal(node, WRONG[node.op])
        place = Place(node, Nodes(f"{node.name}/lowered"), shapes, constants, pairs)
        if spectra.is_complex(place):
            spectra.part(place)
            if node.name in pairs and node.name not in read:
                raise refusal(node, spectra.COMPLEX)
            lowered.node.extend(place.nodes.nodes)
            continue
        if node.op in rules:
            rules[node.op](place)
        lowered.node.extend(place.nodes.nodes or [node])
    return lowered


def _constants(graph: Any) -> dict[str, Any]:
    """Constants, and what hands them on, be it with one axis more."""
    found: dict[str, Any] = {}
    for node in graph.node:
        if node.op == "Const":
            found[node.name] = node
        elif node.op == "Identity" and node.input[0] in found:
            found[node.name] = found[node.input[0]]
        elif node.op == "ExpandDims" and all(name in found for name in node.input):
            values, axis = (value_of(found[name]) for name in node.input)
            found[node.name] = tensors.constant(node.name, np.expand_dims(values, int(axis)))
    return found


def _erfc(place: Place) -> None:
    erf = place.nodes.add("Erf", place.node.input[0])
    place.end("Sub", place.nodes.constant(1.0), erf)


def _space_to_depth(place: Place) -> None:
    """Blocks of pixels become channels."""
    size = place.node.attr["block_size"].i
    _, height, width, channels = place.sizes(0)
    known = (height, width, channels)
    if place.node.attr["data_format"].s not in (b"", b"NHWC") or None in known:
        raise refusal(place.node, f"of {list(known)}")
    rows, columns, depth = (height or 0) // size, (width or 0) // size, size * (channels or 0)
    nodes = place.nodes
    apart = nodes.reshape(place.node.input[0], -1, size, columns, depth)
    blocks = nodes.transpose(apart, 0, 2, 1, 3)
    place.end("Reshape", blocks, nodes.constant([-1, rows, columns, size * depth]))


def _fake_quant(place: Place) -> None:
    """Clamp, and round to the nearest of so many steps, one of which is 0."""
    node, nodes = place.node, place.nodes
    if node.op.endswith("Args"):
        low, high = (np.array(node.attr[key].f or default, np.float32) for key, default in _ARGS)
    else:
        low, high = (place.value(index).astype(np.float32) for index in (1, 2))
    least = float(node.attr["narrow_range"].b)
    most = 2.0 ** (node.attr["num_bits"].i or 8) - 1
    scale = (high - low) / np.float32(most - least)
    zero = np.clip(np.round(least - low / scale), least, most).astype(np.float32)
    bottom, top = (least - zero) * scale, (most - zero) * scale
    clamped = nodes.add("Maximum", node.input[0], nodes.constant(bottom))
    clamped = nodes.add("Minimum", clamped, nodes.constant(top))
    steps = nodes.add(
        "RealDiv", nodes.add("Sub", clamped, nodes.constant(bottom)), nodes.constant(scale)
    )
    whole = nodes.add("Floor", nodes.add("AddV2", steps, nodes.constant(0.5)))
    place.end("AddV2", nodes.add("Mul", whole, nodes.constant(scale)), nodes.constant(bottom))


_ARGS = (("min", -6.0), ("max", 6.0))


def _convolution(place: Place) -> None:
    """A convolution whose channels come in groups is one for each group."""
    node, nodes = place.node, place.nodes
    shape, kernel = place.shape(0), place.shape(1)
    channels = shape[-1] if shape else None
    if kernel is None or channels is None or kernel[2] in (None, channels):
        return
    if node.attr["data_format"].s not in (b"", b"NHWC"):
        raise refusal(node, "in groups of channels that come first")
    values = place.value(1)
    width = values.shape[2]
    parts = []
    for group, by in enumerate(np.split(values, channels // width, axis=3)):
        begin, size = [0, 0, 0, group * width], [-1, -1, -1, width]
        part = nodes.add("Slice", node.input[0], nodes.constant(begin), nodes.constant(size))
        parts.append(nodes.add("Conv2D", part, nodes.constant(by)))
        for key, value in node.attr.items():
            nodes.nodes[-1].attr[key].CopyFrom(value)
    place.end("ConcatV2", *parts, nodes.constant(3), N=len(parts))


def _batch_norm(place: Place) -> None:
    """Two sums around a product: wasm normalises number by number, in one thread."""
    node, nodes, attributes = place.node, place.nodes, place.node.attr
    trained = "is_training" in attributes and not attributes["is_training"].b
    last = "data_format" not in attributes or attributes["data_format"].s == b"NHWC"
    known = all(graphdef.source(name).node in place.constants for name in node.input[1:])
    if not (trained and last and known):
        return
    scale, offset, mean, variance = (place.value(index).astype("f8") for index in range(1, 5))
    epsilon = attributes["epsilon"].f if "epsilon" in attributes else _EPSILON
    factor = scale / np.sqrt(variance + epsilon)
    centred = nodes.add("Sub", node.input[0], nodes.constant(mean))
    place.end("AddV2", nodes.add("Mul", centred, nodes.constant(factor)), nodes.constant(offset))


_EPSILON = 1e-4  # where a batch normalisation names none


def _band(place: Place) -> None:
    """Keep what a constant mask lets through."""
    sizes = place.sizes(0)
    rows, columns = sizes[-2:]
    if rows is None or columns is None:
        raise refusal(place.node, "whose input may have any size")
    below, above = (int(place.value(index)) for index in (1, 2))
    ahead = np.arange(columns) - np.arange(rows)[:, None]
    kept = ((below < 0) | (-ahead <= below)) & ((above < 0) | (ahead <= above))
    mask = place.nodes.constant(kept.astype(np.float32))
    place.end("Mul", place.node.input[0], mask, of=place.node.attr["T"].type)


def _gather(place: Place) -> None:
    attributes = place.node.attr
    if "batch_dims" in attributes and attributes["batch_dims"].i:  # asked for, it is there
        raise refusal(place.node, "for each item of a batch, which its wasm backend confuses")


def _one_hot(place: Place) -> None:
    """Compare with all numbers: of floats, the wasm backend writes the bits of whole numbers."""
    node, nodes = place.node, place.nodes
    if graphdef.type_of(node, "T") != FLOAT:
        return
    if node.attr["axis"].i != -1:
        raise refusal(node, "along another axis than the last")
    depth, on, off = (place.value(index) for index in (1, 2, 3))
    numbers = nodes.add("Cast", node.input[0])
    del nodes.nodes[-1].attr["T"]
    nodes.nodes[-1].attr["SrcT"].type = graphdef.type_of(node, "TI") or INT64
    nodes.nodes[-1].attr["DstT"].type = INT
    apart = nodes.add("ExpandDims", numbers, nodes.constant(-1), of=INT)
    nodes.nodes[-1].attr["Tdim"].type = INT
    holds = nodes.add("Equal", apart, nodes.constant(np.arange(int(depth))), of=INT)
    scaled = nodes.add("Mul", nodes.number(holds), nodes.constant(np.float32(on - off)))
    place.end("AddV2", scaled, nodes.constant(np.float32(off)))


def _cumulative(place: Place) -> None:
    """Count the axis from the first: with others, the wasm backend reads beyond its memory."""
    node, nodes = place.node, place.nodes
    axis = int(place.value(1))
    if axis >= 0:
        return
    first = nodes.constant(len(place.sizes(0)) + axis)
    options = {name: node.attr[name].b for name in ("exclusive", "reverse")}
    place.end(node.op, node.input[0], first, of=graphdef.type_of(node, "T"), **options)


def _einsum(place: Place) -> None:
    """Products of matrices: axes brought into order, those of a kind made one."""
    node, nodes = place.node, place.nodes
    equation = node.attr["equation"].s.decode().replace(" ", "")
    reads, _, gives = equation.partition("->")
    terms = reads.split(",")
    if len(terms) != 2 or "." in equation or any(len({*t}) < len(t) for t in (*terms, gives)):
        raise refusal(node, f"and its {equation} is no product of matrices")
    left, right = terms
    axes = dict(zip(right, place.sizes(1), strict=True)) | dict(
        zip(left, place.sizes(0), strict=True)
    )
    batch = [label for label in left if label in right and label in gives]
    inner = [label for label in left if label in right and label not in gives]
    rows = [label for label in left if label not in right]
    columns = [label for label in right if label not in left]
    if not {*rows, *columns} <= {*gives}:
        raise refusal(node, f"and its {equation} sums over more than a product")

    def arranged(index: int, *pair: list[str]) -> str:
        order = [*batch, *pair[0], *pair[1]]
        values: str = node.input[index]
        if order != list(terms[index]):
            values = nodes.transpose(values, *map(terms[index].index, order))
        if len(pair[0]) == len(pair[1]) == 1:
            return values
        return nodes.reshape(values, *_sizes(place, [*([each] for each in batch), *pair], axes))

    one, other = arranged(0, rows, inner), arranged(1, inner, columns)
    product = nodes.add("BatchMatMulV2", one, other, adj_x=False, adj_y=False)
    order = [*batch, *rows, *columns]
    product = nodes.reshape(product, *_sizes(place, [[each] for each in order], axes))
    place.end("Transpose", product, nodes.constant(np.array([order.index(g) for g in gives], int)))


def _sizes(place: Place, groups: list[list[str]], axes: dict[str, int | None]) -> list[int]:
    """The sizes of axes that are made of others; one may be any."""
    sizes = [_product([axes[label] for label in group]) for group in groups]
    if sizes.count(-1) > 1:
        raise refusal(place.node, "and several of its axes may have any size")
    return sizes


def _product(sizes: list[int | None]) -> int:
    return -1 if None in sizes else prod(size for size in sizes if size is not None)


_RULES: dict[str, Callable[[Place], None]] = {
    "Conv2D": _convolution,
    "Cumprod": _cumulative,
    "Cumsum": _cumulative,
    "Einsum": _einsum,
    "Erfc": _erfc,
    "FakeQuantWithMinMaxArgs": _fake_quant,
    "FakeQuantWithMinMaxVars": _fake_quant,
    "FakeQuantWithMinMaxVarsPerChannel": _fake_quant,
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), _batch_norm),
    "GatherV2": _gather,
    "MatrixBandPart": _band,
    "OneHot": _one_hot,
    "SpaceToDepth": _space_to_depth,
}
