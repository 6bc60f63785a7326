"""A graph that is built node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.formats import tensors
from freeze.formats.messages import NodeDef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

FLOAT, INT, BOOL = 1, 3, 10  # of TensorFlow's enumeration DataType

_INDEXED = {
    **dict.fromkeys(("Mean", "Max", "Sum"), "Tidx"),
    "Reshape": "Tshape",
    "Transpose": "Tperm",
    "Pad": "Tpaddings",
    "ConcatV2": "Tidx",
    "Slice": "Index",
    "StridedSlice": "Index",
}
"""Operations that take indices, with the attribute for the type of these."""


class Nodes:
    """Nodes in the order in which they compute, under one prefix.

    Parameters
    ----------
    prefix : str

    Attributes
    ----------
    nodes : list of NodeDef
    """

    def __init__(self, prefix: str) -> None:
        self.nodes: list[Any] = []
        self._prefix = prefix
        self._constants: dict[tuple[bytes, str, tuple[int, ...]], str] = {}

    def placeholder(self, name: str, *sizes: int) -> str:
        """Add an input of float32; -1 is an axis of any size."""
        node = NodeDef(name=name, op="Placeholder")
        node.attr["dtype"].type = FLOAT
        for size in sizes:
            node.attr["shape"].shape.dim.add(size=size)
        self.nodes.append(node)
        return name

    def constant(self, values: ArrayLike, name: str = "") -> str:
        """Add a constant, float32 or int32, or find an equal one; return its name."""
        array = np.asarray(values)
        array = np.ascontiguousarray(array, np.float32 if array.dtype.kind == "f" else np.int32)
        array = array.reshape(np.shape(values))
        key = (array.tobytes(), array.dtype.name, array.shape)
        if name or key not in self._constants:
            name = name or f"{self._prefix}/const_{len(self._constants)}"
            self._constants[key] = name
            self.nodes.append(tensors.constant(name, array))
        return self._constants[key]

    def add(self, op: str, *inputs: str, name: str = "", of: int = FLOAT, **attrs: Any) -> str:
        """Add an operation on values of a type; return its name.

        Parameters
        ----------
        op : str
        *inputs : str
            Names of nodes.
        name : str, optional
            As it is; else the operation's under the prefix.
        of : int
            The element type.
        **attrs : int, bool
            Further attributes.
        """
        node = NodeDef(name=name or f"{self._prefix}/{op}_{len(self.nodes)}", op=op, input=inputs)
        node.attr["T"].type = of
        if op in _INDEXED:
            node.attr[_INDEXED[op]].type = INT
        for key, value in attrs.items():
            if isinstance(value, bool):
                node.attr[key].b = value
            else:
                node.attr[key].i = value
        self.nodes.append(node)
        return str(node.name)

    def reshape(self, tensor: str, *sizes: int, of: int = FLOAT) -> str:
        return self.add("Reshape", tensor, self.constant(np.array(sizes, int)), of=of)

    def transpose(self, tensor: str, *axes: int) -> str:
        return self.add("Transpose", tensor, self.constant(np.array(axes, int)))

    def product(self, tensor: str, matrix: ArrayLike) -> str:
        """Multiply rows by a constant matrix."""
        by = self.constant(matrix)
        return self.add("MatMul", tensor, by, transpose_a=False, transpose_b=False)

    def concatenate(self, parts: Sequence[str], axis: int) -> str:
        if len(parts) == 1:
            return parts[0]
        return self.add("ConcatV2", *parts, self.constant(axis), N=len(parts))

    def mean(self, tensor: str, axes: Sequence[int]) -> str:
        """The mean over axes, which stay with size 1."""
        return self.add("Mean", tensor, self.constant(np.array(axes, int)), keep_dims=True)

    def part(
        self,
        tensor: str,
        begin: Sequence[int],
        end: Sequence[int] = (),
        steps: Sequence[int] = (),
    ) -> str:
        """Take ``tensor[begin:end:steps]``, for each axis; an end of 0 is that of the axis."""
        ends, strides = end or [0] * len(begin), steps or [1] * len(begin)
        mask = sum(1 << axis for axis, place in enumerate(ends) if place == 0)
        bounds = map(self.constant, (begin, ends, strides))
        return self.add("StridedSlice", tensor, *bounds, end_mask=mask)

    def length(self, tensor: str) -> str:
        """The size of the first axis, a scalar."""
        shape = self.add("Shape", tensor)
        self.nodes[-1].attr["out_type"].type = INT
        begin, end = self.constant([0]), self.constant([1])
        return self.add("StridedSlice", shape, begin, end, end, of=INT, shrink_axis_mask=1)

    def integer(self, op: str, value: str, constant: int) -> str:
        """Calculate with a scalar and a constant."""
        return self.add(op, value, self.constant(constant), of=INT)

    def is_zero(self, tensor: str) -> str:
        """1 where a tensor is 0, else 0."""
        return self.number(self.add("Equal", tensor, self.constant(0.0)))

    def number(self, condition: str) -> str:
        """1 where a condition holds, else 0."""
        name = self.add("Cast", condition)
        self._cast(BOOL, FLOAT)
        return name

    def whole(self, tensor: str) -> str:
        """The numbers without their fractions, as integers."""
        name = self.add("Cast", tensor)
        self._cast(FLOAT, INT)
        return name

    def _cast(self, source: int, target: int) -> None:
        del self.nodes[-1].attr["T"]
        self.nodes[-1].attr["SrcT"].type = source
        self.nodes[-1].attr["DstT"].type = target

    def gather(self, tensor: str, indices: str, axis: int) -> str:
        """Take the slices that integers name of an axis."""
        name = self.add("GatherV2", tensor, indices, self.constant(axis))
        attributes = self.nodes[-1].attr
        del attributes["T"]
        attributes["Tparams"].type = FLOAT
        attributes["Tindices"].type = attributes["Taxis"].type = INT
        return name


def renamed(reference: str, new: Mapping[str, str]) -> str:
    """A reference to a node's output, where nodes have new names."""
    node, mark, index = reference.partition(":")
    return new.get(node, node) + mark + index


def copy_node(graph: Any, node: Any, new: Mapping[str, str]) -> None:
    """Add a node to a graph, under and reading the new names."""
    copy = graph.node.add()
    copy.CopyFrom(node)
    copy.name = new.get(node.name, node.name)
    del copy.input[:]
    copy.input.extend(renamed(read, new) for read in node.input)
