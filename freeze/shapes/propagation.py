"""Shapes of all tensors of a graph, inferred without TensorFlow.

What cannot be known for sure stays unknown: a dimension ``None``, or a whole
shape ``None``. Small integer tensors are followed by value, because they
become the shapes of others (Shape, StridedSlice, Pack, Reshape).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import reduce
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

MOST_TURNS = 8
"""Of a loop; what still changes its shape is unknown."""

_WAYS = ("then_branch", "else_branch")

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


def inferred(graph: Any) -> Tensors:
    """Infer the shape of every output, and the content of small integer tensors; see `infer`."""
    return _Inference(walk.functions(graph)).run(graph.node, {})


def infer_nodes(nodes: Iterable[Any], library: Iterable[Any] = ()) -> dict[str, list[Shape]]:
    """Infer the shapes of a graph that is given as its nodes and library functions."""
    functions = {function.signature.name: function for function in library}
    return _shapes(_Inference(functions).run(nodes, {}))


def infer_bodies(graph: Any) -> dict[str, dict[str, list[Shape]]]:
    """Infer the shapes in the functions that a graph calls, of what all calls have in common.

    Parameters
    ----------
    graph : GraphDef

    Returns
    -------
    dict of str to dict
        By the function's name and that of its argument or node, as `infer` gives them.
    """
    functions = walk.functions(graph)
    inference = _Inference(functions)
    inference.run(graph.node, {})
    again = _Inference(functions)
    return {
        name: _shapes(again.body(functions[name], tensors, 1))
        for name, tensors in inference.arguments.items()
    }


def _shapes(tensors: Tensors) -> dict[str, list[Shape]]:
    return {name: [tensor.shape for tensor in each] for name, each in tensors.items()}


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
        self._is_certain = True  # whether what is inferred is run at all
        self.misfits: list[tuple[str, str]] = []
        self.arguments: dict[str, list[Tensor]] = {}
        """What every function is given, as far as all calls agree."""

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
            if node.op in walk.BRANCHES:
                tensors[name] = self._branch(node, reads[1:], depth + 1)
            elif node.op in walk.LOOPS:
                tensors[name] = self._loop(node, reads, depth + 1)
            self._tensors_left -= len(tensors[name])
        return tensors

    def _apply(self, node: Any, reads: list[Tensor]) -> list[Tensor]:
        found, misfit = applied(node, reads)
        if misfit and self._is_certain:
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
        self.arguments[name] = _common(self.arguments.get(name, reads), reads)
        body = self.body(function, reads, depth)
        results = [argument.name for argument in function.signature.output_arg]
        return [_tensor(body, function.ret.get(result, "")) for result in results]

    def body(self, function: Any, reads: list[Tensor], depth: int) -> Tensors:
        """Infer all in a function from what it is given."""
        arguments = [argument.name for argument in function.signature.input_arg]
        known = {name: [tensor] for name, tensor in zip(arguments, reads, strict=False)}
        return self.run(function.node_def, known, depth)

    def _branch(self, node: Any, reads: list[Tensor], depth: int) -> list[Tensor]:
        """What both branches of an If have in common."""
        ways = [node.attr[key].func.name for key in _WAYS if key in node.attr]
        with self._perhaps():
            found = [self._call(way, reads, depth) for way in ways]
        return _common(*found) if len(found) == len(_WAYS) else []

    def _loop(self, node: Any, reads: list[Tensor], depth: int) -> list[Tensor]:
        """What all turns of a While have in common."""
        if not {"cond", "body"} <= node.attr.keys():
            return []
        with self._perhaps():
            for _ in range(MOST_TURNS):
                after = self._call(node.attr["body"].func.name, reads, depth)
                kept = _common(reads, after)
                if kept == reads:
                    break
                reads = kept
            else:
                reads = [UNKNOWN] * len(reads)
                self._call(node.attr["body"].func.name, reads, depth)
            self._call(node.attr["cond"].func.name, reads, depth)
        return reads

    @contextmanager
    def _perhaps(self) -> Iterator[None]:
        """Report nothing of what may never be run."""
        before, self._is_certain = self._is_certain, False
        try:
            yield
        finally:
            self._is_certain = before


def _common(*given: list[Tensor]) -> list[Tensor]:
    """What is known of tensors that may be any of several."""
    return [reduce(_either, each) for each in zip(*given, strict=False)]


def _either(one: Tensor, other: Tensor) -> Tensor:
    shape: Shape = None
    if one.shape is not None and other.shape is not None and len(one.shape) == len(other.shape):
        pairs = zip(one.shape, other.shape, strict=True)
        shape = tuple(size if size == another else None for size, another in pairs)
    value = one.value if one.value == other.value else None
    return Tensor(shape, value, one.number if one.number == other.number else None)


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
