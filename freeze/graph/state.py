"""Variables that a network changes whenever it is run: its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.errors import UsageError
from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL, RESOURCE
from freeze.formats.graphdef import Source, source
from freeze.graph import walk
from freeze.graph.branches import live_tensor, resolve
from freeze.graph.functions import inline
from freeze.graph.inference import VARIABLES, off
from freeze.graph.walk import PLACEHOLDERS, inputs

HANDING_ON = ("Enter", "Identity", "RefEnter", "RefIdentity", "RefSwitch", "Switch")
"""Operations behind which a variable is the same one."""


def assigned(nodes: Mapping[str, Any]) -> dict[str, str]:
    """The variables that nodes assign to, by the name of the node.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
        As they were trained: rewritten for constants, they assign to nothing.
    """
    found = {}
    for name, node in nodes.items():
        if (node.op.startswith("Assign") or "Scatter" in node.op) and node.input:
            variable = _behind(nodes, node.input[0])
            if variable in nodes and _is_variable(nodes[variable]):
                found[name] = variable
    return found


def _behind(nodes: Mapping[str, Any], reference: str) -> str:
    name, seen = source(reference).node, set[str]()
    while name in nodes and nodes[name].op in HANDING_ON and name not in seen:
        seen.add(name)
        name = source(nodes[name].input[0]).node
    return name


def _is_variable(node: Any) -> bool:
    handed_in = node.op in PLACEHOLDERS and graphdef.type_of(node, "dtype") == RESOURCE
    return node.op in VARIABLES or handed_in


def state(
    graph: Any,
    outputs: Sequence[str],
    training_flags: Iterable[str] = (),
    assigning: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The variables that outputs depend on, and that are changed when they are computed.

    What only training changes, moving averages above all, is not among them.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    outputs : sequence of str
    training_flags : iterable of str
        Boolean placeholders that are false.
    assigning : mapping of str to str, optional
        What `assigned` found, where the graph was rewritten since.

    Returns
    -------
    dict of str to str
        By variable, the node that changes it.
    """
    nodes = graphdef.by_name(graph)
    nodes |= {
        flag: off(flag)
        for flag in training_flags
        if flag in nodes and graphdef.type_of(nodes[flag], "dtype") == BOOL
    }
    ends = [Source(source(output).node, 0) for output in outputs]
    survivors = inline(nodes, walk.functions(graph), ends)
    if assigning is None:
        assigning = assigned(nodes)
    if not assigning:
        return {}
    decided, dead = resolve(nodes)
    survivors |= decided

    def live(tensors: Iterable[Source]) -> list[str]:
        found = (live_tensor(tensor, survivors).node for tensor in tensors)
        return [name for name in found if name in nodes and name not in dead]

    names = [end.node for end in ends]
    run = walk.closure(names, lambda name: live(map(source, nodes[name].input)))
    read = walk.closure(names, lambda name: live(inputs(nodes[name])))
    return {
        variable: name
        for name, variable in assigning.items()
        if name in run and variable in read and _is_variable(nodes[variable])
    }


def refuse_state(what: str, found: Iterable[tuple[str, str]], hint: str) -> None:
    """Refuse a network with a state: frozen, it would begin each run with the same one.

    Parameters
    ----------
    what : str
        The network, for the message.
    found : iterable of (str, str)
        What `state` found: variables, and what changes them.
    hint : str

    Raises
    ------
    UsageError
        Naming the variables.
    """
    if changes := "; ".join(f"{node} changes {variable}" for variable, node in found):
        raise UsageError(
            f"{what} has a state, which a frozen graph cannot keep: variables become constants.",
            why=f"Whenever its outputs are computed, {changes}.",
            hint=hint,
        )
