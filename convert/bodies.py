"""Bodies of functions as graphs, and graphs as bodies: what loops that data decide consist of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from convert.place import refusal
from freeze.formats import graphdef
from freeze.formats.graphdef import Source, source
from freeze.formats.messages import FunctionDef, GraphDef, NodeDef
from freeze.graph import walk
from freeze.graph.functions import expand, identity
from freeze.operations.signature import ports
from freeze.operations.table import operation
from freeze.shapes.propagation import infer_bodies

if TYPE_CHECKING:
    from freeze.shapes.shape import Shape

Rewrite = Callable[[Any, Sequence[str]], Any]


def called(function: Any, prefix: str, given: Iterable[str]) -> tuple[list[Any], list[Source]]:
    """Copy the body of a function for one call.

    Parameters
    ----------
    function : FunctionDef
    prefix : str
        Comes before the names of its nodes.
    given : iterable of str
        A tensor for each argument.

    Returns
    -------
    list of NodeDef
        In order.
    list of Source
        What the call gives.
    """
    call = NodeDef(name=prefix, input=given)
    call.attr["Tout"].list.type.extend(each.type for each in function.signature.output_arg)
    body, end = expand(call, function, {})

    def following(name: str) -> list[str]:
        return [each.node for each in walk.inputs(body[name]) if each.node in body]

    ends = walk.inputs(end)
    order = walk.in_order(body, [each.node for each in ends if each.node in body], following)
    return [body[name] for name in order], ends


def rewritten(graph: Any, outputs: Sequence[str], rewrite: Rewrite) -> Any:
    """Rewrite a graph, and the functions that its loops and branches still name after that.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    outputs : sequence of str
    rewrite : callable
        From a graph and its outputs to another graph of the same outputs.

    Returns
    -------
    GraphDef
        No two nodes in its functions have one name, and each result is a node of its own.

    Raises
    ------
    UsageError
        TensorFlow.js would take one output of a node for another.
    """
    library, shapes = walk.functions(graph), infer_bodies(graph)
    done: dict[str, Any] = {}
    found = rewrite(graph, outputs)
    waiting = _named(found.node)
    while waiting:
        function = library[waiting.pop()]
        name = function.signature.name
        opened, results = _opened(function, shapes.get(name, {}))
        opened.library.CopyFrom(graph.library)
        body = rewrite(opened, results)
        done[name] = _closed(body, results, function.signature)
        waiting |= _named(body.node) - done.keys()
    del found.library.function[:]
    found.library.function.extend(done[name] for name in sorted(done))
    return found


def _named(nodes: Iterable[Any]) -> set[str]:
    return {value.func.name for node in nodes for value in node.attr.values()} - {""}


def _opened(function: Any, shapes: dict[str, list[Shape]]) -> tuple[Any, list[str]]:
    """The body of a function as a graph, with its arguments as placeholders, and its outputs."""
    graph, name = GraphDef(), function.signature.name
    for argument in function.signature.input_arg:
        node = graph.node.add(name=argument.name, op="Placeholder")
        node.attr["dtype"].type = argument.type
        shape = next(iter(shapes.get(argument.name, ())), None)
        node.attr["shape"].shape.unknown_rank = shape is None
        for size in shape or ():
            node.attr["shape"].shape.dim.add(size=-1 if size is None else size)
    body, ends = called(function, name, [each.name for each in function.signature.input_arg])
    results = [f"{name}//{index}" for index in range(len(ends))]
    graph.node.extend(body)
    for result, end, told in zip(results, ends, function.signature.output_arg, strict=True):
        graph.node.append(identity(result, [str(end)], [told.type]))
    return graph, results


def _closed(graph: Any, results: Sequence[str], signature: Any) -> Any:
    """A graph as the body of a function."""
    nodes = graphdef.by_name(graph)
    function = FunctionDef(signature=signature)
    for node in graph.node:
        if node.op != "Placeholder":
            copy = function.node_def.add()
            copy.CopyFrom(node)
            copy.input[:] = [_reference(nodes, source(read)) for read in node.input]
    for told, result in zip(signature.output_arg, results, strict=True):
        function.ret[told.name] = _reference(nodes, Source(result, 0))
    return function


def _reference(nodes: dict[str, Any], tensor: Source) -> str:
    """A tensor as bodies of functions name it: ``argument`` or ``node:output:0``."""
    node = nodes[tensor.node]
    told = operation(node.op)
    if node.op == "Placeholder" or told is None:
        return tensor.node
    for label, places in ports(node, told).items():
        if tensor.output in places:
            if places.start:  # TensorFlow.js counts them from the node's first output on
                raise refusal(node, f"whose {label} is read in a loop that data decide")
            return f"{tensor.node}:{label}:{tensor.output}"
    raise refusal(node, f"and has no output {tensor.output}")
