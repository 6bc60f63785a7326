"""Loops of a known number of turns, branches and calls, written out as plain nodes.

TensorFlow.js runs a network with loops only step by step, through ``executeAsync``, knows no
functions that call functions, and confuses the lists that recurrent networks keep their states
in. Written out, a recurrent network is products and sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.errors import UsageError
from convert.arithmetic import counted
from convert.bodies import called
from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source, source
from freeze.formats.messages import GraphDef, NodeDef
from freeze.graph import walk
from freeze.graph.functions import identity
from freeze.shapes.propagation import infer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.shapes.shape import Shape

MOST_NODES = 50_000
"""Written out; a page would load more for minutes."""


class Value(NamedTuple):
    """What a node's output is while the graph is written out.

    Attributes
    ----------
    name : str
        The output, as nodes read it; empty of a list.
    constant : numpy.ndarray or None
        The value, where it is small and known.
    items : tuple of (Value or None), or None
        Of a list of tensors.
    """

    name: str
    constant: NDArray[Any] | None = None
    items: tuple[Value | None, ...] | None = None


def unroll(graph: Any, outputs: Sequence[str]) -> Any:
    """Write out loops, branches and calls.

    A branch that data decides becomes both branches and a choice between what they give. A loop
    that goes on for as long as data decide stays a loop, and so does a branch with one in it.

    Parameters
    ----------
    graph : GraphDef
        Not changed. Nodes stand after those that they read.
    outputs : sequence of str

    Returns
    -------
    GraphDef

    Raises
    ------
    UsageError
        It would grow out of bounds, or has a list whose items are not known.
    """
    if not graph.library.function:
        return graph
    writing = _Writing(graph)
    for node in graph.node:
        writing.add(node)
    written = graphdef.by_name(writing.graph)
    ends = [source(name).node for name in outputs]
    for node in graph.node:
        if node.name in ends and node.name not in written:
            written[node.name] = writing.hand_on(node)
    needed = walk.reachable(written, ends)
    needed |= {node.name for node in graph.node if node.op in walk.PLACEHOLDERS}
    unrolled = GraphDef(versions=graph.versions)
    unrolled.node.extend(node for name, node in written.items() if name in needed)
    library = walk.functions(graph)
    kept = walk.called(unrolled.node, library)
    unrolled.library.function.extend(library[name] for name in sorted(kept))
    return unrolled


class _Writing:
    """A graph that is being written out."""

    def __init__(self, graph: Any) -> None:
        self.graph = GraphDef()
        self._library = walk.functions(graph)
        self._shapes = infer(graph)
        self._values: dict[Source, Value] = {}
        self._constants: dict[bytes, Value] = {}

    def add(self, node: Any, inner: bool = False) -> None:
        """Write a node, or what it stands for."""
        reads = [self._value(tensor) for tensor in walk.inputs(node)]
        if node.op in walk.CALLS:
            results = self._call(walk.callee(node), reads, node.name)
        elif node.op in walk.BRANCHES:
            results = self._branch(node, reads)
        elif node.op in walk.LOOPS:
            results = self._loop(node, reads)
        elif node.op in _LISTS:
            results = [_LISTS[node.op](self, node, reads)]
        elif inner and node.op == "Identity":
            results = reads
        elif inner and node.op == "Const":
            results = [self._constant(node)]
        else:
            known = counted(node, [each.constant for each in reads])
            results = [Value(self.write(node, reads), known)]
        self._values |= {Source(node.name, index): each for index, each in enumerate(results)}

    def write(self, node: Any, reads: Sequence[Value]) -> str:
        """Write a node as it is; return its name."""
        if any(each.items is not None for each in reads):
            raise _refusal(node, "and reads a list of tensors")
        if len(self.graph.node) >= MOST_NODES:
            raise _refusal(node, f"and the graph grows beyond {MOST_NODES} nodes")
        copy = self.graph.node.add()
        copy.CopyFrom(node)
        del copy.input[:]
        copy.input.extend(each.name for each in reads)
        return str(node.name)

    def hand_on(self, node: Any) -> Any:
        """A node of the name of one that was written out."""
        types = list(node.attr["Tout" if "Tout" in node.attr else "T"].list.type)
        values = (self._value(Source(node.name, index)) for index in range(len(types)))
        return identity(node.name, [each.name for each in values], types)

    def count(self, original: str, written: str) -> int | None:
        """The size of a tensor's first axis: of the original, or else of what was written."""
        return _first(self._shapes, original) or _first(infer(self.graph), written)

    def _value(self, tensor: Source) -> Value:
        return self._values.get(tensor) or Value(str(tensor))

    def _constant(self, node: Any) -> Value:
        """A constant of a function: written once, however often that is called."""
        key = node.attr["value"].tensor.SerializeToString(deterministic=True)
        if key not in self._constants:
            self._constants[key] = Value(self.write(node, []), counted(node, []))
        return self._constants[key]

    def _call(self, name: str, reads: Sequence[Value], prefix: str) -> list[Value]:
        """Write the body of a function; return what it gives."""
        function = self._library[name]
        given = [Source(f"{prefix}//{index}", 0) for index in range(len(reads))]
        self._values |= dict(zip(given, reads, strict=True))
        body, ends = called(function, prefix, map(str, given))
        for node in body:
            self.add(node, inner=True)
        return [self._value(each) for each in ends]

    def _loop(self, node: Any, reads: Sequence[Value]) -> list[Value]:
        values, turn = list(reads), 0
        goes_on, body = node.attr["cond"].func.name, node.attr["body"].func.name
        while True:
            (more,) = self._call(goes_on, values, f"{node.name}/{turn}/condition")
            if more.constant is None:
                return self._keep(node, reads)
            if not more.constant:
                return values
            values = self._call(body, values, f"{node.name}/{turn}")
            turn += 1

    def _branch(self, node: Any, reads: Sequence[Value]) -> list[Value]:
        condition, *given = reads
        ways = [node.attr[key].func.name for key in ("else_branch", "then_branch")]
        if condition.constant is not None:
            return self._call(ways[bool(condition.constant)], given, node.name)
        if graphdef.type_of(node, "Tcond") != BOOL:
            raise _refusal(node, "on a number")
        start, constants = len(self.graph.node), dict(self._constants)
        no, yes = (self._call(way, given, f"{node.name}/{key}") for key, way in enumerate(ways))
        if any(each.op in (*walk.LOOPS, *walk.BRANCHES) for each in self.graph.node[start:]):
            del self.graph.node[start:]  # a loop may have no end where it is not meant to run
            self._constants = constants
            return self._keep(node, reads)
        results = []
        for index, pair in enumerate(zip(yes, no, strict=True)):
            choice = NodeDef(name=f"{node.name}/choice_{index}", op="SelectV2")
            choice.attr["T"].type = node.attr["Tout"].list.type[index]
            results.append(Value(self.write(choice, (condition, *pair))))
        return results

    def _keep(self, node: Any, reads: Sequence[Value]) -> list[Value]:
        """Write a loop or a branch as it is, by the name that TensorFlow.js counts as dynamic."""
        self.write(node, reads)
        self.graph.node[-1].op = f"Stateless{node.op.removeprefix('Stateless')}"
        return []


