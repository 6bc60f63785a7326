"""A graph as its file has it: its placeholders, the tensors that can be asked for, and its ops."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog.errors import listed
from catalog.fields import Layer
from freeze.formats import dtypes, graphdef
from freeze.graph import walk
from freeze.operations.judgement import judge
from freeze.shapes.propagation import infer
from freeze.shapes.shape import shape_text
from validate import ops
from validate.report import CHECKS, Check, failed, not_applicable, passed, warned

if TYPE_CHECKING:
    from freeze.analysis.summary import Summary

Shape = tuple[int | None, ...]

OF_SAVED_MODEL = {
    check.id: check
    for check in (
        not_applicable("graph-frozen", "A SavedModel keeps weights in variables; see zoo freeze."),
        not_applicable("graph-unreachable-ops", "A SavedModel has what saves and restores it."),
    )
}
"""Checks that only graphs of constants are held to."""

_ALIASES = {"float": "float32", "double": "float64", "half": "float16", "int": "int32"}


@dataclass(frozen=True)
class TensorInfo:
    """What a graph says of a tensor.

    Attributes
    ----------
    name : str
    dtype : str or None
        TensorFlow's name; None if it is not known.
    shape : tuple of (int or None), or None
    """

    name: str
    dtype: str | None
    shape: Shape | None

    def __str__(self) -> str:
        known = "[of unknown shape]" if self.shape is None else shape_text(self.shape)
        return f"{self.name} {known}"


@dataclass(frozen=True)
class ReadGraph:
    """A graph as read from a file.

    Attributes
    ----------
    definition : GraphDef
        Of an ONNX model with ONNX's operations.
    summary : Summary
        Its likely outputs, and the roles of its inputs; a damaged graph has none.
    kind : str
        ``graph``, ``tfjs``, ``onnx`` or ``savedmodel``.
    declared : mapping of str to list of (tuple of (int or None), or None), optional
        The shapes that the file itself declares.
    foreign : tuple of str
        Operations of an ONNX model that are not ONNX's.
    undeclared : tuple of str
        Weight files that a TensorFlow.js model does not name.
    initializers : tuple of str
        Nodes that run as soon as a SavedModel is loaded.
    saver : str
        The placeholder of a SavedModel that only saving needs.
    """

    definition: Any
    summary: Summary
    kind: str = "graph"
    declared: Mapping[str, list[Shape | None]] | None = None
    foreign: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    initializers: tuple[str, ...] = ()
    saver: str = ""

    @cached_property
    def nodes(self) -> dict[str, Any]:
        return graphdef.by_name(self.definition)

    @cached_property
    def _shapes(self) -> dict[str, list[Shape | None]]:
        return infer(self.definition) if self.declared is None else dict(self.declared)

    @cached_property
    def _operations(self) -> dict[str, str]:
        return {each.name: each.op for each in self.summary.outputs}

    @cached_property
    def placeholders(self) -> list[TensorInfo]:
        return [
            TensorInfo(node.name, _dtype(node, 0), self._shape(node.name, 0))
            for node in self.definition.node
            if node.op in walk.PLACEHOLDERS
        ]

    @property
    def ends(self) -> list[str]:
        """Everything that may be meant as an output."""
        return [each.name for each in self.summary.outputs]

    @property
    def likely(self) -> list[str]:
        """The outputs whose purpose can be guessed, or else all."""
        return [each.name for each in self.summary.outputs if each.purpose] or self.ends

    @property
    def flags(self) -> list[str]:
        """The placeholders that only switch between training and inference."""
        return [each.name for each in self.summary.inputs if each.role == "training-flag"]

    def tensor(self, name: str) -> TensorInfo | None:
        """The tensor of a name, with or without ``:index``; None if there is none."""
        node, index = self.place(name)
        if node not in self.nodes:
            return None
        if "Tout" in self.nodes[node].attr and index >= len(_results(self.nodes[node])):
            return None
        if 0 < len(self._shapes.get(node, ())) <= index:
            return None
        return TensorInfo(name, _dtype(self.nodes[node], index), self._shape(node, index))

    def operation(self, name: str) -> str:
        """The operation that computes a tensor, or what it hands on."""
        return self._operations.get(name) or str(self.nodes[self.place(name).node].op)

    def reached(self, outputs: Sequence[str]) -> set[str]:
        """The nodes that outputs depend on; see `freeze.graph.walk.reachable`."""
        return walk.reachable(self.nodes, (self.place(name).node for name in outputs))

    def place(self, name: str) -> graphdef.Source:
        """The node and the number of its output; in ONNX names may end in ``:0`` themselves."""
        return graphdef.Source(name, 0) if name in self.nodes else graphdef.source(name)

    def _shape(self, node: str, index: int) -> Shape | None:
        known = self._shapes.get(node, [])
        return known[index] if index < len(known) else None


def sound(graph: ReadGraph, outputs: Sequence[str]) -> list[Check]:
    """Find what TensorFlow refuses to import or to run; see `freeze.operations.judgement`."""
    if graph.kind == "onnx":
        return []
    found = judge(graph.definition, outputs)
    return [
        failed(id, CHECKS[id].rstrip("."), listed(wrong)) if wrong else passed(id)
        for id, wrong in ((f"graph-{family}", wrong) for family, wrong in found.items())
    ]


def check(graph: ReadGraph, outputs: Sequence[str], also: Collection[str] = ()) -> list[Check]:
    """Judge what outputs depend on; see `validate.ops.check`."""
    if graph.kind == "onnx":
        checks = ops.check_onnx(graph.foreign, also)
    else:
        checks = ops.check(graph.definition, [*outputs, *graph.initializers], also)
    if graph.kind == "savedmodel":
        checks = [OF_SAVED_MODEL.get(check.id, check) for check in checks]
    return [*checks, dangling(graph, outputs)]


def dangling(graph: ReadGraph, outputs: Sequence[str]) -> Check:
    """Find placeholders that no output needs: some runtimes demand them all the same."""
    reached = graph.reached(outputs)
    reached |= {graph.saver}
    unused = [tensor.name for tensor in graph.placeholders if tensor.name not in reached]
    if unused:
        return warned("graph-dangling", "placeholders that an output needs", listed(unused))
    return passed("graph-dangling")


def dtype_of(layer: Layer) -> str:
    """TensorFlow's name of the element type that metadata state."""
    name = layer.dtype.lower().removeprefix("dt_")
    return _ALIASES.get(name, name)


def _results(node: Any) -> list[int]:
    """The element types of what a function call returns."""
    return list(node.attr["Tout"].list.type)


def _dtype(node: Any, index: int) -> str | None:
    """The element type of one output of a node, where its attributes tell."""
    if "Tout" in node.attr:
        types = _results(node)
        return dtypes.name(types[index]) if index < len(types) else None
    if index:
        return None
    return dtypes.name(graphdef.output_type(node))
