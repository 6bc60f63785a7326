"""Are the functions of a file whole, and do they fit the nodes that call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from freeze.formats import dtypes
from freeze.formats.messages import NodeDef
from freeze.graph import walk
from freeze.operations import attributes, edges, names, signature
from freeze.operations.circles import unordered
from freeze.operations.table import operation

Reference = tuple[str, str, str]

_BRANCHES = {  # the attributes that name functions, and whether these compute the outputs
    **{op: {"f": True} for op in walk.CALLS},
    **{op: {"then_branch": True, "else_branch": True} for op in walk.BRANCHES},
    **{op: {"cond": False, "body": True} for op in walk.LOOPS},
    **{op: {"branches": True} for op in ("Case", "StatelessCase")},
}

_EXECUTORS = ("", "DEFAULT", "SINGLE_THREADED_EXECUTOR")


def problems(function: Any, library: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong within a function's body.

    Parameters
    ----------
    function : FunctionDef
    library : mapping of str to FunctionDef
        All functions of the file.
    """
    scope = _Scope(function, library)
    found = [text for node in scope.nodes.values() for text in scope.problems(node)]
    signature = function.signature
    arguments = [*signature.input_arg, *signature.output_arg]
    found += [f"no type of {each.name}" for each in arguments if not _is_typed(each)]
    if len(scope.nodes) < len(function.node_def):
        found.append("two nodes of one name")
    circle = unordered(scope.nodes, scope.reads)
    if circle:
        found.append(f"{circle[0]} depends on itself")
    found += scope.returns()
    yield from (f"{function.signature.name}: {text}" for text in found)


def calls(node: Any, library: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong between a node and the functions that it calls."""
    if node.op in walk.CALLS:
        texts = {key: value.s.decode("utf-8", "replace") for key, value in node.attr.items()}
        if (executor := texts.get("executor_type", "")) not in _EXECUTORS:
            yield f"{node.name} asks for an executor {executor[:40]!a}"
        if texts.get("config") and texts.get("config_proto"):
            yield f"{node.name} has two configurations"
    for attribute, is_result in _BRANCHES.get(node.op, {}).items():
        if attribute not in node.attr:
            continue
        value = node.attr[attribute]
        for called in value.list.func or [value.func]:
            if called.name not in library:
                yield f"{node.name} calls {called.name or 'nothing'}, which does not exist"
                continue
            yield from _fit(node, library[called.name].signature, is_result)
    if node.op in library:
        given = sum(not reference.startswith("^") for reference in node.input)
        if given != len(library[node.op].signature.input_arg):
            yield f"{node.name} does not fit {node.op}, which it calls"


def is_open(node: Any) -> bool:
    """Whether attributes of a node are told by the call of its function."""
    return any(value.WhichOneof("value") == "placeholder" for value in node.attr.values())


def _fit(node: Any, called: Any, is_result: bool) -> Iterator[str]:
    """Compare a call with the arguments and results of the function."""
    given, results = ("T", "T") if node.op in walk.LOOPS else ("Tin", "Tout")
    arguments = [argument.type for argument in called.input_arg]
    wanted = list(node.attr[given].list.type) if given in node.attr else []
    if all(arguments) and arguments != wanted:
        yield f"{node.name} does not give {called.name} what it reads"
    returned = [argument.type for argument in called.output_arg]
    wanted = list(node.attr[results].list.type) if results in node.attr else []
    if is_result and all(returned) and returned[: len(wanted)] != wanted[: len(returned)]:
        yield f"{node.name} does not return what {called.name} does"


class _Scope:
    """The tensors that have names inside a function."""

    def __init__(self, function: Any, library: Mapping[str, Any]) -> None:
        self._function = function
        self._library = library
        self._arguments = {each.name: int(each.type) for each in function.signature.input_arg}
        self.nodes = _heard(function.node_def)

    def problems(self, node: Any) -> Iterator[str]:
        """Say what is wrong with a node of the body."""
        yield from names.problems(node, self.nodes)
        yield from calls(node, self._library)
        yield from edges.order(node)
        data = [reference for reference in node.input if not reference.startswith("^")]
        for reference in node.input:
            if reference.startswith("^"):
                if reference[1:] not in self.nodes and reference[1:] not in self._arguments:
                    yield f"{node.name} reads {reference}"
            elif self.kind(reference) is None:
                yield f"{node.name} reads {reference or 'nothing'}"
        told = edges.known(node, self._library)
        if told is None:
            return
        yield from attributes.problems(node, told)
        if is_open(node):
            return
        yield from edges.count(node, told)
        for reference, wanted in zip(data, signature.reads(node, told), strict=False):
            found = self.kind(reference)
            if found and wanted and found != wanted:
                yield f"{node.name} reads {reference} of {_name(found)} as {_name(wanted)}"

    def reads(self, name: str) -> set[str]:
        """The nodes of the body that one of them reads."""
        given = {each.removeprefix("^").partition(":")[0] for each in self.nodes[name].input}
        if self.nodes[name].op == "Merge":
            given = {each for each in given if self._op(each) != "NextIteration"}
        return given & self.nodes.keys() - self._arguments.keys()

    def _op(self, name: str) -> str:
        return str(self.nodes[name].op) if name in self.nodes else ""

    def kind(self, reference: str) -> int | None:
        """The element type of ``argument`` or ``node:output:0``; 0 unknown, None if missing."""
        name, *rest = reference.split(":")
        if name in self._arguments and rest in ([], ["0"]):
            return self._arguments[name]
        node = self.nodes.get(name)
        if node is None or not rest or len(rest) > 2:
            return None
        told = edges.known(node, self._library)
        if told is None:
            return 0
        index = rest[1] if len(rest) == 2 else "0"
        place = signature.ports(node, told).get(rest[0], range(0))
        if not index.isdecimal() or len(index) > 9 or int(index) >= len(place):
            return None
        return signature.computes(node, told)[place[int(index)]]

    def returns(self) -> Iterator[str]:
        """Say what is wrong with what the function returns."""
        for result in self._function.signature.output_arg:
            if result.name not in self._function.ret:
                yield f"{result.name} is not returned"
                continue
            reference = self._function.ret[result.name]
            found = self.kind(reference)
            if found is None:
                yield f"{result.name} is {reference}, which does not exist"
            elif found and result.type and found != result.type:
                yield f"{result.name} is of {_name(found)}, not {_name(result.type)}"


def _is_typed(argument: Any) -> bool:
    return bool(argument.type or argument.type_attr or argument.type_list_attr)


def _heard(nodes: Sequence[Any]) -> dict[str, Any]:
    """The nodes of a body by name; what has no outputs may stand before inputs, and gives none."""
    silent = {node.name for node in nodes if (told := operation(node.op)) and not told.outputs}
    heard = {}
    for node in nodes:
        heard[node.name] = node
        data = [at for at, each in enumerate(node.input) if each[:1] != "^" and each not in silent]
        last = max(data, default=0)
        if silent.intersection(node.input[:last]):
            heard[node.name] = copy = NodeDef()
            copy.CopyFrom(node)
            kept = [each for at, each in enumerate(node.input) if at > last or each not in silent]
            copy.input[:] = kept
    return heard


def _name(number: int) -> str:
    return dtypes.name(number) or dtypes.SHORT.get(number, str(number))
