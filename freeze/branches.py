"""Branches of TensorFlow 1's control flow that a constant decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from catalog.errors import IntegrityError
from freeze.dtypes import BOOL
from freeze.graphdef import Source, source

_TRANSPARENT = ("Identity", "LogicalNot", "Switch")


def resolve(nodes: Mapping[str, Any]) -> tuple[dict[Source, Source], set[str]]:
    """Find what a Switch or a Merge hands on, where a constant decides it.

    Parameters
    ----------
    nodes : mapping of str to NodeDef

    Returns
    -------
    survivors : dict of Source to Source
        The tensor that stands for an output of a Switch or a Merge.
    dead : set of str
        Nodes of the branches that are never taken.
    """
    live = {}
    for name, node in nodes.items():
        if node.op == "Switch" and len(node.input) >= 2:
            predicate = _truth(nodes, node.input[1])
            if predicate is not None:
                live[name] = int(predicate)
    dead, open_ways = _die_out(nodes, [Source(name, 1 - way) for name, way in live.items()])
    survivors = {Source(name, way): source(nodes[name].input[0]) for name, way in live.items()}
    for name, ways in open_ways.items():
        if len(ways) == 1 and name not in dead:
            survivors[Source(name, 0)] = ways.pop()
    return survivors, dead


def _die_out(
    nodes: Mapping[str, Any], waiting: list[Source]
) -> tuple[set[str], dict[str, set[Source]]]:
    """Follow dead tensors: a node dies with any of its inputs, a Merge with the last.

    Returns
    -------
    dead : set of str
    open_ways : dict of str to set of Source
        The inputs that are left of each Merge that lost some.
    """
    readers = defaultdict(list)
    outputs = defaultdict(set)
    for name, node in nodes.items():
        for tensor in map(source, node.input):
            readers[tensor].append(name)
            outputs[tensor.node].add(tensor)
    dead: set[str] = set()
    open_ways: dict[str, set[Source]] = {}
    while waiting:
        tensor = waiting.pop()
        for name in readers[tensor]:
            if name in dead:
                continue
            if nodes[name].op == "Merge" and tensor.output >= 0:
                inputs = map(source, nodes[name].input)
                ways = open_ways.setdefault(name, {way for way in inputs if way.output >= 0})
                ways.discard(tensor)
                if ways:
                    continue
            dead.add(name)
            waiting.extend(outputs[name])
    return dead, open_ways


def _truth(nodes: Mapping[str, Any], reference: str) -> bool | None:
    """Evaluate a condition, or None where it depends on more than constants."""
    negated, seen = False, set()
    while True:
        name = source(reference).node
        node = nodes.get(name)
        if node is None or name in seen:
            return None
        seen.add(name)
        if node.op == "Const":
            value = node.attr["value"].tensor if "value" in node.attr else None
            if value is None or value.dtype != BOOL or value.tensor_shape.dim:
                return None
            return (any(value.bool_val) or any(value.tensor_content)) != negated
        if node.op not in _TRANSPARENT or not node.input:
            return None
        negated ^= node.op == "LogicalNot"
        reference = node.input[0]


def follow(tensor: Source, survivors: Mapping[Source, Source]) -> Source:
    """Follow a chain of survivors to its end.

    Raises
    ------
    IntegrityError
        The chain has no end.
    """
    steps = 0
    while tensor in survivors:
        tensor = survivors[tensor]
        steps += 1
        if steps > len(survivors):
            raise IntegrityError("The graph is damaged.", why=f"{tensor.node} feeds itself.")
    return tensor
