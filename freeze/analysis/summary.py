"""What a graph is: its inputs, outputs, layers and parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from freeze.analysis.candidates import SUMS, Output, candidates
from freeze.formats import dtypes, graphdef
from freeze.formats.dtypes import FLOATS
from freeze.graph.datapath import PASSING, WEIGHTED, DataPath, trace
from freeze.graph.inference import VARIABLES, training_flags
from freeze.graph.walk import PLACEHOLDERS, closure
from freeze.shapes.shape import Shape, declared, sizes

UNUSED = "unused_control_flow_input"
"""What TensorFlow calls the inputs of recurrent layers that nothing reads."""


@dataclass(frozen=True)
class Input:
    """A placeholder.

    Attributes
    ----------
    name : str
    dtype : str or None
        TensorFlow's name of it.
    shape : tuple of (int or None), or None
    role : str
        ``input``, ``training-flag``, or ``dangling``: no output needs it.
    """

    name: str
    dtype: str | None
    shape: Shape
    role: str


@dataclass(frozen=True)
class LayerSummary:
    """A node on the path from the inputs to the outputs.

    Attributes
    ----------
    name, op : str
    shape : tuple of (int or None), or None
        Of its first output.
    parameters : int
        Numbers in the weights that it reads and that no layer before it has read.
    kernel : tuple of (int or None), or None
        Shape of the second operand of convolutions and products.
    inputs : tuple of str
        The layers and inputs that it reads.
    """

    name: str
    op: str
    shape: Shape
    parameters: int
    kernel: Shape
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What a graph is.

    Attributes
    ----------
    kind : str
        ``frozen-graph``, ``savedmodel``, ``checkpoint``, ``tfjs`` or ``onnx``.
    size : int
        In bytes, of all its files.
    sha256 : str
        Of the file, or of all files one after the other.
    inputs : tuple of Input
    outputs : tuple of Output
        Candidates, the likeliest first.
    declared : bool
        Whether they are the outputs that the network, or who froze it, names.
    parameters : int
    ops : dict of str to int
        How often each operation occurs, library functions included.
    layers : tuple of LayerSummary
    """

    kind: str
    size: int
    sha256: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    parameters: int
    ops: dict[str, int]
    layers: tuple[LayerSummary, ...]
    declared: bool = False

    def to_json(self) -> dict[str, Any]:
        """The document that ``zoo inspect --json`` prints."""
        return {
            "kind": self.kind,
            "size": self.size,
            "sha256": self.sha256,
            "inputs": [
                {
                    "name": tensor.name,
                    "dtype": tensor.dtype,
                    "shape": sizes(tensor.shape),
                    "role": tensor.role,
                }
                for tensor in self.inputs
            ],
            "outputs": [
                {"name": tensor.name, "op": tensor.op, "shape": sizes(tensor.shape)}
                for tensor in self.outputs
            ],
            "parameters": self.parameters,
            "ops": self.ops,
            "layers": [
                {
                    "name": layer.name,
                    "op": layer.op,
                    "shape": sizes(layer.shape),
                    "parameters": layer.parameters,
                }
                for layer in self.layers
            ],
        }


def summarize(
    graph: Any,
    kind: str = "frozen-graph",
    size: int = 0,
    sha256: str = "",
    outputs: Sequence[str] = (),
    shapes: dict[str, list[Shape]] | None = None,
) -> Summary:
    """Find out what a graph is.

    Parameters
    ----------
    graph : GraphDef
        Not changed.
    kind, size, sha256 :
        As in `Summary`.
    outputs : sequence of str
        Its outputs, where they are known.
    shapes : dict of str to list of (tuple of (int or None), or None), optional
        Shapes by node, where they are known; else they are inferred.

    Returns
    -------
    Summary

    Raises
    ------
    NotFoundError
        No such output.
    IntegrityError
        A damaged graph: nodes that read what does not exist, or themselves.
    """
    path = trace(graph, [graphdef.source(output).node for output in outputs], shapes)
    nodes = graphdef.by_name(graph)
    found = candidates(path, nodes, outputs)
    layers = _layers(path)
    return Summary(
        kind=kind,
        size=size,
        sha256=sha256,
        inputs=tuple(_inputs(nodes, path)),
        outputs=tuple(found),
        parameters=_parameters(graph, kind, layers),
        ops=operations(graph),
        layers=tuple(layers),
        declared=bool(outputs),
    )


