"""Calls, replaced by what their functions do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError, ZooError
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef
from freeze.graph.prune import prune
from tests.support import graphs, mutations

Run = Callable[..., list[Any]]

CALL = """
x = Placeholder
w = Const 3
PartitionedCall = PartitionedCall x w
z = Neg PartitionedCall:1
saver = PartitionedCall x
"""


@pytest.fixture
def calling() -> Any:
    """A graph as Keras exports it: a call of two outputs, which calls another function."""
    graph = graphs.graph(CALL)
    graphs.function(
        graph,
        "forward data weight",
        "product = Mul data weight\n"
        "inner = PartitionedCall product:z:0\n"
        "norm = FusedBatchNormV3 product:z:0\n"
        "last = AddV2 inner:output:0 norm:batch_variance:0 ^product",
        {"first": "last:z:0", "second": "product:z:0", "third": "data"},
    )
    graphs.function(
        graph, "inner_function value", "result = Relu value", {"out": "result:activations:0"}
    )
    graphs.function(graph, "save_function value", "write = SaveV2 value", {})
    graphs.call(graph.node[2], "forward", 3)
    graphs.call(graph.library.function[0].node_def[1], "inner_function", 1)
    graphs.call(graph.node[4], "save_function", 0)
    return graph


def test_calls_are_replaced_by_the_bodies_of_their_functions(calling: Any) -> None:
    before = serialize(calling)
    pruned = prune(calling, ["PartitionedCall:1", "z", "PartitionedCall"])
    assert graphs.lines(pruned) == [
        "x = Placeholder",
        "w = Const",
        "PartitionedCall/product = Mul x w",
        "PartitionedCall/inner/result = Relu PartitionedCall/product",
        "PartitionedCall/norm = FusedBatchNormV3 PartitionedCall/product",
        "PartitionedCall/last = AddV2 PartitionedCall/inner/result PartitionedCall/norm:2",
        "PartitionedCall = IdentityN PartitionedCall/last PartitionedCall/product",
        "z = Neg PartitionedCall/product",
    ]
    assert len(pruned.library.function) == 0
    assert serialize(calling) == before


def test_a_call_whose_first_output_is_wanted_becomes_an_identity(calling: Any) -> None:
    last = prune(calling, ["PartitionedCall:0"]).node[-1]
    assert (last.name, last.op, list(last.input)) == (
        "PartitionedCall",
        "Identity",
        ["PartitionedCall/last"],
    )
    with pytest.raises(NotFoundError):
        prune(calling, ["PartitionedCall:3"])


def test_names_inside_a_function_do_not_clash(calling: Any) -> None:
    calling.node.extend(graphs.nodes("PartitionedCall/product = Tanh x"))
    pruned = prune(calling, ["z", "PartitionedCall/product"])
    assert "z = Neg PartitionedCall_/product" in graphs.lines(pruned)
    assert "PartitionedCall/product = Tanh x" in graphs.lines(pruned)


def test_a_function_that_calls_itself_is_refused() -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x")
    graphs.function(graph, "f a", "again = PartitionedCall a", {"out": "again:output:0"})
    graphs.call(graph.node[1], "f", 1)
    graphs.call(graph.library.function[0].node_def[0], "f", 1)
    with pytest.raises(IntegrityError, match="endlessly"):
        prune(graph, ["y"])


def test_functions_that_multiply_are_refused() -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x")
    graphs.call(graph.node[1], "f0", 1)
    for level in range(20):
        body = "a = PartitionedCall v\nb = PartitionedCall v\nc = AddV2 a:output:0 b:output:0"
        graphs.function(graph, f"f{level} v", body, {"out": "c:z:0"})
        for node in graph.library.function[level].node_def[:2]:
            graphs.call(node, f"f{level + 1}", 1)
    graphs.function(graph, "f20 v", "c = Neg v", {"out": "c:y:0"})
    with pytest.raises(IntegrityError, match="endlessly"):
        prune(graph, ["y"])


@pytest.mark.parametrize(
    ("signature", "body", "returns"),
    [
        ("f", "a = NoOp", {"out": "a:z:0"}),
        ("f v w", "a = Neg v", {"out": "a:z:0"}),
        ("f v", "a = Neg v", {}),
        ("f v", "a = Neg v", {"out": "a"}),
        ("f v", "a = Neg v", {"out": "b:z:0"}),
        ("f v", "a = Neg gone:z:0", {"out": "a:z:0"}),
        ("f v", "a = FusedBatchNorm v", {"out": "a:nonsense:0"}),
        ("f v", "a = Own v\nb = AddV2 a:first:0 a:second:0", {"out": "b:z:0"}),
        ("g v", "a = Neg v", {"out": "a:z:0"}),
    ],
)
def test_a_function_that_does_not_fit_its_call_is_refused(
    signature: str, body: str, returns: dict[str, str]
) -> None:
    graph = graphs.graph("x = Placeholder\ny = PartitionedCall x")
    graphs.function(graph, signature, body, returns)
    graphs.call(graph.node[1], "f", 1)
    with pytest.raises(IntegrityError):
        prune(graph, ["y"])


def test_functions_of_conditions_are_kept_with_what_they_call(calling: Any) -> None:
    calling.node.extend(graphs.nodes("y = StatelessIf x"))
    calling.node[-1].attr["then_branch"].func.name = "forward"
    calling.node[-1].attr["else_branch"].func.name = "inner_function"
    kept = [function.signature.name for function in prune(calling, ["y"]).library.function]
    assert kept == ["forward", "inner_function"]


def test_hostile_calls_are_pruned_or_refused(calling: Any) -> None:
    refused = 0
    for broken in mutations.flipped(calling):
        try:
            prune(broken, ["z"], ["flag"])
        except ZooError:
            refused += 1
    assert refused > 100


def test_openvino_finds_the_outputs_of_a_call_by_their_names(run_openvino: Run) -> None:
    graph = graphs.graph("x = Placeholder\nPartitionedCall = PartitionedCall x")
    graph.node[0].attr["shape"].shape.dim.add(size=-1)
    body = "a = Neg v\nb = Relu a:y:0"
    graphs.function(graph, "f v", body, {"one": "a:y:0", "two": "b:activations:0"})
    graphs.call(graph.node[1], "f", 2)
    outputs = ["PartitionedCall:0", "PartitionedCall:1"]
    x = np.array([1, -2], np.float32)
    one, two = run_openvino(prune(graph, outputs), outputs, x)
    assert (one.tolist(), two.tolist()) == ([-1, 2], [0, 2])
    (two,) = run_openvino(prune(graph, outputs[1:]), outputs[1:], x)
    assert two.tolist() == [0, 2]


@pytest.mark.tensorflow
def test_functions_of_tensorflows_own_are_inlined_to_the_same_values(
    run_tensorflow: Run, run_openvino: Run
) -> None:
    import tensorflow as tf
    from tensorflow.compat import v1

    @tf.function(autograph=False)
    def inner(value: Any) -> Any:
        top = tf.math.top_k(value, 2)
        return top.values, tf.cast(top.indices, tf.float32)

    @tf.function(autograph=False)
    def outer(value: Any, weight: Any) -> Any:
        values, indices = inner(value @ weight)
        left, right = tf.split(value, [1, 2], axis=1)
        return values * left, indices + right

    with v1.Graph().as_default() as graph:
        x = v1.placeholder("float32", [None, 3], name="x")
        outer(x, tf.constant(np.arange(12, dtype=np.float32).reshape(3, 4)))
        values = np.random.default_rng(5).normal(size=(5, 3)).astype(np.float32)
        call = next(op for op in graph.get_operations() if op.type.endswith("PartitionedCall"))
        names = [f"{call.name}:{index}" for index in range(2)]
        with v1.Session() as session:
            expected = session.run(names, {x: values})
    pruned = prune(GraphDef.FromString(graph.as_graph_def().SerializeToString()), names)
    assert not pruned.library.function
    for run in (run_tensorflow, run_openvino):
        for ours, theirs in zip(run(pruned, names, values), expected, strict=True):
            assert np.abs(ours - theirs).max() < 1e-5


@pytest.mark.tensorflow
def test_the_known_outputs_of_operations_are_tensorflows() -> None:
    from tensorflow.python.framework import op_def_registry

    from freeze.graph.functions import BEYOND

    for operation, outputs in BEYOND.items():
        registered = op_def_registry.get(operation).output_arg
        assert tuple(argument.name for argument in registered) == outputs
