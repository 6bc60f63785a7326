"""Fused operations, as TensorFlow.js models have them, taken apart for runtimes that lack them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from freeze.formats import graphdef
from freeze.formats.messages import GraphDef, NodeDef

_FIRST = {
    "_FusedConv2D": "Conv2D",
    "_FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
}
_THEN = ("BiasAdd", "Elu", "LeakyRelu", "Relu", "Relu6", "Sigmoid", "Tanh")
_OF_FUSION = (
    *("TArgs", "epsilon", "filter_format", "fused_ops", "leakyrelu_alpha"),
    *("num_args", "num_host_args"),
)


def split(graph: Any) -> Any:
    """Replace fused operations by the chains that they stand for; the last keeps the name.

    The others get the names that they had before they were fused, as far as these can be told:
    ``dense/Relu`` stands for ``dense/MatMul``, ``dense/BiasAdd`` and itself.

    Parameters
    ----------
    graph : GraphDef
        Not changed. Chains with other operations than biases and activations stay fused.

    Returns
    -------
    GraphDef
    """
    apart = GraphDef(versions=graph.versions, library=graph.library)
    taken = set(graphdef.by_name(graph))
    for node in graph.node:
        apart.node.extend(_parts(node, taken))
    return apart


def _parts(node: Any, taken: set[str]) -> Iterator[Any]:
    """The chain of one node; the names of its parts are taken then."""
    then = [op.decode() for op in node.attr["fused_ops"].list.s] if node.op in _FIRST else []
    biases = len(node.input) - 2
    if not then or not set(then) <= set(_THEN) or then.count("BiasAdd") != biases:
        yield node
        return
    reads, rest = list(node.input[:2]), iter(node.input[2:])
    scope, _, last = node.name.rpartition("/")
    for op in (_FIRST[node.op], *then[:-1]):
        name = f"{scope}/{op}"
        if not scope or last != then[-1] or name in taken:
            name = f"{node.name}/{op}"
        taken.add(name)
        yield _part(node, name, op, reads + ([next(rest)] if op == "BiasAdd" else []))
        reads = [name]
    yield _part(node, node.name, then[-1], reads + list(rest))


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