def operations(graph: Any) -> dict[str, int]:
    """Count the operations of a graph and its library functions, the most frequent first."""
    counts = Counter(node.op for node in graph.node)
    for function in graph.library.function:
        counts.update(node.op for node in function.node_def)
    return dict(counts.most_common())


def _inputs(nodes: Mapping[str, Any], path: DataPath) -> list[Input]:
    flags = set(training_flags(nodes))
    return [
        Input(
            name=name,
            dtype=dtypes.name(graphdef.type_of(node, "dtype")),
            shape=declared(node.attr["shape"].shape) if "shape" in node.attr else None,
            role="training-flag"
            if name in flags
            else "input"
            if name in path.nodes
            else "dangling",
        )
        for name, node in nodes.items()
        if node.op in PLACEHOLDERS and not (UNUSED in name and name not in path.nodes)
    ]


def _parameters(graph: Any, kind: str, layers: Sequence[LayerSummary]) -> int:
    """How many weights a file holds; of one that training goes on from, those of the layers."""
    if kind in ("checkpoint", "savedmodel"):
        return sum(layer.parameters for layer in layers)
    bodies = (graph.node, *(function.node_def for function in graph.library.function))
    return sum(_size(node) for nodes in bodies for node in nodes)


def _layers(path: DataPath) -> list[LayerSummary]:
    seen: set[str] = set()
    return [
        LayerSummary(
            name=name,
            op=path.nodes[name].op,
            shape=path.shape(name),
            parameters=_weights(name, path, seen),
            kernel=_kernel(name, path),
            inputs=tuple(dict.fromkeys(map(path.passed, path.before(name)))),
        )
        for name in path.order
        if path.nodes[name].op not in (*PLACEHOLDERS, *PASSING)
    ]


def _kernel(layer: str, path: DataPath) -> Shape:
    reads = path.reads[layer]
    if path.nodes[layer].op not in WEIGHTED or len(reads) < 2:
        return None
    return path.shape(reads[1].node, reads[1].output)


def _weights(layer: str, path: DataPath, seen: set[str]) -> int:
    """How many weights a layer is the first to read, be it through other nodes off the path."""

    def unseen(name: str) -> set[str]:
        return {tensor.node for tensor in path.reads[name]} - seen - path.readers.keys()

    found = closure([layer], unseen) - {layer}
    seen |= found
    return sum(_size(path.nodes[name]) for name in found)


def _size(node: Any) -> int:
    """How many weights a constant or a variable holds; a single number is none."""
    if graphdef.type_of(node, "dtype") % 100 not in FLOATS:
        return 0
    if node.op == "Const" and "value" in node.attr:
        shape = declared(node.attr["value"].tensor.tensor_shape)
    elif node.op in VARIABLES and "shape" in node.attr:
        shape = declared(node.attr["shape"].shape)
    else:
        return 0
    return prod(size or 0 for size in shape) if shape else 0


def schema_of(summary: Summary) -> dict[str, Any]:
    """Draft the block ``schema`` of a model's metadata.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    dict
        ``inputs`` and ``outputs``. Purposes are guesses; of mere candidates, those for which
        there is none are listed only if there is none for any.
    """
    used = [tensor for tensor in summary.inputs if tensor.role == "input"]
    guessed = () if summary.declared else [tensor for tensor in summary.outputs if tensor.purpose]
    return {
        "inputs": [
            {"name": tensor.name, "type": type_of(tensor.dtype), **_shape(tensor.shape)}
            for tensor in used
        ],
        "outputs": [
            {
                "name": tensor.name,
                "type": type_of(tensor.dtype),
                **_shape(tensor.shape),
                "op": operation(tensor.op),
                "output_purpose": tensor.purpose,
            }
            for tensor in guessed or summary.outputs
        ],
    }


def operation(op: str) -> str:
    """An operation as metadata name it."""
    return "fully connected" if op in SUMS else op


def type_of(dtype: str | None) -> str:
    """An element type as metadata name it."""
    return "float" if dtype in (None, "float32") else str(dtype)


def _shape(shape: Shape) -> dict[str, list[int | str]]:
    """The key of a shape, if that is known and none of a single number."""
    return {"shape": axes(shape)} if shape else {}


def axes(shape: Shape) -> list[int | str]:
    """A shape as metadata write it."""
    named: list[int | str] = ["any" if size is None else size for size in shape or ()]
    return ["batch_size", *named[1:]] if named[:1] == ["any"] else named
