"""Dense heads as graphs, with the names that Essentia's heads have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from catalog.errors import UsageError
from freeze.analysis.summary import summarize
from freeze.classifiers.dense import OUTPUTS, dense_graph
from freeze.classifiers.preprocessing import Scaling, applied
from predictors.runtimes.engines import onnxruntime, tensorflow
from predictors.runtimes.openvino_engine import openvino
from tests.support.classifiers import WIDTH, rows, run

RANDOM = np.random.default_rng(4)
SCALING = Scaling(RANDOM.uniform(0.5, 20, WIDTH), RANDOM.normal(size=WIDTH))


def _layers(*sizes: int) -> list[Any]:
    return [
        (RANDOM.normal(size=(inputs, outputs)) / inputs, RANDOM.normal(size=outputs))
        for inputs, outputs in pairwise(sizes)
    ]


HEAD = _layers(WIDTH, 10, 3)


def _logits(layers: Any, read: Any) -> Any:
    (first, bias), *others = layers
    values = applied([SCALING], read).astype(float) @ first + bias
    for kernel, bias in others:
        values = np.maximum(values, 0) @ kernel + bias
    return values


def _softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


ACTIVATIONS = {
    "softmax": _softmax,
    "sigmoid": lambda logits: 1 / (1 + np.exp(-logits)),
    "identity": lambda logits: logits,
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", [HEAD, HEAD[:1]], ids=["hidden", "linear"])
def test_a_head_with_its_scaling(activation: Any, layers: Any) -> None:
    read = rows()
    found = run(dense_graph(layers, activation, [SCALING]), read, openvino, OUTPUTS[activation])
    np.testing.assert_allclose(found, ACTIVATIONS[activation](_logits(layers, read)), atol=1e-5)


@pytest.mark.tensorflow
@pytest.mark.parametrize("runtime", [tensorflow, onnxruntime])
def test_in_other_runtimes(runtime: Any) -> None:
    found = run(dense_graph(HEAD, "softmax", [SCALING]), rows(), runtime)
    np.testing.assert_allclose(found, _softmax(_logits(HEAD, rows())), atol=2e-6)


def test_one_logit_makes_two_classes() -> None:
    layers = _layers(WIDTH, 10, 1)
    found = run(dense_graph(layers, "softmax", [SCALING]), rows(), openvino)
    second = 1 / (1 + np.exp(-_logits(layers, rows())))
    np.testing.assert_allclose(found, np.hstack([1 - second, second]), atol=2e-6)


def test_nodes_are_called_as_in_essentias_heads() -> None:
    graph = dense_graph(HEAD, "softmax", [SCALING])
    assert sorted(node.name for node in graph.node) == [
        *("dense/bias", "dense/kernel", "dense_1/bias", "dense_1/kernel", "model/Placeholder"),
        *("model/Softmax", "model/dense/BiasAdd", "model/dense/MatMul", "model/dense/Relu"),
        *("model/dense_1/BiasAdd", "model/dense_1/MatMul"),
    ]


@pytest.mark.parametrize("activation", OUTPUTS)
def test_its_output_is_found_without_a_record(activation: Any) -> None:
    first, *_ = summarize(dense_graph(HEAD, activation)).outputs
    assert (first.name, first.purpose) == (OUTPUTS[activation], "predictions")


def test_a_network_without_layers_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one layer"):
        dense_graph([], "softmax")
