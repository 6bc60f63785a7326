"""Operations that a network may use: those that compute, and do nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from freeze.formats import graphdef
from freeze.graph import walk
from freeze.operations import table
from validate.report import Check, failed, listed, passed, warned

VARIABLES = frozenset(
    {"AutoReloadVariable", "ReadVariableOp", "TemporaryVariable", "VarHandleOp"}
    | {"VarIsInitializedOp", "Variable", "VariableV2", "_ReadVariablesOp", "_VarHandlesOp"}
)
"""Operations that hold or read variables: a frozen graph has none."""


def allowed() -> frozenset[str]:
    """TensorFlow's operations without side effects, as far as networks may need them.

    They touch no file, network, process or variable. Those that call functions are
    among them, because the functions are judged themselves.
    """
    return table.names()


def check(graph: Any, outputs: Iterable[str], also: Collection[str] = ()) -> list[Check]:
    """Judge what outputs depend on, control edges and library functions included.

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
    good = allowed() | set(also)
    variables = [f"{name} ({op})" for name, op in used if op in VARIABLES]
    bad = [f"{op} ({name})" for name, op in used if op not in good and op not in VARIABLES]
    elsewhere = {node.op for node in everywhere} - {op for _, op in used} - good - library.keys()
    return [
        failed("graph-frozen", "constants only", listed(sorted(variables)))
        if variables
        else passed("graph-frozen"),
        failed("graph-ops", "only operations without side effects", listed(sorted(bad)))
        if bad
        else passed("graph-ops"),
        warned(
            "graph-unreachable-ops", "no operations with side effects", listed(sorted(elsewhere))
        )
        if elsewhere
        else passed("graph-unreachable-ops"),
    ]


def check_onnx(foreign: Iterable[str], also: Collection[str] = ()) -> list[Check]:
    """Judge an ONNX model by its operations that are not ONNX's: those of ONNX only compute."""
    bad = sorted(set(foreign) - set(also))
    return [
        failed("graph-ops", "only operations of ONNX", listed(bad)) if bad else passed("graph-ops")
    ]


def _named_ops(nodes: Sequence[Any], library: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every node and its operation, in the functions that are called too; each body once."""
    bodies = [("", nodes)]
    bodies += [(f"{name}/", library[name].node_def) for name in walk.called(nodes, library)]
    for scope, body in bodies:
        yield from ((f"{scope}{node.name}", node.op) for node in body if node.op not in library)
