"""The gate: what a graph's outputs depend on must be operations that compute, and do nothing else.

No graph is handed to a runtime before it has passed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats import graphdef
from freeze.graph import walk
from freeze.operations import table

VARIABLES = frozenset(
    {"AutoReloadVariable", "ReadVariableOp", "TemporaryVariable", "VarHandleOp"}
    | {"VarIsInitializedOp", "Variable", "VariableV2", "_ReadVariablesOp", "_VarHandlesOp"}
)
"""Operations that hold or read variables: a frozen graph has none."""

ASSIGNMENTS = frozenset(
    {"Assign", "AssignAdd", "AssignSub", "AssignVariableOp", "AssignAddVariableOp"}
    | {"AssignSubVariableOp", "IsVariableInitialized", "RefEnter", "RefExit", "RefIdentity"}
    | {"RefMerge", "RefNextIteration", "RefSelect", "RefSwitch"}
)
"""Operations that change variables in memory, or hand references to them on."""

RESTORING = frozenset({"Restore", "RestoreSlice", "RestoreV2"})
"""Operations that read variables from files: of a SavedModel's own restorer."""

OPTIONALS = frozenset({"OptionalFromValue", "OptionalGetValue", "OptionalHasValue", "OptionalNone"})
"""Operations with which branches keep values for the gradients of training."""

TRAINED = VARIABLES | ASSIGNMENTS | OPTIONALS
"""What a network may use before it is frozen."""

MOST_NAMED = 8
"""Operations that a refusal names."""


@cache
def onnx_names() -> frozenset[str]:
    """ONNX's own operations, of its domains ``ai.onnx`` and ``ai.onnx.ml``: all only compute."""
    return frozenset(Path(__file__).with_name("onnx.txt").read_text("ascii").split())


@dataclass(frozen=True)
class Uses:
    """What a graph uses beyond the operations that are allowed.

    Attributes
    ----------
    variables, others : list of str
        Operations that outputs depend on, each with its node.
    elsewhere : list of str
        Operations of other parts of the graph.
    """

    variables: list[str]
    others: list[str]
    elsewhere: list[str]


def judge(graph: Any, outputs: Iterable[str], also: Collection[str] = ()) -> Uses:
    """Find what outputs depend on and should not: control edges and function bodies included.

    Parameters
    ----------
    graph : GraphDef
    outputs : iterable of str
        Nodes, with or without ``:index``.
    also : collection of str
        Further operations that are allowed.

    Raises
    ------
    NotFoundError
        No such output.
    IntegrityError
        A node reads one that does not exist.
    """
    nodes = graphdef.by_name(graph)
    reached = walk.reachable(nodes, (graphdef.source(output).node for output in outputs))
    library = walk.functions(graph)
    used = set(_named_ops([nodes[name] for name in reached], library))
    everywhere = [*graph.node, *(node for each in library.values() for node in each.node_def)]
    good = table.names() | set(also)
    bad = sorted((op, name) for name, op in used if op not in good)
    elsewhere = {node.op for node in everywhere} - {op for _, op in used} - good - library.keys()
    return Uses(
        sorted(f"{name} ({op})" for op, name in bad if op in VARIABLES),
        [f"{op} ({name})" for op, name in bad if op not in VARIABLES],
        sorted(elsewhere),
    )


def require(
    graph: Any, outputs: Iterable[str], what: str, also: Collection[str] = (), hint: str = ""
) -> None:
    """Refuse a graph whose outputs depend on more than computation.

    Parameters
    ----------
    graph, outputs, also
        See `judge`.
    what : str
        What the graph is of, for the message.
    hint : str

    Raises
    ------
    IntegrityError
        Naming the operations and their nodes.
    NotFoundError
        No such output.
    """
    found = judge(graph, outputs, also)
    refuse([*found.others, *found.variables], what, hint)


def refuse(operations: Sequence[str], what: str, hint: str = "") -> None:
    """Refuse a network for its operations, if there are any.

    Raises
    ------
    IntegrityError
    """
    if operations:
        more = f", and {len(operations) - MOST_NAMED} more" * (len(operations) > MOST_NAMED)
        raise IntegrityError(
            f"{what} is not run.",
            why=f"Its outputs need {', '.join(operations[:MOST_NAMED])}{more}; "
            "allowed are constants, and operations without side effects.",
            hint=hint,
        )


def _named_ops(nodes: Sequence[Any], library: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every node and its operation, in the functions that are called too; each body once."""
    bodies = [("", nodes)]
    bodies += [(f"{name}/", library[name].node_def) for name in walk.called(nodes, library)]
    for scope, body in bodies:
        yield from ((f"{scope}{node.name}", node.op) for node in body if node.op not in library)
