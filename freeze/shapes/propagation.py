"""Shapes of all tensors of a graph, inferred without TensorFlow.

What cannot be known for sure stays unknown: a dimension ``None``, or a whole
shape ``None``. Small integer tensors are followed by value, because they
become the shapes of others (Shape, StridedSlice, Pack, Reshape).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from catalog.errors import IntegrityError
from freeze.graph import walk
from freeze.shapes.fit.requirements import MisfitError, check
from freeze.shapes.rules import RULES, UNKNOWN, Call, Tensor
from freeze.shapes.shape import Shape

for _group in (
    *("sources", "elementwise", "layers", "layout", "reductions"),
    *("fit.computation", "fit.layout"),
):
    import_module(f"{__package__}.{_group}")  # each registers its rules

Tensors = dict[str, list[Tensor]]

MOST_CALLS_DEEP = 32
MOST_CALLED_NODES = 100_000
"""Nodes and arguments of all functions together; functions that call functions grow
exponentially."""

MALFORMED = (LookupError, TypeError, ValueError, ArithmeticError)
"""What rules raise at malformed nodes, of which nothing is known."""

MOST_TENSORS = 500_000
"""Of all nodes together; what comes after them stays unknown."""


def infer(graph: Any) -> dict[str, list[Shape]]:
    """Infer the shape of every output of every node.

    Parameters
    ----------
    graph : GraphDef

    Returns
    -------
    dict of str to list of (tuple of (int or None), or None)
        By node name, one shape an output. Nodes of unknown operations have an
        empty list.
    """
    return infer_nodes(graph.node, graph.library.function)


def infer_nodes(nodes: Iterable[Any], library: Iterable[Any] = ()) -> dict[str, list[Shape]]:
    """Infer the shapes of a graph that is given as its nodes and library functions."""
    functions = {function.signature.name: function for function in library}
    inferred = _Inference(functions).run(nodes, {})
    return {name: [tensor.shape for tensor in tensors] for name, tensors in inferred.items()}


def misfits(graph: Any) -> list[tuple[str, str]]:
    """Find nodes that read shapes which their operations cannot take.

    Returns
    -------
    list of (str, str)
        The node, or the one that calls the function that has it, and what is wrong.
    """
    inference = _Inference(walk.functions(graph))
    inference.run(graph.node, {})
    return inference.misfits


def applied(node: Any, reads: list[Tensor]) -> tuple[list[Tensor], str]:
    """Infer the outputs of a node, and say what does not fit of what it reads; else nothing."""
    rule, call, misfit = RULES.get(node.op), Call(node, reads), ""
    with suppress(*MALFORMED):
        try:
            check(call)
        except MisfitError as error:
            misfit = f"{node.name} ({node.op}) reads {error}"
    with suppress(*MALFORMED):
        return [tensor.bounded() for tensor in rule(call)] if rule else [], misfit
    return [], misfit


class _Inference:
    """One pass over a graph and the functions that it calls."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self._functions = functions
        self._left = MOST_CALLED_NODES
        self._tensors_left = MOST_TENSORS
        self._call_of = ""
        self.misfits: list[tuple[str, str]] = []

    def run(self, nodes: Iterable[Any], known: Tensors, depth: int = 0) -> Tensors:
        by_name = {node.name: node for node in nodes}
        try:
            order = walk.in_order(by_name, by_name, lambda name: _feeding(by_name[name], by_name))
        except IntegrityError:
            return {name: [] for name in by_name}
        tensors = dict(known)
        for name in order:
            node = by_name[name]
            reads = [_tensor(tensors, wanted) for wanted in node.input if wanted[:1] != "^"]
            if depth == 0:
                self._call_of = name
            if node.op in walk.CALLS:
                tensors[name] = self._call(walk.callee(node), reads, depth + 1)
            else:
                tensors[name] = self._apply(node, reads) if self._tensors_left > 0 else []
            self._tensors_left -= len(tensors[name])
        return tensors

    def _apply(self, node: Any, reads: list[Tensor]) -> list[Tensor]:
        found, misfit = applied(node, reads)
        if misfit:
            self.misfits.append((self._call_of, misfit))
        return found

    def _call(self, name: str, reads: list[Tensor], depth: int) -> list[Tensor]:
        """Infer the outputs of a library function from the shapes of its arguments."""
        function = self._functions.get(name)
        if function is None or depth > MOST_CALLS_DEEP:
            return []
        signature = function.signature
        self._left -= sum(map(len, (function.node_def, signature.input_arg, signature.output_arg)))
        if self._left < 0:
            return []
        arguments = [argument.name for argument in function.signature.input_arg]
        known = {name: [tensor] for name, tensor in zip(arguments, reads, strict=False)}
        body = self.run(function.node_def, known, depth)
        results = [argument.name for argument in function.signature.output_arg]
        return [_tensor(body, function.ret.get(result, "")) for result in results]


def _feeding(node: Any, by_name: Mapping[str, Any]) -> Iterator[str]:
    """The nodes that a node reads; of a function's, those that are no arguments."""
    for wanted in node.input:
        name = wanted.removeprefix("^").partition(":")[0]
        if name in by_name:
            yield name


def _tensor(tensors: Tensors, wanted: str) -> Tensor:
    """Look up ``name``, ``name:1`` or, inside functions, ``name:output:0``."""
    name, *rest = wanted.split(":")
    outputs = tensors.get(name, [])
    index = int(rest[-1]) if rest and rest[-1].isdigit() else 0
    if len(rest) == 2 and len(outputs) > 1 and rest[0] not in ("output", "y"):
        return UNKNOWN  # inside functions outputs have names, and only these come first
    return outputs[index] if index < len(outputs) else UNKNOWN
