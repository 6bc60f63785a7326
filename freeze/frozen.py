"""A checkpoint made into a frozen graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError
from freeze import graphdef, tensors
from freeze.inference import VARIABLES
from freeze.prune import prune
from freeze.rewrite import rewrite

if TYPE_CHECKING:
    from freeze.checkpoint import Checkpoint


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
    for node in pruned.node:
        if node.op in VARIABLES:
            _fill(node, checkpoint)
        elif node.op == "ReadVariableOp":
            _read(node)
        elif node.op.startswith("Resource") or node.op.endswith("VariableOp"):
            raise IntegrityError(
                f"{node.name} cannot be frozen.", why=f"It is a {node.op}, which needs a variable."
            )
    return pruned


def _fill(node: Any, checkpoint: Checkpoint) -> None:
    """Replace a variable by its value."""
    name = node.attr["shared_name"].s.decode(errors="replace") if "shared_name" in node.attr else ""
    values = checkpoint.tensor(name if name in checkpoint.entries else node.name)
    kind = graphdef.type_of(node, "dtype")
    sizes = tuple(axis.size for axis in node.attr["shape"].shape.dim)
    if tensors.BY_NUMPY[values.dtype].number != kind or (sizes and sizes != values.shape):
        raise IntegrityError(
            f"The variable {node.name} does not fit its graph.",
            why=f"The checkpoint has {values.dtype} {list(values.shape)}, "
            f"the graph {tensors.dtype(kind, node.name).name} {list(sizes)}.",
        )
    node.CopyFrom(tensors.constant(node.name, values))


def _read(node: Any) -> None:
    """Turn the reading of a variable into the handing on of a constant."""
    kind = graphdef.type_of(node, "dtype")
    node.op = "Identity"
    node.attr.clear()
    node.attr["T"].type = kind
