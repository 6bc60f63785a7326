"""Does the work of a graph depend on the values that it is fed, or on their shape alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from freeze.formats import graphdef
from freeze.graph import walk

SHAPES = frozenset({"OnesLike", "Rank", "Shape", "ShapeN", "Size", "ZerosLike"})
"""Operations that read no values, only shapes."""

SOURCES = ("Multinomial", "Random", "TruncatedNormal", "StatelessRandom")
"""What operations begin with that give other values each time."""


@cache
def unsteered() -> dict[str, tuple[int, ...]]:
    """The operations of ``dependence.txt``, with the places of their harmless operands, if any."""
    lines = Path(__file__).with_suffix(".txt").read_text("ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {name: tuple(map(int, places)) for name, *places in rows}


def depends_on_data(graph: Any, outputs: Sequence[str]) -> bool:
    """Whether the time or the memory that outputs need may depend on the values that are fed.

    So it is where anything but the operations of `unsteered` reads what was computed from them,
    such as a loop, a branch, or a shape made of values: what is not known is taken so.

    Parameters
    ----------
    graph : GraphDef
        Of an ONNX model with ONNX's operations.
    outputs : sequence of str
        Nodes, with ``:index`` where it is not 0.
    """
    nodes = graphdef.by_name(graph)
    readers = defaultdict(list)
    for node in graph.node:
        for read in walk.inputs(node):
            readers[read.node].append(node.name)
    begins = [
        node.name
        for node in graph.node
        if node.op in walk.PLACEHOLDERS or node.op.startswith(SOURCES)
    ]

    def following(name: str) -> Sequence[str]:
        return () if nodes[name].op in SHAPES else readers[name]

    fed = {each for each in walk.closure(begins, following) if nodes[each].op not in SHAPES}
    return any(
        _is_steered(nodes[name], fed)
        for name in walk.reachable(nodes, [_node(nodes, output) for output in outputs])
        if name in fed and name not in begins
    )


def _node(nodes: Mapping[str, Any], output: str) -> str:
    """The node of an output; in ONNX names may end in ``:0`` themselves."""
    names = (output, f"{output}:0")
    return next((name for name in names if name in nodes), graphdef.source(output).node)


def _is_steered(node: Any, fed: set[str]) -> bool:
    """Whether values that were fed may decide how much a node computes."""
    harmless = unsteered().get(node.op)
    if harmless == ():
        return False
    reads = enumerate(walk.inputs(node))
    return harmless is None or any(read.node in fed for i, read in reads if i not in harmless)