def _first(shapes: dict[str, list[Shape]], tensor: str) -> int | None:
    name, index = source(tensor)
    known = shapes.get(name, [])
    return next(iter((known[index] if index < len(known) else None) or ()), None)


def _refusal(node: Any, why: str) -> UsageError:
    return UsageError(
        "The loops of this network cannot be written out.",
        why=f"{node.name} is a {node.op}, {why}.",
        hint="Export it as ONNX instead: --to onnx",
    )


# Lists of tensors


def _items(node: Any, value: Value) -> tuple[Value | None, ...]:
    if value.items is None:
        raise _refusal(node, "and its list is not known")
    return value.items


def _number(node: Any, value: Value) -> int:
    if value.constant is None:
        raise _refusal(node, f"and {value.name} depends on data")
    return int(value.constant)


def _reserve(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    return Value("", items=(None,) * _number(node, reads[1]))


def _from_tensor(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    count = writing.count(node.input[0], reads[0].name)
    if count is None:
        raise _refusal(node, "of any number of items")
    apart = NodeDef(name=node.name, op="Unpack")
    apart.attr["num"].i = count
    apart.attr["axis"].i = 0
    apart.attr["T"].type = node.attr["element_dtype"].type
    name = writing.write(apart, reads[:1])
    return Value("", items=tuple(Value(str(Source(name, index))) for index in range(count)))


def _get(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    items, place = _items(node, reads[0]), _number(node, reads[1])
    found = items[place] if 0 <= place < len(items) else None
    if found is None:
        raise _refusal(node, "and reads an item that is not there")
    return found


def _set(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    items, place = list(_items(node, reads[0])), _number(node, reads[1])
    items += [None] * (place + 1 - len(items))
    items[place] = reads[2]
    return Value("", items=tuple(items))


def _push(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    return Value("", items=(*_items(node, reads[0]), reads[1]))


def _stack(writing: _Writing, node: Any, reads: Sequence[Value]) -> Value:
    items = [item for item in _items(node, reads[0]) if item is not None]
    if not items or len(items) < len(_items(node, reads[0])):
        raise _refusal(node, "and an item was never set")
    pack = NodeDef(name=node.name, op="Pack")
    pack.attr["N"].i = len(items)
    pack.attr["axis"].i = 0
    pack.attr["T"].type = node.attr["element_dtype"].type
    return Value(writing.write(pack, items))


_LISTS: dict[str, Callable[[_Writing, Any, Sequence[Value]], Value]] = {
    "EmptyTensorList": lambda writing, node, reads: Value("", items=()),
    "TensorListFromTensor": _from_tensor,
    "TensorListGetItem": _get,
    "TensorListPushBack": _push,
    "TensorListReserve": _reserve,
    "TensorListSetItem": _set,
    "TensorListStack": _stack,
}
