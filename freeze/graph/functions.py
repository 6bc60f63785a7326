"""Library functions, put in the place of the nodes that call them, and of decided branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats.graphdef import Source, source
from freeze.formats.messages import NodeDef
from freeze.graph.branches import constant_predicate
from freeze.graph.walk import BRANCHES, CALLS, callee, closure, inputs
from freeze.operations.signature import ports
from freeze.operations.table import operation

MOST_LEVELS = 32
MOST_NODES = 20_000
MOST_COPIED = 1 << 26
"""How deep functions may call functions; how many nodes, and how many bytes of names and of
functions that are called again, that may add."""

BEYOND: Mapping[str, tuple[str, ...]] = {"DecodeWav": ("audio", "sample_rate")}
"""Names of outputs, which function bodies refer to, of operations that the table leaves out."""


def inline(
    nodes: dict[str, Any], library: Mapping[str, Any], outputs: Iterable[Source]
) -> dict[Source, Source]:
    """Replace the calls that outputs depend on by the bodies of the functions.

    An If (of TensorFlow 2) whose predicate is constant is a call of its live branch.
    The call itself becomes an Identity (IdentityN) of what the function returns,
    so that ``PartitionedCall:1`` stays a name that can be asked for. Nodes of the
    body get the call's name as a prefix, as TensorFlow does it.

    Parameters
    ----------
    nodes : dict of str to NodeDef
        Changed in place; its nodes are not.
    library : mapping of str to FunctionDef
    outputs : iterable of Source

    Returns
    -------
    dict of Source to Source
        What each output of a call is inside the body.

    Raises
    ------
    IntegrityError
        A call and its function do not fit, a function calls itself, or the
        graph grows out of bounds.
    """
    size, copied, entered = len(nodes), 0, set[str]()
    levels: dict[str, int] = {}
    returned: dict[Source, Source] = {}

    def follow(name: str) -> list[str]:
        nonlocal copied
        if name not in nodes:
            return []
        if nodes[name].op in BRANCHES:
            nodes[name] = _decided(nodes, name)
        if nodes[name].op in CALLS:
            called, level = callee(nodes[name]), levels.get(name, 0) + 1
            function = library.get(called)
            if function is None:
                raise IntegrityError(f"{name} calls a function that does not exist.")
            copied += len(name) * sum(1 + len(node.input) for node in function.node_def)
            copied += function.ByteSize() if called in entered else 0
            entered.add(called)
            if level > MOST_LEVELS or len(nodes) > size + MOST_NODES or copied > MOST_COPIED:
                raise IntegrityError(
                    "The graph cannot be used.",
                    why=f"Its functions call each other endlessly, among them {called}.",
                )
            body, nodes[name] = expand(nodes[name], function, nodes)
            nodes.update(body)
            levels.update(dict.fromkeys(body, level))
            for index, value in enumerate(inputs(nodes[name])):
                returned[Source(name, index)] = value
        return [source(reference).node for reference in nodes[name].input]

    closure((output.node for output in outputs), follow)
    return returned


def _decided(nodes: Mapping[str, Any], name: str) -> Any:
    """An If as a call of the branch that it takes, where that is known."""
    node = nodes[name]
    predicate = constant_predicate(nodes, node.input[0], {}) if node.input else None
    if predicate is None:
        return node
    call = NodeDef(name=name, op="PartitionedCall", input=node.input[1:])
    call.attr["f"].CopyFrom(node.attr["then_branch" if predicate else "else_branch"])
    call.attr["Tout"].CopyFrom(node.attr["Tout"])
    return call


def expand(call: Any, function: Any, nodes: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Copy a function's body for one call, and make the node that takes the call's place.

    Parameters
    ----------
    call : NodeDef
        Its name becomes the prefix of the nodes, with as many ``_`` as make it a new one.
    function : FunctionDef
    nodes : mapping of str to NodeDef
        Those that are there.

    Returns
    -------
    dict of str to NodeDef
        The body.
    NodeDef
        An Identity or IdentityN of what the function returns.

    Raises
    ------
    IntegrityError
        The call and the function do not fit.
    """
    given = [reference for reference in call.input if not reference.startswith("^")]
    ordering = [reference for reference in call.input if reference.startswith("^")]
    arguments = [argument.name for argument in function.signature.input_arg]
    results = [argument.name for argument in function.signature.output_arg]
    types = list(call.attr["Tout"].list.type) if "Tout" in call.attr else []
    if len(given) != len(arguments) or len(types) != len(results):
        raise IntegrityError(f"{call.name} does not fit the function that it calls.")
    prefix = call.name
    while any(f"{prefix}/{node.name}" in nodes for node in function.node_def):
        prefix += "_"
    inner = {node.name: node for node in function.node_def}
    scope = _Scope(prefix, dict(zip(arguments, given, strict=True)), inner)
    body = {}
    for node in function.node_def:
        if any(value.WhichOneof("value") == "placeholder" for value in node.attr.values()):
            raise IntegrityError(f"{call.name} calls a function for several types.")
        copy = NodeDef()
        copy.CopyFrom(node)
        copy.name = f"{prefix}/{node.name}"
        del copy.input[:]
        copy.input.extend(map(scope.outside, node.input))
        body[copy.name] = copy
    values = [scope.outside(function.ret.get(result, "")) for result in results]
    return body, identity(call.name, values + ordering, types)


def identity(name: str, inputs: Iterable[str], types: list[int]) -> Any:
    """Make a node that hands on its inputs.

    Parameters
    ----------
    name : str
    inputs : iterable of str
    types : list of int
        One for each input that is no control edge.

    Returns
    -------
    NodeDef
    """
    node = NodeDef(name=name, op="Identity" if len(types) == 1 else "IdentityN", input=inputs)
    if len(types) == 1:
        node.attr["T"].type = types[0]
    else:
        node.attr["T"].list.type.extend(types)
    return node


class _Scope:
    """Names inside a function's body, translated for one call."""

    def __init__(self, prefix: str, arguments: Mapping[str, str], nodes: Mapping[str, Any]) -> None:
        self._prefix = prefix
        self._arguments = arguments
        self._nodes = nodes
        self._first: dict[str, str] = {}

    def outside(self, reference: str) -> str:
        """Translate ``argument``, ``node:output:0`` or ``^node``."""
        name, _, output = reference.removeprefix("^").partition(":")
        if name in self._arguments:
            given = self._arguments[name]
            return f"^{source(given).node}" if reference.startswith("^") else given
        if reference.startswith("^"):
            return f"^{self._prefix}/{name}"
        return str(Source(f"{self._prefix}/{name}", self._index(name, output)))

    def _index(self, name: str, output: str) -> int:
        """The position among all outputs of a node."""
        label, _, index = output.partition(":")
        node = self._nodes.get(name)
        if node is None or not (index or "0").isdecimal() or len(index) > 9:
            raise _missing(name, output)
        place, told = int(index or 0), operation(node.op)
        if told:
            known = ports(node, told).get(label, range(0))
            if place >= len(known):
                raise _missing(name, output)
            return known[place]
        if node.op in BEYOND:
            if label not in BEYOND[node.op]:
                raise _missing(name, output)
            return BEYOND[node.op].index(label) + place
        if self._first.setdefault(name, label) != label:
            raise IntegrityError(
                f"A function body uses {node.op}, an operation whose outputs are not known."
            )
        return place


def _missing(name: str, output: str) -> IntegrityError:
    return IntegrityError(f"A function body reads {name}:{output}, which does not exist.")
