"""Dense layers as a frozen graph, with the names of Essentia's heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catalog.errors import UsageError
from freeze.classifiers.graph import IDENTITY, INPUT, SIGMOID, SOFTMAX, finished
from freeze.classifiers.preprocessing import Scaling
from freeze.graph.nodes import Nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freeze.classifiers.preprocessing import Step

Activation = Literal["softmax", "sigmoid", "identity"]
Layer = tuple["NDArray[Any]", "NDArray[Any]"]

OUTPUTS = {"softmax": SOFTMAX, "sigmoid": SIGMOID, "identity": IDENTITY}


def dense_graph(layers: Sequence[Layer], activation: Activation, steps: Sequence[Step] = ()) -> Any:
    """Write dense layers as a graph, with ReLU between them and an activation at the end.

    A last scaling before the first layer becomes part of its weights.

    Parameters
    ----------
    layers : sequence of (np.ndarray [shape=(inputs, outputs)], np.ndarray [shape=(outputs,)])
        Kernel and bias of each. A softmax of one output is of two classes, and the output
        the logit of the second.
    activation : {"softmax", "sigmoid", "identity"}
    steps : sequence of Step
        What is done to a row before.

    Returns
    -------
    GraphDef
        From ``model/Placeholder`` [shape=(rows, inputs)] to ``model/Softmax``,
        ``model/Sigmoid`` or ``model/Identity`` [shape=(rows, outputs)].

    Raises
    ------
    UsageError
        There are no layers.
    """
    if not layers:
        raise UsageError("A network needs at least one layer.")
    nodes = Nodes("model")
    rows = nodes.placeholder(INPUT, -1, len(layers[0][0]))
    weights = [(np.asarray(kernel, float), np.asarray(bias, float)) for kernel, bias in layers]
    if steps and isinstance(steps[-1], Scaling) and not steps[-1].clipping:
        weights[0] = _folded(steps[-1], *weights[0])
        steps = steps[:-1]
    if activation == "softmax" and weights[-1][0].shape[1] == 1:
        kernel, bias = weights[-1]
        weights[-1] = np.insert(kernel, 0, 0, axis=1), np.insert(bias, 0, 0)
    for step in steps:
        rows = step.build(rows, nodes)
    for number, (kernel, bias) in enumerate(weights):
        if number:
            rows = nodes.add("Relu", rows, name=f"model/{_name(number - 1)}/Relu")
        rows = _dense(rows, kernel, bias, _name(number), nodes)
    output = nodes.add(activation.capitalize(), rows, name=OUTPUTS[activation])
    return finished(nodes, output)


def _name(number: int) -> str:
    """What Keras calls a dense layer."""
    return f"dense_{number}" if number else "dense"


def _folded(
    scaling: Scaling, kernel: NDArray[Any], bias: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The layer that reads what is not yet scaled."""
    scale, offset = np.asarray(scaling.scale, float), np.asarray(scaling.offset, float)
    return scale[:, None] * kernel, offset @ kernel + bias


def _dense(rows: str, kernel: NDArray[Any], bias: NDArray[Any], name: str, nodes: Nodes) -> str:
    weights = nodes.constant(kernel, f"{name}/kernel")
    product = nodes.add(
        "MatMul", rows, weights, name=f"model/{name}/MatMul", transpose_a=False, transpose_b=False
    )
    added = nodes.constant(bias, f"{name}/bias")
    return nodes.add("BiasAdd", product, added, name=f"model/{name}/BiasAdd")
