"""A small network that is being trained, and what it computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.record import Record
from predictors.model import Model
from predictors.runtimes.network import CompiledNetwork
from predictors.runtimes.openvino_engine import openvino

GRAPH = """
    x = Placeholder
    labels = Placeholder
    training = Flag
    kernel = VariableV2
    kernel/read = Identity kernel
    bias = VariableV2
    bias/read = Identity bias
    dense/MatMul = MatMul x kernel/read
    dense/BiasAdd = BiasAdd dense/MatMul bias/read
    switch = Switch dense/BiasAdd training
    two = Const 2
    dropout = Mul switch:1 two
    merge = Merge switch:0 dropout
    out/MatMul = MatMul merge kernel/read
    out/BiasAdd = BiasAdd out/MatMul bias/read
    tags = Sigmoid out/BiasAdd
    loss = Sub tags labels
    slot = VariableV2
    step = ApplyGradientDescent kernel two loss
    train = NoOp ^step
"""
KERNEL: NDArray[np.float32] = np.array([[1, 2, 0], [0, 1, -1], [1, 0, 1]], np.float32)
BIAS: NDArray[np.float32] = np.array([0.5, -0.5, 0.25], np.float32)
SHAPES = {"x": (-1, 3), "labels": (-1, 3), "kernel": (3, 3), "bias": (3,)}
X: NDArray[np.float32] = np.array([[0.1, 0.2, 0.3], [1, 0, 0]], np.float32)


def run(path: str, output: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    graph = Model(Record({}), Path(path)).graph(output)
    return CompiledNetwork(graph, values.shape[1:], openvino)(values)[0]


def expected(x: NDArray[np.float32]) -> NDArray[np.float32]:
    logits: NDArray[np.float32] = (x @ KERNEL + BIAS) @ KERNEL + BIAS
    return 1 / (1 + np.exp(-logits))
