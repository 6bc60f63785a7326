"""Branches of TensorFlow 1's control flow that a constant decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source, source
from freeze.graph.walk import inputs

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
    taken = {}
    known: dict[str, bool | None] = {}
    for name, node in nodes.items():
        if node.op == "Switch" and len(node.input) >= 2:
            predicate = constant_predicate(nodes, node.input[1], known)
            if predicate is not None:
                taken[name] = int(predicate)
    not_taken = [Source(name, 1 - out) for name, out in taken.items()]
    dead, live_inputs = _dead_branches(nodes, not_taken)
    survivors = {Source(name, out): source(nodes[name].input[0]) for name, out in taken.items()}
    for name, live in live_inputs.items():
        if len(live) == 1 and name not in dead:
            survivors[Source(name, 0)] = live.pop()
    return survivors, dead


def _dead_branches(
    nodes: Mapping[str, Any], dead_tensors: Iterable[Source]
) -> tuple[set[str], dict[str, set[Source]]]:
    """Follow dead tensors: a node is dead with any of its inputs, a Merge with all its data.

    Returns
    -------
    dead : set of str
    live_inputs : dict of str to set of Source
        What is left of the inputs of each Merge that lost some.
    """
    readers = defaultdict(list)
    outputs = defaultdict(set)
    for name, node in nodes.items():
        for tensor in map(source, node.input):
            readers[tensor].append(name)
            outputs[tensor.node].add(tensor)
    dead: set[str] = set()
    live_inputs: dict[str, set[Source]] = {}
    waiting = list(dead_tensors)
    while waiting:
        tensor = waiting.pop()
        for name in readers[tensor]:
            if name in dead:
                continue
            if nodes[name].op == "Merge":
                if tensor.output < 0:  # control edges only make it wait
                    continue
                if name not in live_inputs:
                    live_inputs[name] = set(inputs(nodes[name]))
                live_inputs[name].discard(tensor)
                if live_inputs[name]:
                    continue
            dead.add(name)
            waiting.extend(outputs[name])
    return dead, live_inputs


def constant_predicate(
    nodes: Mapping[str, Any], reference: str, known: dict[str, bool | None]
) -> bool | None:
    """Evaluate a predicate, or None where it depends on more than constants.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    reference : str
        A tensor, as an input of a node names it.
    known : dict of str to bool or None
        What is known of nodes already; added to.
    """
    name = source(reference).node
    chain: list[str] = []
    while name not in known:
        known[name] = _constant(nodes.get(name))
        if name in nodes and nodes[name].op in CARRIES_CONDITION and nodes[name].input:
            chain.append(name)
            name = source(nodes[name].input[0]).node
    value = known[name]
    for name in reversed(chain):
        if nodes[name].op == "LogicalNot" and value is not None:
            value = not value
        known[name] = value
    return value


def _constant(node: Any) -> bool | None:
    """The value of a boolean scalar, or None where a node is something else."""
    value = (
        node.attr["value"].tensor if node and node.op == "Const" and "value" in node.attr else None
    )
    if value is None or value.dtype != BOOL or value.tensor_shape.dim:
        return None
    return any(value.bool_val) or any(value.tensor_content)


def live_tensor(tensor: Source, survivors: dict[Source, Source]) -> Source:
    """Follow a chain of survivors to its end, and shorten it for whoever comes after.

    Raises
    ------
    IntegrityError
        The chain has no end.
    """
    chain: list[Source] = []
    while tensor in survivors:
        chain.append(tensor)
        tensor = survivors[tensor]
        if len(chain) > len(survivors):
            raise IntegrityError("The graph is damaged.", why=f"{tensor.node} feeds itself.")
    survivors.update(dict.fromkeys(chain, tensor))
    return tensor
