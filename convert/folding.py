"""Nodes that no input changes, computed in advance.

TensorFlow.js runs a network with a Where, whose output may have any size, only through
``executeAsync``, even where its condition is constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from convert.arithmetic import CONDITIONS
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef
from freeze.graph import walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RULES: dict[str, Callable[..., NDArray[Any]]] = {
    **CONDITIONS,
    "Where": lambda condition: np.argwhere(condition).astype("<i8"),
}
"""Conditions, and what finds where they hold."""


def fold(graph: Any, outputs: Sequence[str]) -> Any:
    """Replace conditions on constants, and where they hold, by constants.

    Parameters
    ----------
    graph : GraphDef
        Nodes stand after those that they read.
    outputs : sequence of str

    Returns
    -------
    GraphDef
        What the outputs need; the original is as it was.
    """
    if not any(node.op == "Where" for node in graph.node):
        return graph
    folded = GraphDef(versions=graph.versions, library=graph.library)
    known: dict[str, NDArray[Any]] = {}
    for node in graph.node:
        if node.op == "Const":
            known[node.name] = tensors.array(node.attr["value"].tensor, node.name)
        elif node.op in _RULES and node.input and all(name in known for name in node.input):
            known[node.name] = _RULES[node.op](*(known[name] for name in node.input))
            node = tensors.constant(node.name, known[node.name])
        folded.node.append(node)
    return needed(folded, outputs)


def needed(graph: Any, outputs: Sequence[str]) -> Any:
    """Leave out what no output depends on; inputs stay.

    Parameters
    ----------
    graph : GraphDef
    outputs : sequence of str
    """
    ends = [graphdef.source(name).node for name in outputs]
    read = walk.reachable(graphdef.by_name(graph), ends)
    kept = [node for node in graph.node if node.name in read or node.op in walk.PLACEHOLDERS]
    return GraphDef(node=kept, versions=graph.versions, library=graph.library)
