"""The function that a SavedModel serves, as a graph of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from freeze.formats import graphdef
from freeze.formats.graphdef import source
from freeze.formats.messages import GraphDef
from freeze.graph import walk
from freeze.graph.branches import live_tensor
from freeze.graph.functions import expand, inline


def served(graph: Any, outputs: Sequence[str]) -> tuple[Any, list[str]]:
    """Put the body of the function that serves in the place of the node that calls it.

    Functions that it calls itself are replaced by their bodies, too.

    Nodes get the names that they have in TensorFlow once it has loaded the function: those of
    the body, and inputs those of the arguments.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    outputs : sequence of str
        What its signature gives.

    Returns
    -------
    GraphDef
        The same where the outputs are not those of one call.
    list of str
        The outputs in it.
    """
    nodes, library = graphdef.by_name(graph), walk.functions(graph)
    calls = {source(output).node for output in outputs}
    call = nodes.get(calls.pop()) if len(calls) == 1 else None
    if call is None or call.op not in walk.CALLS or walk.callee(call) not in library:
        return graph, list(outputs)
    if any(nodes[name].input for name in walk.before(nodes, call.name)):
        return graph, list(outputs)
    function = library[walk.callee(call)]
    body, end = expand(call, function, {})
    arguments = [argument.name for argument in function.signature.input_arg]
    names = {
        source(given).node: name
        for given, name in zip(map(str, walk.inputs(call)), arguments, strict=True)
    }
    inside = f"{call.name}/"

    def renamed(reference: str) -> str:
        mark = "^" if reference.startswith("^") else ""
        name, colon, index = reference.removeprefix("^").partition(":")
        return f"{mark}{names.get(name) or name.removeprefix(inside)}{colon}{index}"

    lifted = GraphDef()
    for name, node in [*((each, nodes[each]) for each in names), *body.items()]:
        copy = lifted.node.add()
        copy.CopyFrom(node)
        copy.name = renamed(name)
        copy.input[:] = map(renamed, node.input)
    results = [renamed(str(tensor)) for tensor in walk.inputs(end)]
    given = [results[source(output).output] for output in outputs]
    flat = graphdef.by_name(lifted)
    returned = inline(flat, library, map(source, given))
    whole = GraphDef(versions=graph.versions, library=graph.library)
    for node in flat.values():
        copy = whole.node.add()
        copy.CopyFrom(node)
        edges = map(source, node.input)
        copy.input[:] = [str(live_tensor(e, returned)) if e.output >= 0 else str(e) for e in edges]
    return whole, given
