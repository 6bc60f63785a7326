"""Branches of TensorFlow 1's control flow that a constant decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source, source

CARRIES_CONDITION = ("Identity", "LogicalNot", "Switch")
"""Operations whose output is known where their input is."""


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
    known: dict[str, bool | None] = {}
    for name, node in nodes.items():
        if node.op == "Switch" and len(node.input) >= 2:
            predicate = _truth(nodes, node.input[1], known)
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
                if name not in open_ways:
                    inputs = map(source, nodes[name].input)
                    open_ways[name] = {way for way in inputs if way.output >= 0}
                ways = open_ways[name]
                ways.discard(tensor)
                if ways:
                    continue
            dead.add(name)
            waiting.extend(outputs[name])
    return dead, open_ways


def _truth(nodes: Mapping[str, Any], reference: str, known: dict[str, bool | None]) -> bool | None:
    """Evaluate a condition, or None where it depends on more than constants."""
    name = source(reference).node
    way: list[str] = []
    while name not in known:
        known[name] = _constant(nodes.get(name))
        if name in nodes and nodes[name].op in CARRIES_CONDITION and nodes[name].input:
            way.append(name)
            name = source(nodes[name].input[0]).node
    truth = known[name]
    for name in reversed(way):
        if nodes[name].op == "LogicalNot" and truth is not None:
            truth = not truth
        known[name] = truth
    return truth


def _constant(node: Any) -> bool | None:
    """The value of a boolean scalar, or None where a node is something else."""
    value = (
        node.attr["value"].tensor if node and node.op == "Const" and "value" in node.attr else None
    )
    if value is None or value.dtype != BOOL or value.tensor_shape.dim:
        return None
    return any(value.bool_val) or any(value.tensor_content)


def run_head(tensor: Source, survivors: dict[Source, Source]) -> Source:
    """Follow a chain of survivors to its end, and shorten it for whoever comes after.

    Raises
    ------
    IntegrityError
        The chain has no end.
    """
    way: list[Source] = []
    while tensor in survivors:
        way.append(tensor)
        tensor = survivors[tensor]
        if len(way) > len(survivors):
            raise IntegrityError("The graph is damaged.", why=f"{tensor.node} feeds itself.")
    survivors.update(dict.fromkeys(way, tensor))
    return tensor
