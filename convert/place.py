"""A node on its way to other nodes that compute the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from freeze.formats import graphdef, tensors
from freeze.graph.nodes import Nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.shapes.shape import Shape


@dataclass(frozen=True)
class Place:
    """A node, and the nodes that take its place, the last under its name.

    Attributes
    ----------
    node : NodeDef
    nodes : Nodes
    shapes : dict of str to list of Shape
    constants : dict of str to NodeDef
    pairs : dict of str to (str, str)
        Where the real and imaginary parts of spectra are.
    """

    node: Any
    nodes: Nodes
    shapes: dict[str, list[Shape]]
    constants: dict[str, Any]
    pairs: dict[str, tuple[str, str]]

    def shape(self, index: int) -> Shape:
        """The shape of an input."""
        name, output = graphdef.source(self.node.input[index])
        known = self.shapes.get(name, [])
        return known[output] if output < len(known) else None

    def sizes(self, index: int) -> tuple[int | None, ...]:
        """The same where it has to be known, but for sizes of axes."""
        shape = self.shape(index)
        if shape is None:
            raise refusal(self.node, "whose input may have any shape")
        return shape

    def value(self, index: int) -> NDArray[Any]:
        """The value of an input that has to be constant."""
        name = graphdef.source(self.node.input[index]).node
        if name not in self.constants:
            raise refusal(self.node, f"and computes its {name}")
        return value_of(self.constants[name])

    def end(self, op: str, *inputs: str, **attributes: Any) -> None:
        self.nodes.add(op, *inputs, name=self.node.name, **attributes)


def refusal(node: Any, why: str) -> UsageError:
    return UsageError(
        "TensorFlow.js cannot run this network.",
        why=f"{node.name} is a {node.op}, {why}.",
        hint="Export it as ONNX instead: --to onnx",
    )


def value_of(constant: Any) -> NDArray[Any]:
    return tensors.array(constant.attr["value"].tensor, constant.name)
