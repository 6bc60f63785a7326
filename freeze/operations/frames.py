"""Does every node of a while loop read what is in the loop."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from freeze.formats.graphdef import source
from freeze.graph import walk

Frame = tuple[str, ...]
"""The names of the loops that a node is in, the outermost first."""


def mixed(nodes: Mapping[str, Any], names: Collection[str]) -> Iterator[str]:
    """Say which nodes read from other loops than their own.

    ``Enter`` leads into a loop and ``Exit`` out of it; what a ``NextIteration`` hands on stays.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
        Without circles, except those of loops.
    names : collection of str
        The nodes to judge: those that outputs depend on.
    """
    order = walk.in_order(nodes, sorted(names), lambda name: walk.before(nodes, name))
    after: dict[str, Frame] = {}
    for name in order:
        node = nodes[name]
        given = {after[each] for each in _before(node, nodes) if each in after}
        if node.op == "Placeholder":  # what is fed waits for nothing
            given = set()
        frame: Frame = max(given, key=len, default=())
        if len(given) > 1 and node.op != "Const":  # which TensorFlow folds
            yield f"{name}, which reads from several loops"
        if node.op == "Enter":
            frame = (*frame, node.attr["frame_name"].s.decode("utf-8", "replace"))
        elif node.op == "Exit":
            frame = frame[:-1]
        after[name] = frame


def _before(node: Any, nodes: Mapping[str, Any]) -> list[str]:
    """What a node waits for: constants are there from the beginning."""
    return [
        given.node
        for given in map(source, node.input)
        if given.output >= 0 or nodes[given.node].op != "Const"
    ]
