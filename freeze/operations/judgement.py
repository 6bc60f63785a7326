"""Would TensorFlow import and run a graph: all that can be told without computing it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats import graphdef
from freeze.graph import walk
from freeze.operations import attributes, bodies, bounds, edges, frames, liveness, names
from freeze.operations.circles import circles
from freeze.shapes.propagation import misfits

Findings = dict[str, list[str]]


def judge(graph: Any, outputs: Collection[str] | None = None) -> Findings:
    """Find what TensorFlow refuses.

    What keeps a graph from being imported counts wherever it is; what keeps a node from being
    computed, where outputs depend on it.

    Parameters
    ----------
    graph : GraphDef
    outputs : collection of str, optional
        Nodes, with or without ``:index``. All nodes if left out.

    Returns
    -------
    dict of str to list of str
        What is wrong, by the family of the finding: ``names``, ``inputs``, ``attributes``,
        ``functions``, ``acyclic``, ``shapes``, ``assertions``, ``bounds`` and ``outputs``.
    """
    nodes, library = graphdef.by_name(graph), walk.functions(graph)
    found: Findings = {
        "names": list(names.versions(graph)),
        "inputs": [],
        "attributes": [],
        "functions": _functions(graph, library),
        "acyclic": circles(nodes),
        "shapes": [],
        "assertions": [],
        "bounds": [],
        "outputs": [],
    }
    producer = graph.versions.producer
    for node in graph.node:
        found["names"] += names.problems(node, nodes)
        found["inputs"] += [*edges.order(node), *edges.missing(node, nodes, library)]
        found["functions"] += bodies.calls(node, library)
        told = edges.known(node, library)
        if told is None:
            continue
        if told.until and producer >= told.until:
            found["attributes"].append(f"{node.name} ({node.op}), which is gone since {told.until}")
        wrong = list(attributes.problems(node, told))
        found["attributes"] += wrong
        if not wrong:
            found["inputs"] += edges.count(node, told)
            found["attributes"] += edges.mismatched(node, told, nodes, library)
    if not any(found.values()):
        found["shapes"] += (text for _, text in misfits(graph))
        reached = walk.reachable(nodes, _nodes(nodes, outputs))
        for node in graph.node:  # TensorFlow places all of them before it runs one
            found["names"] += names.elsewhere(node)
        for node in _bodies([nodes[name] for name in nodes if name in reached], library):
            if node.name not in nodes:
                found["names"] += names.elsewhere(node)
            told = edges.known(node, library)
            if told and not bodies.is_open(node):
                found["attributes"] += attributes.uncomputed(node, told)
        loops, mixed = frames.frames(nodes, reached)
        found["acyclic"] += mixed
        found["assertions"] += bounds.refuted(nodes, reached)
        found["bounds"] += bounds.unbounded(graph, reached)
        if outputs is not None and not mixed and liveness.matters(nodes, reached):
            with suppress(IntegrityError):  # a loop that begins in parts, one behind the other
                execution = liveness.Execution(nodes, loops)
                found["outputs"] += execution.lacking(outputs)
                found["shapes"] += execution.misfits
                found["bounds"] += (f"the loop at {name} without end" for name in execution.endless)
    return found


def _bodies(reached: list[Any], library: dict[str, Any]) -> list[Any]:
    """Nodes, and those of the functions that they call."""
    called = [library[name] for name in sorted(walk.called(reached, library))]
    return [*reached, *(node for function in called for node in function.node_def)]


def _nodes(nodes: Iterable[str], outputs: Iterable[str] | None) -> list[str]:
    if outputs is None:
        return list(nodes)
    return [graphdef.source(output).node for output in outputs]


def _functions(graph: Any, library: dict[str, Any]) -> list[str]:
    """What is wrong within the functions that the graph calls, directly or not."""
    called = walk.called(graph.node, library)
    twice = [
        f"two functions named {function.signature.name}"
        for function in graph.library.function
        if function != library[function.signature.name]
    ]
    return twice + [
        text
        for function in graph.library.function
        if function.signature.name in called
        for text in bodies.problems(function, library)
    ]
