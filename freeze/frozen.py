"""A checkpoint made into a frozen graph."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError
from freeze.formats import graphdef, tensors
from freeze.formats.graphdef import source
from freeze.graph.inference import VARIABLES
from freeze.graph.prune import PLACEMENT, prune
from freeze.graph.rewrite import rewrite
from freeze.graph.walk import closure

if TYPE_CHECKING:
    from freeze.formats.checkpoint import Checkpoint

_UPDATING = re.compile(
    r"(Sparse)?Apply|Resource|Scatter(Nd)?(Add|Sub|Mul|Div|Min|Max|Update)$|CountUpTo$"
    r"|Assign.*VariableOp$|IsVariableInitialized$|VarIsInitializedOp$"
)


def freeze(
    checkpoint: Checkpoint, outputs: Sequence[str], training_flags: Sequence[str] = ()
) -> Any:
    """Freeze the graph that a checkpoint was saved with, as it is at inference.

    Parameters
    ----------
    checkpoint : Checkpoint
        With its ``.meta`` file.
    outputs : sequence of str
        Nodes to keep, with what they need.
    training_flags : sequence of str
        Boolean placeholders to fix at false.

    Returns
    -------
    GraphDef
        Pruned; equal checkpoints give equal bytes.

    Raises
    ------
    NotFoundError
        No such output, no ``.meta`` file, or a variable that the checkpoint lacks.
    UsageError
        An output that exists only in training, or a flag that is not boolean.
    IntegrityError
        A damaged checkpoint.
    """
    graph = checkpoint.metagraph().graph_def
    rewrite(graph)
    pruned = prune(graph, outputs, training_flags)
    fill(pruned, checkpoint)
    return pruned


def fill(graph: Any, checkpoint: Checkpoint) -> None:
    """Replace the variables of a pruned graph by their values, in place.

    Raises
    ------
    NotFoundError
        A variable that the checkpoint lacks.
    IntegrityError
        A variable that does not fit the graph, or that the graph writes to.
    """
    for node in graph.node:
        if node.op in VARIABLES:
            _fill(node, checkpoint)
        elif node.op == "ReadVariableOp":
            _read(node)
        elif node.op.startswith("Resource") or node.op.endswith("VariableOp"):
            raise IntegrityError(
                f"{node.name} cannot be frozen.", why=f"It is a {node.op}, which needs a variable."
            )


def fill_all(graph: Any, checkpoint: Checkpoint) -> list[str]:
    """Replace all variables by their values, in place, and keep every node that can do without.

    What updates variables (an optimizer), variables that were not saved, and all that
    depends on either, cannot be kept.

    Returns
    -------
    list of str
        The nodes that were left out.

    Raises
    ------
    IntegrityError
        A variable that does not fit the graph.
    """
    lost: set[str] = set()
    for node in graph.node:
        if node.op in VARIABLES and variable_key(node, checkpoint) in checkpoint.entries:
            _fill(node, checkpoint)
        elif node.op == "ReadVariableOp":
            _read(node)
        elif node.op in VARIABLES or _UPDATING.match(node.op):
            lost.add(node.name)
        for attribute in PLACEMENT:
            node.attr.pop(attribute, None)
    readers = defaultdict(list)
    for node in graph.node:
        for reference in node.input:
            readers[source(reference).node].append(node.name)
    lost = closure(lost, lambda name: readers.get(name, ()))
    kept = [node for node in graph.node if node.name not in lost]
    del graph.node[:]
    graph.node.extend(kept)
    return sorted(lost)


def _fill(node: Any, checkpoint: Checkpoint) -> None:
    """Replace a variable by its value."""
    values = checkpoint.tensor(variable_key(node, checkpoint))
    kind = graphdef.type_of(node, "dtype")
    sizes = tuple(axis.size for axis in node.attr["shape"].shape.dim)
    if tensors.BY_NUMPY[values.dtype].number != kind or (sizes and sizes != values.shape):
        raise IntegrityError(
            f"The variable {node.name} does not fit its graph.",
            why=f"The checkpoint has {values.dtype} {list(values.shape)}, "
            f"the graph {tensors.dtype(kind, node.name).name} {list(sizes)}.",
        )
    node.CopyFrom(tensors.constant(node.name, values))


def variable_key(node: Any, checkpoint: Checkpoint) -> str:
    """The name that a variable has in a checkpoint."""
    name = node.attr["shared_name"].s.decode(errors="replace") if "shared_name" in node.attr else ""
    return name if name in checkpoint.entries else str(node.name)


def _read(node: Any) -> None:
    """Turn the reading of a variable into the handing on of a constant."""
    kind = graphdef.type_of(node, "dtype")
    node.op = "Identity"
    node.attr.clear()
    node.attr["T"].type = kind
