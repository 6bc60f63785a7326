"""The sub-graph that outputs need at inference, ready for any consumer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from catalog.errors import NotFoundError, UsageError
from freeze.formats import graphdef, tensors
from freeze.formats.dtypes import BOOL
from freeze.formats.graphdef import Source, source
from freeze.formats.messages import GraphDef
from freeze.graph import branches, walk
from freeze.graph.functions import identity, inline
from freeze.graph.walk import PLACEHOLDERS
from freeze.shapes.propagation import infer

PLACEMENT = ("_class", "_output_shapes")
"""Attributes that the session added that wrote the graph."""

MOST_REPEATED = 1 << 10
"""Elements of a constant that is written out in full where it repeats its last value."""

_SMALL = 16 * tensors.TYPED_UP_TO  # bytes: so many of the widest type


def prune(graph: Any, outputs: Sequence[str], training_flags: Sequence[str] = ()) -> Any:
    """Take the sub-graph of outputs as it is at inference.

    Training flags become constants, a Switch or Merge that they decide is replaced
    by the surviving branch, function calls by the bodies of the functions. Control
    edges (but those that keep a constant inside a while loop), placement, and whatever
    the outputs do not need are dropped. Small constants are written as typed values.
    Nodes stand after those that they read.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    outputs : sequence of str
        Nodes, with ``:index`` where it is not 0. They keep their names.
    training_flags : sequence of str
        Boolean placeholders to fix at false; those that the graph does not have
        are passed over.

    Returns
    -------
    GraphDef

    Raises
    ------
    NotFoundError
        No such node, or no such output of it.
    UsageError
        An output that exists only in training, or a flag that is not boolean.
    IntegrityError
        A damaged graph.
    """
    nodes = graphdef.by_name(graph)
    wanted = [source(output) for output in outputs]
    for output in wanted:
        graphdef.find(nodes, output.node)
    _require_outputs(graph, wanted)
    for flag in training_flags:
        if flag in nodes:
            nodes[flag] = _false(nodes[flag])
    library = walk.functions(graph)
    survivors = inline(nodes, library, wanted)
    decided, dead = branches.resolve(nodes)
    survivors |= decided
    ends: dict[str, int] = {}
    for name, index in wanted:
        if name in dead:
            raise UsageError(f"{name} exists only in training.")
        ends[name] = max(index, ends.get(name, 0))
    nodes |= {name: _end(nodes[name], index, survivors) for name, index in ends.items()}

    looped = walk.in_loops(nodes) - dead

    def inputs(name: str) -> list[Source]:
        reads = walk.inputs(nodes[name]) or [
            edge for edge in map(source, nodes[name].input) if edge.node in looped
        ]
        return [branches.live_tensor(tensor, survivors) for tensor in reads]

    pruned = GraphDef(versions=graph.versions)
    for name in walk.in_order(nodes, ends, lambda name: [tensor.node for tensor in inputs(name)]):
        _copy(pruned.node.add(), nodes[name], inputs(name))
    called = walk.called(pruned.node, library)
    pruned.library.function.extend(library[name] for name in sorted(called))
    return pruned


def _require_outputs(graph: Any, wanted: Iterable[Source]) -> None:
    """Refuse an output after the last one of its node, as far as its operation is known."""
    later = [output for output in wanted if output.output > 0]
    known = infer(graph) if later else {}
    for output in later:
        count = len(known.get(output.node, ()))
        if 0 < count <= output.output:
            raise NotFoundError(
                f"The graph has no output {output}.", why=f"{output.node} has {count}."
            )


def _false(flag: Any) -> Any:
    """The constant that takes a training flag's place."""
    if flag.op not in PLACEHOLDERS or graphdef.type_of(flag, "dtype") != BOOL:
        raise UsageError(f"{flag.name} is not a training flag.", why="It is not a boolean input.")
    return tensors.constant(flag.name, np.array(False))


def _end(node: Any, index: int, survivors: Mapping[Source, Source]) -> Any:
    """A node that was asked for, as one that hands on what survived in its place."""
    if node.op == "Merge" and Source(node.name, 0) in survivors:
        values, types = [str(survivors[Source(node.name, 0)])], [graphdef.type_of(node, "T")]
    elif Source(node.name, 0) in survivors and node.op == "IdentityN":
        values, types = list(node.input), list(node.attr["T"].list.type)
    else:
        return node
    if index >= len(types):
        raise NotFoundError(f"The graph has no output {node.name}:{index}.")
    return identity(node.name, values[: index + 1], types[: index + 1])


def _copy(copy: Any, node: Any, inputs: Iterable[Source]) -> None:
    """Write a node into the pruned graph."""
    copy.CopyFrom(node)
    copy.ClearField("device")
    del copy.input[:]
    copy.input.extend(map(str, inputs))
    for attribute in PLACEMENT:
        copy.attr.pop(attribute, None)
    if node.op == "Const" and "value" in node.attr:
        value = copy.attr["value"].tensor
        if value.dtype in tensors.DTYPES and _is_small(value):
            value.CopyFrom(tensors.proto(tensors.array(value, node.name)))


def _is_small(tensor: Any) -> bool:
    """Whether a tensor has few elements: one that repeats its last value may have very many."""
    sizes = [axis.size for axis in tensor.tensor_shape.dim]
    return (
        len(tensor.tensor_content) <= _SMALL
        and len(sizes) <= tensors.MOST_DIMENSIONS
        and prod(sizes) <= MOST_REPEATED
    )
