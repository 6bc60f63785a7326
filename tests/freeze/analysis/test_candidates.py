"""Which nodes are taken for a network's outputs, and for which of its purposes."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.analysis.summary import summarize
from tests.support import network_writer


@pytest.fixture
def deep() -> Any:
    """A convolution, two hidden dense layers and three logits."""
    network = network_writer.Network()
    image = network.placeholder("mel", [None, 20, 8, 1])
    maps = network.convolution("conv", image, 3, 3, 1, 4)
    read = network.add("pool", "Mean", maps, network.integers("axes", [1, 2]))
    for name in ("first", "second"):
        read = network.add(f"{name}/Relu", "Relu", network.dense(name, read, 4, 4))
    network.dense("logits", read, 4, 3)
    return network


def _outputs(network: Any) -> list[tuple[str, str]]:
    return [(output.name, output.purpose) for output in summarize(network.graph).outputs]


def test_the_last_hidden_layer_is_the_embedding(deep: Any) -> None:
    deep.add("tags", "Sigmoid", "logits/BiasAdd")
    assert _outputs(deep) == [
        ("tags", "predictions"),
        ("logits/BiasAdd", "logits"),
        ("second/BiasAdd", "embeddings"),
        ("first/BiasAdd", ""),
    ]


def test_dense_layers_of_a_head_are_listed_from_the_last_to_the_first() -> None:
    network = network_writer.Network()
    read = network.placeholder("x", [None, 4])
    for name in ("one", "two", "three", "four"):
        read = network.dense(name, read, 4, 4)
    assert [name for name, _ in _outputs(network)] == [
        *("four/BiasAdd", "three/BiasAdd", "two/BiasAdd", "one/BiasAdd")
    ]


def test_of_two_activations_the_last_makes_the_predictions(deep: Any) -> None:
    deep.add("gate", "Sigmoid", "logits/BiasAdd")
    deep.add("tags", "Softmax", "gate")
    assert _outputs(deep)[0] == ("tags", "predictions")


def test_an_activation_before_weights_makes_no_predictions(deep: Any) -> None:
    gate = deep.add("gate", "Sigmoid", "second/Relu")
    deep.dense("after", gate, 4, 4)
    assert ("gate", "predictions") not in _outputs(deep)
    assert "gate" not in dict(_outputs(deep))


def test_a_sum_of_two_ways_is_no_bias() -> None:
    network = network_writer.Network()
    x = network.placeholder("x", [None, 4])
    product = network.add("product", "MatMul", x, network.weights("w", 4, 4))
    residual = network.add("residual", "AddV2", product, x)
    network.dense("out", residual, 4, 2)
    assert dict(_outputs(network)).keys() == {"out/BiasAdd", "product"}


def test_a_product_of_two_ways_is_no_dense_layer(deep: Any) -> None:
    scores = deep.add("scores", "MatMul", "first/Relu", "second/Relu", transpose_b=True)
    deep.add("weighted", "Softmax", scores)
    deep.dense("out", scores, 4, 2)
    assert "scores" not in dict(_outputs(deep))
