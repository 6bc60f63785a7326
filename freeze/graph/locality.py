"""Which tensors of a network are local in time: each of their frames sees few of the input."""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import Any

from freeze.graph import walk
from freeze.graph.local_operations import CONVOLUTIONS, PRODUCTS, RULES, Local
from freeze.shapes.propagation import MALFORMED, Tensors
from freeze.shapes.rules import Call, Tensor

WEIGHTED = (*CONVOLUTIONS, *PRODUCTS, "MatMul")
"""Operations whose multiplications are counted."""


def locality(
    graph: Any, tensors: Tensors, input: str, axis: int
) -> tuple[dict[str, Local], dict[str, int]]:
    """Find the tensors that are local in time, from the input on.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    tensors : dict of str to list of Tensor
        What is inferred of it, where all sizes of its placeholder but the batch are known.
    input : str
        The placeholder.
    axis : int
        Of its frames.

    Returns
    -------
    local : dict of str to Local
        By node, of its first output.
    products : dict of str to int
        Multiplications for each patch, by node, of all convolutions and matrix products that
        read weights.
    """
    nodes = {node.name: node for node in graph.node}
    local: dict[str, Local] = {input: Local(axis)}
    products: dict[str, int] = {}
    data = {input}
    for name in walk.in_order(nodes, nodes, lambda each: walk.before(nodes, each, control=False)):
        node, reads = nodes[name], walk.inputs(nodes[name])
        if data.isdisjoint(read.node for read in reads):
            continue
        data.add(name)
        if not tensors.get(name):
            continue
        found = [tensors[r.node][r.output : r.output + 1] or [Tensor()] for r in reads]
        call, output = Call(node, [each for (each,) in found]), tensors[name][0]
        if node.op in WEIGHTED:
            with suppress(*MALFORMED):
                products[name] = _products(call, output)
        if node.op == "Reshape":
            reads = reads[:1]  # the shape is known, or it is not local
        mixed = any(r.node in data and (r.node not in local or r.output) for r in reads)
        if node.op not in RULES or mixed or not _has_rows(output):
            continue
        with suppress(*MALFORMED):
            local[name] = RULES[node.op](call, [local.get(read.node) for read in reads], output)
    return local, products


def _has_rows(tensor: Tensor) -> bool:
    """Whether all is known of a shape but the batch."""
    shape = tensor.shape
    return bool(shape) and shape[0] is None and None not in shape[1:]  # type: ignore[index]


def _products(call: Call, output: Tensor) -> int:
    """The multiplications for a patch: each output channel has weights of its own."""
    weights, shape = call.shape(1), output.shape
    if call.node.op == "DepthwiseConv2dNative":
        channels = prod(weights[2:])  # type: ignore[index, arg-type]
    else:
        is_turned = call.flag("transpose_b") or call.flag("adj_y")
        channels = weights[-2 if is_turned else -1]  # type: ignore[index, assignment]
    return prod(weights) // channels * prod(shape[1:])  # type: ignore[index, arg-type]
