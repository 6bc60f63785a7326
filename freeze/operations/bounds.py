"""What a graph cannot be given the memory or the time for, as far as its constants tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL
from freeze.graph import walk
from freeze.operations import edges, signature
from freeze.operations.attributes import SIZES
from freeze.shapes.propagation import infer, infer_bodies, infer_nodes
from freeze.shapes.shape import Shape

LARGEST = 1_000_000_000
"""Bytes of one tensor, for one patch."""

_HANDS_ON = ("Identity", "StopGradient", "Enter", "Snapshot", "PreventGradient", "GuaranteeConst")

Find = Callable[[str], Any]


def require(graph: Any, what: str) -> None:
    """Refuse a graph that asks for more memory or time than anything has.

    Parameters
    ----------
    graph : GraphDef
        Pruned to what is run.
    what : str
        What the graph is of, for the message.

    Raises
    ------
    IntegrityError
        Naming the nodes; see `unbounded`.
    """
    found = list(unbounded(graph, graphdef.by_name(graph)))
    if found:
        raise IntegrityError(
            f"{what} is not run.",
            why=f"It has {', '.join(found[:3])}; "
            f"at most {LARGEST / 1e9:g} GB is allowed of a tensor, and no loop without end.",
        )


def unbounded(graph: Any, names: Collection[str]) -> Iterator[str]:
    """Say which tensors are too large, and which loops never end.

    Parameters
    ----------
    graph : GraphDef
        Where a size is not known, such as that of the batch, it counts as 1.
    names : collection of str
        The nodes to judge: those that outputs depend on.
    """
    library = walk.functions(graph)
    reached = [node for node in graph.node if node.name in names]
    called = [library[name] for name in walk.called(reached, library)]
    yield from _large(reached, infer(graph), library)
    bodies = infer_bodies(graph)
    for function in called:
        shapes = bodies.get(function.signature.name) or infer_nodes(function.node_def)
        yield from _large(function.node_def, shapes, library)
    yield from _endless(reached, called, library)


def _large(
    nodes: Iterable[Any], shapes: Mapping[str, Sequence[Shape]], library: Mapping[str, Any]
) -> Iterator[str]:
    """Say which tensors are too large."""
    for node in nodes:
        told = edges.known(node, library)
        types = signature.computes(node, told) if told else []
        for index, shape in enumerate(shapes.get(node.name, ())):
            kind = types[index] if index < len(types) else 0
            size = prod(1 if axis is None else axis for axis in shape or ()) * SIZES.get(kind, 1)
            if size > LARGEST:
                yield f"{node.name} ({node.op}) of {size / 1e9:.3g} GB"


def _endless(
    nodes: Sequence[Any], called: Iterable[Any], library: Mapping[str, Any]
) -> Iterator[str]:
    """Say which loops go on whatever happens."""
    by_name = {node.name: node for node in nodes}
    for node in nodes:
        if node.op == "LoopCond" and flag(node.input[0], by_name.get):
            yield f"the loop at {node.name} without end"
    for node in [*nodes, *(inner for function in called for inner in function.node_def)]:
        if node.op in walk.LOOPS and "cond" in node.attr:
            function = library.get(node.attr["cond"].func.name)
            if function is None:
                continue
            body = {each.name: each for each in function.node_def}
            if any(flag(result, body.get) for result in function.ret.values()):
                yield f"the loop {node.name} without end"


def refuted(nodes: Mapping[str, Any], names: Collection[str]) -> Iterator[str]:
    """Say which assertions are false whatever the graph is fed.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
    names : collection of str
        The nodes to judge: those that outputs depend on.
    """
    for name in names:
        if nodes[name].op == "Assert" and flag(nodes[name].input[0], nodes.get) is False:
            needed = walk.reachable(nodes, [name])
            if not any(nodes[each].op == "Switch" for each in needed):  # perhaps never reached
                yield name


def flag(reference: str, find: Find) -> bool | None:
    """The value of a boolean, where it is the same whatever the graph is fed."""
    node = find(reference.removeprefix("^").partition(":")[0])
    for _ in range(64):
        if node is None or node.op not in _HANDS_ON or not node.input:
            break
        node = find(node.input[0].partition(":")[0])
    if node is None or node.op != "Const" or "value" not in node.attr:
        return None
    tensor = node.attr["value"].tensor
    if tensor.dtype != BOOL:
        return None
    return any(tensor.bool_val[:1]) or any(tensor.tensor_content[:1])
