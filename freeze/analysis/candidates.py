"""Nodes that are likely outputs of a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freeze.formats import dtypes
from freeze.formats.graphdef import Source, output_type, source
from freeze.graph.datapath import ACTIVATIONS, DataPath
from freeze.shapes.shape import Shape

PURPOSES = ("predictions", "logits", "embeddings", "")

_PRODUCTS = ("MatMul", "_FusedMatMul", "Gemm")
SUMS = ("BiasAdd", "Add", "AddV2")


@dataclass(frozen=True)
class Output:
    """A node that may be an output.

    Attributes
    ----------
    name : str
        With ``:index`` where it is not 0.
    op : str
        Of the node, or of the one that it hands on.
    shape : tuple of (int or None), or None
    purpose : str
        A guess: ``predictions``, ``logits``, ``embeddings``, or empty.
    layer : str
        The layer whose output it hands on.
    dtype : str or None
        TensorFlow's name of its element type, where the layer tells it.
    """

    name: str
    op: str
    shape: Shape
    purpose: str = ""
    layer: str = ""
    dtype: str | None = None


def candidates(path: DataPath, nodes: Mapping[str, Any], known: Sequence[str] = ()) -> list[Output]:
    """List the likely outputs of a network, the likeliest first.

    They are what nobody reads, activations behind all weights, and dense layers.

    Parameters
    ----------
    path : DataPath
    nodes : mapping of str to NodeDef
        Of the graph as it was read: only these can be asked for.
    known : sequence of str
        The outputs, where they are known; then only their purposes are guessed.

    Returns
    -------
    list of Output
    """
    ends = list(map(source, known)) or list(_ends(path))
    found = {end: _handed_on(end, path) for end in ends}
    is_machine = any(_is_called(end.node, path) for end in ends if end.node in path.readers)
    dense = [] if is_machine else list(_dense_layers(path))
    taken = set(found.values())
    if not known:
        only = [read_by_dense(dense[0], path)] if len(dense) == 1 and not _is_head(path) else []
        for name in (*_last_activations(path), *reversed(dense), *only):
            if name in nodes and name not in taken:
                found[Source(name, 0)] = name
                taken.add(name)
    purposes = _purposes(path, dense, taken, found[ends[0]] if ends else "")
    outputs = [
        Output(
            name=str(asked),
            op=path.nodes[name].op,
            shape=path.shape(name),
            purpose=purposes.get(name, ""),
            layer=name,
            dtype=dtypes.name(output_type(path.nodes[name])),
        )
        for asked, name in found.items()
    ]
    return sorted(outputs, key=lambda output: PURPOSES.index(output.purpose))


def _ends(path: DataPath) -> Iterator[Source]:
    """What nobody reads; of a function call, each of its results."""
    for name in path.order:
        if not path.readers[name] and path.before(name):
            node = path.nodes[name]
            count = len(path.reads[name]) if node.op == "IdentityN" else 1
            yield from (Source(name, index) for index in range(count))


def _handed_on(end: Source, path: DataPath) -> str:
    """The node that an end stands for."""
    if end.node in path.readers and _is_activation(end.node, path):
        return end.node
    node = path.nodes[end.node]
    reads = path.reads[end.node]
    if node.op == "IdentityN" and end.output < len(reads):
        return path.passed(reads[end.output].node)
    return path.passed(end.node)


def _last_activations(path: DataPath) -> list[str]:
    """Sigmoid or Softmax behind all weights, the last one first."""
    activations = [name for name in path.order if _is_activation(name, path)]
    return [name for name in reversed(activations) if name in path.tail]


def _is_activation(name: str, path: DataPath) -> bool:
    return path.nodes[name].op in ACTIVATIONS or _is_called(name, path)


def _is_called(name: str, path: DataPath) -> bool:
    """Whether a last node is called an activation, and is made of other operations.

    The probabilities of a support vector machine are; its products are no layers.
    """
    if path.readers.get(name) or name.rpartition("/")[2] not in ACTIVATIONS:
        return False
    return path.nodes[path.passed(name)].op not in ACTIVATIONS


def _dense_layers(path: DataPath) -> Iterator[str]:
    """Products with a matrix of weights; where a bias is added to one, the sum."""
    for name in path.order:
        if path.nodes[name].op in _PRODUCTS and len(path.before(name)) == 1:
            reader = path.readers[name][0] if len(path.readers[name]) == 1 else name
            is_sum = path.nodes[reader].op in SUMS and len(path.before(reader)) == 1
            yield reader if is_sum else name


def _purposes(path: DataPath, dense: list[str], found: set[str], end: str) -> dict[str, str]:
    """Guess what some of the nodes are for.

    A network without convolutions is a head: it has predictions, no embeddings.
    """
    is_head = _is_head(path)
    predictions = next((name for name in _last_activations(path) if name in found), None)
    if predictions is None:
        last = next((name for name in reversed(dense) if name in found), end)
        return {last: "predictions" if is_head and last in dense else "embeddings"}
    before = path.before(predictions)
    logits = path.passed(before[0]) if before else ""
    purposes = {predictions: "predictions"}
    if logits not in dense:
        return purposes
    purposes[logits] = "logits"
    if not is_head:
        earlier = [name for name in dense[: dense.index(logits)] if name in found]
        purposes[earlier[-1] if earlier else read_by_dense(logits, path)] = "embeddings"
    return purposes


def _is_head(path: DataPath) -> bool:
    return not any("Conv" in node.op for node in path.nodes.values())


def read_by_dense(name: str, path: DataPath) -> str:
    """What a dense layer reads."""
    (before,) = path.before(name)
    if path.nodes[name].op not in _PRODUCTS:
        (before,) = path.before(before)
    return path.passed(before)
