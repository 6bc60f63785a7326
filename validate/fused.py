"""Fused operations, as TensorFlow.js models have them, taken apart for runtimes that lack them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from freeze.messages import GraphDef, NodeDef

_FIRST = {
    "_FusedConv2D": "Conv2D",
    "_FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
}
_THEN = ("BiasAdd", "Elu", "LeakyRelu", "Relu", "Relu6", "Sigmoid", "Tanh")
_OF_FUSION = ("epsilon", "fused_ops", "leakyrelu_alpha", "num_args")


def split(graph: Any) -> Any:
    """Replace fused operations by the chains that they stand for; the last keeps the name.

    Parameters
    ----------
    graph : GraphDef
        Not changed. Chains with other operations than biases and activations stay fused.

    Returns
    -------
    GraphDef
    """
    apart = GraphDef(versions=graph.versions, library=graph.library)
    for node in graph.node:
        apart.node.extend(_parts(node))
    return apart


def _parts(node: Any) -> Iterator[Any]:
    """The chain of one node."""
    then = [op.decode() for op in node.attr["fused_ops"].list.s] if node.op in _FIRST else []
    biases = len(node.input) - 2
    if not then or not set(then) <= set(_THEN) or then.count("BiasAdd") != biases:
        yield node
        return
    reads, rest = list(node.input[:2]), iter(node.input[2:])
    for place, op in enumerate([_FIRST[node.op], *then]):
        name = node.name if place == len(then) else f"{node.name}/{op}"
        yield _part(node, name, op, reads + ([next(rest)] if op == "BiasAdd" else []))
        reads = [name]


def _part(node: Any, name: str, op: str, reads: list[str]) -> Any:
    part = NodeDef(name=name, op=op, input=reads)
    if op in _FIRST.values():
        for key, value in node.attr.items():
            if key not in _OF_FUSION:
                part.attr[key].CopyFrom(value)
    part.attr["T"].type = node.attr["T"].type
    if op == "BiasAdd" and "data_format" in node.attr:
        part.attr["data_format"].CopyFrom(node.attr["data_format"])
    if op == "LeakyRelu":
        part.attr["alpha"].CopyFrom(node.attr["leakyrelu_alpha"])
    return part
