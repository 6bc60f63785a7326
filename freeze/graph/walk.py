"""Walks through graphs: what outputs depend on, in which order, which functions are called."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats.graphdef import Source, find, source

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
"""Operations that are inputs of a graph."""

CALLS = ("PartitionedCall", "StatefulPartitionedCall")
"""Operations that do no more than call a function."""

BRANCHES = ("If", "StatelessIf")
"""Operations that call one of two functions."""

LOOPS = ("While", "StatelessWhile")
"""Operations that call a function for as long as another one says so."""


def inputs(node: Any) -> list[Source]:
    """The tensors that a node reads, control edges left out."""
    return [tensor for tensor in map(source, node.input) if tensor.output >= 0]


def before(nodes: Mapping[str, Any], name: str, control: bool = True) -> list[str]:
    """The names of the nodes that a node reads.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    name : str
    control : bool
        With those that only control edges come from.

    Raises
    ------
    IntegrityError
        It reads one that does not exist.
    """
    reads = map(source, nodes[name].input) if control else inputs(nodes[name])
    return _existing(nodes, name, [tensor.node for tensor in reads])


def _existing(nodes: Mapping[str, Any], name: str, reads: list[str]) -> list[str]:
    for each in reads:
        if each not in nodes:
            raise IntegrityError(
                "The graph is damaged.", why=f"{name} reads {each}, which does not exist."
            )
    return reads


def closure(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """The names that can be reached from some, these included.

    Parameters
    ----------
    starts : iterable of str
    following : callable
        The names one step from a name; called once for each.
    """
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(following(name))
    return found


def reachable(nodes: Mapping[str, Any], outputs: Iterable[str]) -> set[str]:
    """The names of all nodes that outputs depend on, control edges included.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    outputs : iterable of str
        Names of nodes.

    Raises
    ------
    NotFoundError
        No such output.
    IntegrityError
        A node reads a node that does not exist.
    """
    ends = [find(nodes, name).name for name in outputs]
    return closure(ends, lambda name: before(nodes, name))


def in_order(
    nodes: Mapping[str, Any], ends: Iterable[str], following: Callable[[str], Iterable[str]]
) -> list[str]:
    """The nodes that ends depend on, each after those that it reads.

    The end of a while loop, a ``NextIteration``, comes after the node at its beginning that
    reads it.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    ends : iterable of str
        What they depend on comes in their order.
    following : callable
        The names of the nodes that a node reads.

    Raises
    ------
    IntegrityError
        A node depends on itself, or reads one that does not exist.
    """
    ordered: list[str] = []
    is_done: dict[str, bool] = {}
    left = deque(ends)
    while left:
        waiting = [(left.popleft(), False)]
        while waiting:
            name, inputs_are_done = waiting.pop()
            if inputs_are_done:
                is_done[name] = True
                ordered.append(name)
            elif name not in is_done:
                is_done[name] = False
                waiting.append((name, True))
                reads = _existing(nodes, name, list(following(name)))
                left.extend(each for each in reads if nodes[each].op == "NextIteration")
                waiting.extend(
                    (each, False) for each in reversed(reads) if nodes[each].op != "NextIteration"
                )
            elif not is_done[name]:
                raise IntegrityError("The graph is damaged.", why=f"{name} depends on itself.")
    return ordered


def in_loops(nodes: Mapping[str, Any]) -> set[str]:
    """The names of the nodes in while loops of TensorFlow 1: behind an Enter, up to the Exits.

    A node without inputs belongs to a loop by a control edge only.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    """
    enters = [name for name, node in nodes.items() if node.op == "Enter"]
    if not enters:
        return set()
    readers: dict[str, list[str]] = defaultdict(list)
    for name, node in nodes.items():
        for tensor in map(source, node.input):
            readers[tensor.node].append(name)
    found = closure(enters, lambda name: () if nodes[name].op == "Exit" else readers[name])
    return {name for name in found if nodes[name].op != "Exit"}


def functions(graph: Any) -> dict[str, Any]:
    """The library functions of a graph by their names."""
    return {function.signature.name: function for function in graph.library.function}


def callee(call: Any) -> str:
    """The function that a node of `CALLS` calls; empty where it names none."""
    return call.attr["f"].func.name if "f" in call.attr else ""


def called(nodes: Iterable[Any], library: Mapping[str, Any]) -> set[str]:
    """The library functions that nodes call, by their operation or by an attribute.

    Parameters
    ----------
    nodes : iterable of NodeDef
    library : mapping of str to FunctionDef

    Returns
    -------
    set of str
        With those that these functions call.
    """

    def named(bodies: Iterable[Any]) -> set[str]:
        names: set[str] = set()
        for node in bodies:
            values = node.attr.values()
            names |= {node.op, *(value.func.name for value in values)}
            names.update(function.name for value in values for function in value.list.func)
        return names & library.keys()

    return closure(named(nodes), lambda name: named(library[name].node_def))
