"""A graph as it runs at inference, sharing its weights with the graph that was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source
from freeze.formats.messages import NodeDef
from freeze.graph import walk
from freeze.graph.branches import CARRIES_CONDITION, live_tensor, resolve
from freeze.graph.functions import identity, inline
from freeze.graph.walk import PLACEHOLDERS, inputs

VARIABLES = ("VariableV2", "Variable", "VarHandleOp")

_CONDITION = {"Switch": 1, "RefSwitch": 1, "If": 0, "StatelessIf": 0}  # which input it is


def training_flags(nodes: Mapping[str, Any]) -> list[str]:
    """The boolean placeholders that decide which branch is taken.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    for node in nodes.values():
        reads = inputs(node)
        index = _CONDITION.get(node.op, len(reads))
        while index < len(reads) and reads[index].node not in seen:
            name = reads[index].node
            seen.add(name)
            condition = nodes.get(name)
            if condition is None:
                break
            if condition.op in PLACEHOLDERS and graphdef.type_of(condition, "dtype") == BOOL:
                found[name] = None
            reads, index = (
                inputs(condition) if condition.op in CARRIES_CONDITION else [],
                0,
            )
    return list(found)


def at_inference(graph: Any, ends: Iterable[str]) -> dict[str, Any]:
    """Take a graph's nodes as they are at inference.

    Training flags are off, a Switch or Merge that they decide hands on the
    surviving branch, calls that the ends depend on are replaced by the bodies of
    the functions. Nodes without inputs are shared with the graph, not copied.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    ends : iterable of str
        Nodes.

    Returns
    -------
    dict of str to NodeDef

    Raises
    ------
    IntegrityError
        A call that does not fit its function, or a circle.
    """
    nodes = graphdef.by_name(graph)
    nodes |= {flag: off(flag) for flag in training_flags(nodes)}
    survivors = inline(nodes, walk.functions(graph), [Source(end, 0) for end in ends])
    decided, dead = resolve(nodes)
    survivors |= decided
    return {name: _rewired(node, survivors) for name, node in nodes.items() if name not in dead}


def off(flag: str) -> Any:
    """The constant that takes the place of a training flag."""
    node = NodeDef(name=flag, op="Const")
    node.attr["dtype"].type = BOOL
    node.attr["value"].tensor.dtype = BOOL
    node.attr["value"].tensor.bool_val.append(False)
    return node


def _rewired(node: Any, survivors: dict[Source, Source]) -> Any:
    """A node that reads what is left of what it read."""
    own = Source(node.name, 0)
    if node.op in ("Merge", "Switch") and (own in survivors or own._replace(output=1) in survivors):
        passed = own if own in survivors else own._replace(output=1)
        value = str(live_tensor(passed, survivors))
        return identity(node.name, [value], [graphdef.type_of(node, "T")])
    reads = inputs(node)
    left = [live_tensor(tensor, survivors) for tensor in reads]
    if left == reads or (node.op in ("Identity", "IdentityN") and own in survivors):
        return node
    copy = NodeDef()
    copy.CopyFrom(node)
    del copy.input[:]
    copy.input.extend(map(str, left))
    return copy
