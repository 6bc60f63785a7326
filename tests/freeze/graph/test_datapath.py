"""The way of the data: what depends on a network's input, in order, at inference."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.formats.dtypes import STRING
from freeze.graph.datapath import trace
from tests.support import graphs, network_writer

LOOP = """
x = Placeholder
enter = Enter x
merge = Merge enter next
more = LoopCond merge
switch = Switch merge more
body = Relu switch:1
next = NextIteration body
exit = Exit switch
y = Neg exit
"""


def test_a_loop_is_on_the_path_and_ends_where_it_is_left() -> None:
    path = trace(graphs.graph(LOOP))
    assert sorted(path.order) == sorted(path.nodes) and path.order[-1] == "y"
    assert path.order[:5] == ("x", "enter", "merge", "more", "switch")
    assert path.order.index("body") < path.order.index("next")
    assert path.before("merge") == ["enter", "next"]


def test_questions_about_shapes_are_no_data() -> None:
    text = "x = Placeholder\nsize = Shape x\nzeros = Fill size size\ny = AddV2 x zeros"
    path = trace(graphs.graph(text))
    assert path.order == ("x", "y")
    assert path.readers["x"] == ["y"]
    assert set(path.nodes) == {"x", "size", "zeros", "y"}


@pytest.mark.parametrize("dtype", [network_writer.BOOL, STRING])
def test_truths_and_texts_are_no_data(dtype: int) -> None:
    network = network_writer.Network()
    network.placeholder("x", [1])
    network.placeholder("name", [], dtype)
    network.add("saved", "Identity", "name")
    network.add("y", "Relu", "x")
    assert trace(network.graph).order == ("x", "y")


@pytest.fixture
def trained() -> Any:
    """A dense layer in training: labels, a learning rate, a loss, an optimizer."""
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    network.placeholder("labels", [None, 2])
    network.placeholder("rate", [])
    network.dense("dense", "x", 4, 2)
    network.add("loss", "Sub", "dense/BiasAdd", "labels")
    network.add("gradient", "MatMul", "loss", "x", transpose_a=True)
    network.add("step", "Mul", "gradient", "rate")
    network.add("train", "ApplyGradientDescent", "dense/kernel", "rate", "step")
    return network


def test_a_path_of_training_ends_with_the_last_layer(trained: Any) -> None:
    assert trace(trained.graph).order == ("x", "dense/MatMul", "dense/BiasAdd")


def test_what_only_training_does_with_the_last_layer_is_no_part_of_the_path(trained: Any) -> None:
    trained.add("log", "Log", "dense/BiasAdd")
    assert trace(trained.graph).order == ("x", "dense/MatMul", "dense/BiasAdd")


def test_a_path_of_training_ends_with_the_activation(trained: Any) -> None:
    trained.add("tags", "Sigmoid", "dense/BiasAdd")
    trained.add("log", "Log", "tags")
    assert trace(trained.graph).order == ("x", "dense/MatMul", "dense/BiasAdd", "tags")


def test_what_labels_reach_is_left_out_of_the_readers(trained: Any) -> None:
    path = trace(trained.graph, ["loss"])
    assert "loss" not in path.order and path.readers["dense/BiasAdd"] == []


def test_two_inputs_that_weights_follow_are_both_data(trained: Any) -> None:
    trained.placeholder("more", [None, 4])
    trained.dense("second", "more", 4, 2)
    trained.add("y", "AddV2", "dense/BiasAdd", "second/BiasAdd")
    assert {"x", "more"} <= set(trace(trained.graph, ["y"]).order)


def test_a_chain_of_identities_hands_on_its_beginning() -> None:
    text = "x = Placeholder\na = Relu x\nb = Identity a\nc = StopGradient b\nd = Identity c"
    path = trace(graphs.graph(text))
    assert [path.passed(name) for name in "abcd"] == ["a"] * 4
    assert path.passed("elsewhere") == "elsewhere"


def test_the_tail_is_behind_all_weights() -> None:
    text = "x = Placeholder\nw = Const 1\na = Relu x\nb = MatMul a w\nc = MatMul b w\nd = Relu c"
    assert trace(graphs.graph(text)).tail == {"c", "d"}
