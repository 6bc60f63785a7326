"""Does every node of a while loop read what is in the loop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from freeze.formats.graphdef import source
from freeze.graph import walk

Frame = tuple[str, ...]
"""The names of the loops that a node is in, the outermost first."""


def frames(nodes: Mapping[str, Any], names: Collection[str]) -> tuple[dict[str, Frame], list[str]]:
    """Find the loops of nodes, and those nodes that read from other loops than their own.

    ``Enter`` leads into a loop and ``Exit`` out of it; what a ``NextIteration`` hands on stays.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
        Without circles, except those of loops.
    names : collection of str
        The nodes to judge: those that outputs depend on.

    Returns
    -------
    frames : dict of str to tuple of str
        An ``Enter`` is in the loop that it leads into, an ``Exit`` in the one that it leads to.
    mixed : list of str
        What is wrong.
    """
    order = walk.in_order(nodes, sorted(names), lambda name: walk.before(nodes, name))
    found: dict[str, Frame] = {}
    mixed: list[str] = []
    for name in order:
        node = nodes[name]
        given = {found[each] for each in _before(node, nodes) if each in found}
        if node.op == "Placeholder":  # what is fed waits for nothing
            given = set()
        frame: Frame = max(given, key=len, default=())
        if len(given) > 1:
            mixed.append(f"{name}, which reads from several loops")
        if node.op == "Enter":
            frame = (*frame, node.attr["frame_name"].s.decode("utf-8", "replace"))
        elif node.op == "Exit":
            if not frame:
                mixed.append(f"{name}, which leads out of no loop")
            frame = frame[:-1]
        found[name] = frame
    makers: dict[Frame, Any] = {}
    for name in nodes:
        if name in found and nodes[name].op == "Enter":
            makers.setdefault(found[name], nodes[name])
    for node in makers.values():
        if "parallel_iterations" in node.attr and not node.attr["parallel_iterations"].i:
            mixed.append(f"{node.name}, whose loop has no round at a time")
    return found, mixed


def _before(node: Any, nodes: Mapping[str, Any]) -> list[str]:
    """What a node waits for: constants that wait for nothing are there from the beginning."""
    return [
        given.node
        for given in map(source, node.input)
        if given.output >= 0 or nodes[given.node].op != "Const" or nodes[given.node].input
    ]
