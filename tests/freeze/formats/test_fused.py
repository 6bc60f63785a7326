"""Fused operations taken apart: what they are called and what they compute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef, tensors, tfjs
from freeze.formats.fused import split
from freeze.formats.messages import GraphDef
from freeze.graph.prune import prune

LAYERS = ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd")


def _fused(*names: str, then: tuple[str, ...]) -> Any:
    """A graph of fused layers of one input, 4 values wide."""
    graph = GraphDef()
    x = graph.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = 1
    for size in (-1, 4):
        x.attr["shape"].shape.dim.add(size=size)
    random = np.random.default_rng(1)
    graph.node.append(tensors.constant("kernel", random.normal(size=(4, 3)).astype("f4")))
    graph.node.append(tensors.constant("bias", random.normal(size=3).astype("f4")))
    for name in names:
        node = graph.node.add(name=name, op="_FusedMatMul", input=["x", "kernel", "bias"])
        node.attr["T"].type = 1
        node.attr["num_args"].i = 1
        node.attr["fused_ops"].list.s.extend(op.encode() for op in then)
        node.attr["leakyrelu_alpha"].f = 0.3
    return graph


def _names(graph: Any) -> list[str]:
    return [node.name for node in split(graph).node if node.op not in ("Placeholder", "Const")]


def test_the_parts_get_the_names_that_layers_had() -> None:
    graph = _fused("model/dense/Relu", then=("BiasAdd", "Relu"))
    assert _names(graph) == ["model/dense/MatMul", "model/dense/BiasAdd", "model/dense/Relu"]


def test_parts_whose_names_are_taken_or_unknown_are_named_after_the_whole() -> None:
    graph = _fused("a/Relu", "other", "Relu", then=("BiasAdd", "Relu"))
    graph.node.append(tensors.constant("a/BiasAdd", np.float32(0)))
    assert _names(graph) == [
        *("a/MatMul", "a/Relu/BiasAdd", "a/Relu"),
        *("other/MatMul", "other/BiasAdd", "other"),
        *("Relu/MatMul", "Relu/BiasAdd", "Relu"),
    ]


def test_chains_of_other_operations_stay_fused() -> None:
    graph = _fused("y", then=("BiasAdd", "Gelu"))
    assert split(graph).node == graph.node


def test_what_has_another_number_of_biases_than_it_says_stays_fused() -> None:
    graph = _fused("y", then=("Relu",))
    assert split(graph).node == graph.node


def test_a_bias_keeps_the_layout_of_its_convolution() -> None:
    graph = _fused("y", then=("BiasAdd", "Relu"))
    graph.node[-1].op = "_FusedConv2D"
    graph.node[-1].attr["data_format"].s = b"NCHW"
    formats = [node.attr["data_format"].s for node in split(graph).node[-3:]]
    assert formats == [b"NCHW", b"NCHW", b""]


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "Elu": lambda y: np.where(y > 0, y, np.expm1(y)),
    "LeakyRelu": lambda y: np.where(y > 0, y, 0.3 * y),
    "Relu": lambda y: np.maximum(y, 0),
    "Relu6": lambda y: np.clip(y, 0, 6),
    "Sigmoid": lambda y: 1 / (1 + np.exp(-y)),
    "Tanh": np.tanh,
}


@pytest.mark.parametrize("op", ACTIVATIONS)
def test_the_parts_compute_the_whole(op: str, run_openvino: Any) -> None:
    graph = _fused("y", then=("BiasAdd", op))
    x = np.random.default_rng(2).normal(0, 3, (2, 4)).astype("f4")
    (found,) = run_openvino(split(graph), ["y"], x)
    nodes = graphdef.by_name(graph)
    kernel, bias = (tensors.array(nodes[n].attr["value"].tensor, n) for n in ("kernel", "bias"))
    np.testing.assert_allclose(found, ACTIVATIONS[op](x @ kernel + bias), rtol=0, atol=1e-5)


@pytest.mark.shared
def test_the_published_web_model_becomes_the_frozen_graph(shared: Path, run_openvino: Any) -> None:
    frozen = prune(graphdef.read(shared / "models" / "msd-musicnn-1.pb"), LAYERS)
    graph = prune(tfjs.read(shared / "models" / "msd-musicnn-1-tfjs"), LAYERS)
    assert {node.name for node in graph.node} == {node.name for node in frozen.node}
    assert [node.name for node in graph.node if node.op == "Placeholder"] == ["model/Placeholder"]
    batch = np.random.default_rng(0).random((2, 187, 96), np.float32)
    pairs = (run_openvino(each, LAYERS, batch) for each in (graph, frozen))
    for found, expected in zip(*pairs, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.shared
@pytest.mark.tensorflow
def test_tensorflow_runs_the_published_web_model(shared: Path, run_tensorflow: Any) -> None:
    batch = np.random.default_rng(0).random((2, 187, 96), np.float32)
    found, expected = (
        run_tensorflow(prune(graph, LAYERS), LAYERS, batch, "model/Placeholder")
        for graph in (
            tfjs.read(shared / "models" / "msd-musicnn-1-tfjs"),
            graphdef.read(shared / "models" / "msd-musicnn-1.pb"),
        )
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
