"""Small networks, written node by node, with the attributes that shapes depend on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from freeze.formats import tensors
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef

FLOAT, INT, BOOL = 1, 3, 10


class Network:
    """A graph that grows; each method returns the new node's name."""

    def __init__(self) -> None:
        self.graph = GraphDef()

    def placeholder(
        self, name: str, shape: Sequence[int | None] | None = None, dtype: int = FLOAT
    ) -> str:
        node = self.graph.node.add(name=name, op="Placeholder")
        node.attr["dtype"].type = dtype
        node.attr["shape"].shape.unknown_rank = shape is None
        for size in shape or ():
            node.attr["shape"].shape.dim.add(size=-1 if size is None else size)
        return name

    def weights(self, name: str, *shape: int) -> str:
        self.graph.node.append(tensors.constant(name, np.zeros(shape, np.float32)))
        return name

    def integers(self, name: str, value: Any) -> str:
        self.graph.node.append(tensors.constant(name, np.array(value, np.int32)))
        return name

    def add(self, name: str, op: str, *inputs: str, **attributes: Any) -> str:
        node = self.graph.node.add(name=name, op=op, input=inputs)
        for key, value in attributes.items():
            if isinstance(value, bool):
                node.attr[key].b = value
            elif isinstance(value, int):
                node.attr[key].i = value
            elif isinstance(value, str):
                node.attr[key].s = value.encode()
            else:
                node.attr[key].list.i.extend(value)
        return name

    def convolution(self, name: str, read: str, *kernel: int) -> str:
        """Conv2D, bias and Relu under one scope."""
        kernel_name = self.weights(f"{name}/kernel", *kernel)
        strides = {"strides": [1, 1, 1, 1], "padding": "SAME"}
        product = self.add(f"{name}/Conv2D", "Conv2D", read, kernel_name, **strides)
        bias = self.weights(f"{name}/bias", kernel[-1])
        biased = self.add(f"{name}/BiasAdd", "BiasAdd", product, bias)
        return self.add(f"{name}/Relu", "Relu", biased)

    def dense(self, name: str, read: str, inputs: int, outputs: int) -> str:
        """MatMul and bias under one scope."""
        kernel = self.weights(f"{name}/kernel", inputs, outputs)
        product = self.add(f"{name}/MatMul", "MatMul", read, kernel)
        return self.add(f"{name}/BiasAdd", "BiasAdd", product, self.weights(f"{name}/b", outputs))

    def save(self, path: Path) -> Path:
        path.write_bytes(serialize(self.graph))
        return path


def tagger() -> Network:
    """A convolution, pooling over the patch, an embedding of 16 and three tags."""
    network = Network()
    patch = network.placeholder("mel", [None, 20, 8])
    image = network.add("image", "ExpandDims", patch, network.integers("image/axis", -1))
    maps = network.convolution("conv", image, 3, 3, 1, 4)
    pooled = network.add("pool", "Mean", maps, network.integers("pool/axes", [1, 2]))
    hidden = network.add("hidden/Relu", "Relu", network.dense("hidden", pooled, 4, 16))
    network.add("tags", "Sigmoid", network.dense("logits", hidden, 16, 3))
    return network
