"""The path of the data through a graph, from its inputs to its last nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from freeze.formats import graphdef
from freeze.formats.dtypes import BOOL, STRING
from freeze.formats.graphdef import Source
from freeze.graph import walk
from freeze.graph.inference import at_inference
from freeze.graph.walk import PLACEHOLDERS, inputs
from freeze.shapes.propagation import infer_nodes
from freeze.shapes.shape import Shape

Reads = dict[str, list[Source]]

ABOUT_SHAPES = ("Shape", "ShapeN", "Size", "Rank")
"""Operations on shapes: their outputs do not carry the data."""

WEIGHTED = frozenset(
    {
        *("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"),
        *("Conv1D", "Conv3D", "Conv2DBackpropInput", "MatMul", "_FusedMatMul", "BatchMatMul"),
        *("BatchMatMulV2", "BatchMatMulV3", "Einsum", "Conv", "ConvTranspose", "Gemm"),
    }
)
"""Operations that make a network of a graph, TensorFlow's and ONNX's."""

ACTIVATIONS = ("Sigmoid", "Softmax", "LogSoftmax")
"""Operations that make predictions of logits."""

TRAINING = ("Apply", "ResourceApply")
"""Operations whose names begin like this change weights."""

PIPELINES = (
    *("IteratorGetNext", "QueueDequeueV2", "QueueDequeueManyV2", "QueueDequeueUpToV2"),
    *("QueueDequeue", "QueueDequeueMany", "QueueDequeueUpTo"),
)
"""Operations that a training graph may take its data from, where it has no placeholders."""

MOST_SOURCES = 64
"""Placeholders of a training graph that are told apart: data from labels and rates."""

PASSING = ("Identity", "IdentityN", "StopGradient", "PreventGradient", "Snapshot")
"""Operations that hand on what they read."""


@dataclass(frozen=True)
class DataPath:
    """What depends on the inputs of a graph, at inference.

    Attributes
    ----------
    nodes : dict of str to NodeDef
        The path and all that it reads, at inference.
    order : tuple of str
        The path, inputs included, every node after those that it reads.
    reads : dict of str to list of Source
        Of each node: the tensors that it reads.
    readers : dict of str to list of str
        Of each node on the path: those on the path that read it.
    shapes : dict of str to list of (tuple of (int or None), or None)
        By node, one an output.
    tail : set of str
        What of the path stands behind all weights.
    """

    nodes: dict[str, Any]
    order: tuple[str, ...]
    reads: Reads
    readers: dict[str, list[str]]
    shapes: dict[str, list[Shape]]
    tail: set[str]

    def shape(self, name: str, output: int = 0) -> Shape:
        """The shape of a node's output, None where it is unknown."""
        shapes = self.shapes.get(name, [])
        return shapes[output] if output < len(shapes) else None

    def before(self, name: str) -> list[str]:
        """The nodes on the path that a node reads."""
        return [tensor.node for tensor in self.reads[name] if tensor.node in self.readers]

    @cached_property
    def _handed_on(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.order:
            before = self.before(name) if self.nodes[name].op in PASSING else []
            found[name] = found.get(before[0], before[0]) if len(before) == 1 else name
        return found

    def passed(self, name: str) -> str:
        """The node whose output a chain of identities hands on."""
        return self._handed_on.get(name, name)


def trace(
    graph: Any, ends: Sequence[str] = (), shapes: dict[str, list[Shape]] | None = None
) -> DataPath:
    """Follow the data through a graph.

    Of a training graph, what depends on labels or on a learning rate is left out, and
    the path ends with the activations behind all weights, or the last layers.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    ends : sequence of str
        Nodes where the path ends, if it is known; else it goes on to the last nodes.
    shapes : dict of str to list of (tuple of (int or None), or None), optional
        Where they are known; else they are inferred.

    Returns
    -------
    DataPath

    Raises
    ------
    NotFoundError
        No such end.
    IntegrityError
        A damaged graph: nodes that read what does not exist, or themselves.
    """
    nodes = graphdef.by_name(graph)
    reads = {name: inputs(node) for name, node in nodes.items()}
    readers = _readers(nodes, reads)
    is_training = any(node.op.startswith(TRAINING) for node in nodes.values())
    data, others = _sources(nodes, readers, is_training)
    path = _downstream(readers, data) - _downstream(readers, others)
    last = [graphdef.find(nodes, end).name for end in ends]
    if not last and is_training:
        tail = _tail(nodes, path)
        last = [name for name in tail if nodes[name].op in ACTIVATIONS]
        last = last or [name for name in tail if nodes[name].op in (*WEIGHTED, "BiasAdd")]
    last = last or [
        name
        for name in path
        if nodes[name].op not in PLACEHOLDERS and path.isdisjoint(readers.get(name, ()))
    ]

    nodes = at_inference(graph, last)
    read = partial(walk.before, nodes, control=False)
    reads = {name: inputs(node) for name, node in nodes.items()}
    readers = _readers(nodes, reads)
    needed = walk.closure([name for name in last if name in nodes], read)
    path = needed & _downstream(readers, data) - _downstream(readers, others)
    kept = {name: node for name, node in nodes.items() if name in needed}
    return DataPath(
        nodes=kept,
        order=tuple(name for name in walk.in_order(kept, kept, read) if name in path),
        reads=reads,
        readers={name: [reader for reader in readers[name] if reader in path] for name in path},
        shapes=infer_nodes(kept.values(), graph.library.function) if shapes is None else shapes,
        tail=_tail(kept, path),
    )


def _sources(
    nodes: Mapping[str, Any], readers: Mapping[str, list[str]], is_training: bool
) -> tuple[list[str], list[str]]:
    """The placeholders of data, and those that only training needs: no weights follow them."""
    types = {
        name: graphdef.type_of(node, "dtype")
        for name, node in nodes.items()
        if node.op in PLACEHOLDERS
    }
    data = [name for name, dtype in types.items() if dtype not in (BOOL, STRING)]
    data = data or [name for name, node in nodes.items() if node.op in PIPELINES]
    data = data or [name for name, dtype in types.items() if dtype == STRING]  # encoded audio
    if not is_training or len(data) > MOST_SOURCES:
        return data, []
    reached = {name: _downstream(readers, [name]) for name in data}
    features = []
    for name in data:
        alone = reached[name].difference(*(reached[other] for other in data if other != name))
        if any(nodes[each].op in WEIGHTED for each in alone):
            features.append(name)
    return features or data, [name for name in data if features and name not in features]


def _tail(nodes: Mapping[str, Any], path: set[str]) -> set[str]:
    """What of a path stands behind all its weights."""
    read = partial(walk.before, nodes, control=False)
    weighted = [name for name in path if nodes[name].op in WEIGHTED]
    return path - walk.closure((before for name in weighted for before in read(name)), read)


def _readers(nodes: Mapping[str, Any], reads: Reads) -> dict[str, list[str]]:
    """Who reads the data of each node."""
    readers: dict[str, list[str]] = defaultdict(list)
    for name, tensors in reads.items():
        if nodes[name].op not in ABOUT_SHAPES:
            for source in {tensor.node for tensor in tensors}:
                readers[source].append(name)
    return readers


def _downstream(readers: Mapping[str, list[str]], starts: Iterable[str]) -> set[str]:
    return walk.closure(starts, lambda name: readers.get(name, ()))
