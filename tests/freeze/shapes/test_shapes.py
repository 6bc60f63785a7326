"""Shapes inferred without TensorFlow: each group of rules, hostile values, TensorFlow's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef
from freeze.shapes.propagation import infer, infer_bodies, misfits
from tests.support import graphs, network_writer

MODELS = (
    *("crepe-tiny-1", "deeptemp_k16", "emomusic-msd-musicnn-1", "genre_dortmund_musicnn_msd"),
    *("msd-musicnn-1", "small_vggish_init", "vgg4"),
)


@pytest.fixture
def net() -> Any:
    """A graph with an image batch ``x`` of unknown size, [?, 40, 30, 2]."""
    network = network_writer.Network()
    network.placeholder("x", [None, 40, 30, 2])
    return network


def shape(net: Any, name: str) -> Any:
    return infer(net.graph)[name][0]


@pytest.mark.parametrize(
    ("padding", "strides", "dilations", "expected"),
    [
        ("SAME", [1, 1, 1, 1], [1, 1, 1, 1], (None, 40, 30, 5)),
        ("VALID", [1, 1, 1, 1], [1, 1, 1, 1], (None, 38, 26, 5)),
        ("SAME", [1, 3, 2, 1], [1, 1, 1, 1], (None, 14, 15, 5)),
        ("VALID", [1, 3, 2, 1], [1, 1, 1, 1], (None, 13, 13, 5)),
        ("VALID", [1, 1, 1, 1], [1, 2, 3, 1], (None, 36, 18, 5)),
    ],
)
def test_a_convolution_has_the_sizes_that_padding_strides_and_dilations_give(
    net: Any, padding: str, strides: list[int], dilations: list[int], expected: Any
) -> None:
    net.weights("w", 3, 5, 2, 5)
    attributes = {"padding": padding, "strides": strides, "dilations": dilations}
    net.add("y", "Conv2D", "x", "w", **attributes)
    assert shape(net, "y") == expected


def test_a_dilated_convolution_may_be_one_of_many_small_images(net: Any) -> None:
    net.placeholder("image", [3, 40, 30, 2])
    net.integers("blocks", [2, 3])
    net.integers("margins", [[1, 3], [0, 3]])
    small = net.add("small", "SpaceToBatchND", "image", "blocks", "margins")
    assert shape(net, small) == (18, 22, 11, 2)
    net.integers("crops", [[1, 3], [3, 0]])
    assert shape(net, net.add("y", "BatchToSpaceND", small, "blocks", "crops")) == (3, 40, 30, 2)
    assert shape(net, net.add("z", "SpaceToBatchND", "x", "blocks", "margins")) is None


def test_a_spectrum_becomes_as_many_samples_as_are_asked_for(net: Any) -> None:
    net.integers("length", [64])
    net.add("spectra", "RFFT", "x", "length")
    assert shape(net, "spectra") == (None, 40, 30, 33)
    assert shape(net, net.add("y", "IRFFT", "spectra", "length")) == (None, 40, 30, 64)


def test_channels_may_come_first(net: Any) -> None:
    net.placeholder("c", [None, 2, 40, 30])
    net.weights("w", 3, 5, 2, 5)
    pooling = {"ksize": [1, 1, 2, 3], "strides": [1, 1, 2, 3]}
    net.add("y", "Conv2D", "c", "w", padding="VALID", strides=[1, 1, 1, 1], data_format="NCHW")
    net.add("p", "MaxPool", "c", padding="VALID", data_format="NCHW", **pooling)
    assert shape(net, "y") == (None, 5, 38, 26)
    assert shape(net, "p") == (None, 2, 20, 10)


def test_a_matrix_product_may_be_transposed(net: Any) -> None:
    net.placeholder("a", [7, None])
    net.weights("w", 9, 4)
    net.add("y", "MatMul", "a", "w", transpose_a=True, transpose_b=True)
    assert shape(net, "y") == (None, 9)


def test_a_product_of_batches_may_be_transposed(net: Any) -> None:
    net.placeholder("a", [None, 8, 7, 6])
    net.weights("w", 5, 6)
    net.add("y", "BatchMatMulV2", "a", "w", adj_y=True)
    assert shape(net, "y") == (None, 8, 7, 5)


def test_a_depthwise_convolution_multiplies_channels(net: Any) -> None:
    net.weights("w", 3, 3, 2, 4)
    strides = {"padding": "SAME", "strides": [1, 1, 1, 1]}
    net.add("y", "DepthwiseConv2dNative", "x", "w", **strides)
    assert shape(net, "y") == (None, 40, 30, 8)


def test_a_letter_of_an_einsum_is_known_from_any_of_its_tensors(net: Any) -> None:
    net.placeholder("a", [3, 4])
    net.placeholder("b", [None, 5])
    net.add("y", "Einsum", "a", "b", equation="ij,jk->jik")
    assert shape(net, "y") == (4, 3, 5)


def test_a_merge_of_branches_of_two_sizes_is_unknown(net: Any) -> None:
    net.placeholder("other", [None, 7])
    net.add("two", "Merge", "x", "other")
    net.add("same", "Merge", "x", "x")
    assert infer(net.graph)["two"] == [None, ()]
    assert shape(net, "same") == (None, 40, 30, 2)


def test_a_condition_is_broadcast_with_what_it_selects(net: Any) -> None:
    net.placeholder("c", [6, 1])
    net.placeholder("a", [1, 3])
    net.add("y", "SelectV2", "c", "a", "a")
    assert shape(net, "y") == (6, 3)


def test_an_unknown_size_beside_a_known_one_must_be_that_one(net: Any) -> None:
    net.placeholder("a", [None, 4])
    net.placeholder("b", [3, None])
    net.add("y", "AddV2", "a", "b")
    assert shape(net, "y") == (3, 4)
    net.placeholder("c", [1, None])
    net.add("z", "AddV2", "a", "c")
    assert shape(net, "z") == (None, 4)


def test_a_flatten_follows_the_batch_size_through_its_shape(net: Any) -> None:
    for name, value in (("begin", [0]), ("end", [1]), ("step", [1]), ("rest", -1)):
        net.integers(name, value)
    net.add("size", "Shape", "x")
    net.add("batch", "StridedSlice", "size", "begin", "end", "step", shrink_axis_mask=1)
    net.add("wanted", "Pack", "batch", "rest")
    net.add("y", "Reshape", "x", "wanted")
    assert shape(net, "y") == (None, None)
    net.placeholder("fixed", [3, 40, 30, 2])
    net.add("all", "Reshape", "fixed", net.integers("to", [-1, 60]))
    assert shape(net, "all") == (120, 60)


def test_what_is_joined_and_cut_adds_up(net: Any) -> None:
    net.integers("axis", -1)
    net.add("joined", "ConcatV2", "x", "x", "x", "axis")
    net.add("parts", "Split", "axis", "joined", num_split=3)
    net.add("stacked", "Pack", "x", "x", axis=1)
    net.add("turned", "Transpose", "x", net.integers("order", [0, 3, 1, 2]))
    net.add("padded", "Pad", "x", net.integers("margins", [[0, 0], [1, 2], [3, 4], [0, 0]]))
    assert shape(net, "joined") == (None, 40, 30, 6)
    assert infer(net.graph)["parts"] == [(None, 40, 30, 2)] * 3
    assert shape(net, "stacked") == (None, 2, 40, 30, 2)
    assert shape(net, "turned") == (None, 2, 40, 30)
    assert shape(net, "padded") == (None, 43, 37, 2)


def test_reductions_drop_or_keep_their_axes(net: Any) -> None:
    axes = net.integers("axes", [1, -1])
    net.add("dropped", "Mean", "x", axes)
    net.add("kept", "Max", "x", axes, keep_dims=True)
    assert shape(net, "dropped") == (None, 30)
    assert shape(net, "kept") == (None, 1, 30, 1)


def test_sums_are_broadcast(net: Any) -> None:
    net.weights("w", 30, 1)
    net.add("y", "AddV2", "x", "w")
    assert shape(net, "y") == (None, 40, 30, 2)


def test_a_function_is_followed_into_its_body(net: Any) -> None:
    graphs.function(net.graph, "double a", "twice = AddV2 a a", {"out": "twice:z:0"})
    net.add("y", "PartitionedCall", "x")
    graphs.call(net.graph.node[-1], "double", 1)
    assert shape(net, "y") == (None, 40, 30, 2)


def _looping(net: Any, turn: str) -> None:
    """A loop of ``x`` and the sum of its pixels, with a turn of ``a`` and ``b``."""
    net.add("sum", "Sum", "x", net.integers("axes", [1, 2]))
    graphs.function(net.graph, "more a b", "m = Abs b", {"more": "m:y:0"})
    graphs.function(net.graph, "turn a b", turn, {"a": "t:y:0", "b": "b"})
    net.add("y", "While", "x", "sum")
    loop = net.graph.node[-1]
    loop.attr["cond"].func.name, loop.attr["body"].func.name = "more", "turn"


def test_what_a_loop_is_given_reaches_its_functions(net: Any) -> None:
    _looping(net, "t = Relu a")
    assert infer(net.graph)["y"] == [(None, 40, 30, 2), (None, 2)]
    bodies = infer_bodies(net.graph)
    assert bodies["turn"]["t"] == [(None, 40, 30, 2)]
    assert bodies["more"]["m"] == [(None, 2)]


def test_an_axis_that_grows_from_turn_to_turn_is_unknown(net: Any) -> None:
    _looping(net, "i = Const 1\nt = ConcatV2 a a i")
    body = net.graph.library.function[1].node_def
    body[0].CopyFrom(tensors.constant("i", np.array(2, np.int32)))
    body[1].input[2] = "i:output:0"
    assert infer(net.graph)["y"] == [(None, 40, None, 2), (None, 2)]
    assert infer_bodies(net.graph)["turn"]["a"] == [(None, 40, None, 2)]


def test_a_branch_gives_what_both_functions_have_in_common(net: Any) -> None:
    net.placeholder("loud", [], 10)
    net.add("means", "Mean", "x", net.integers("axis", [1]), keep_dims=True)
    graphs.function(net.graph, "yes a b", "r = Relu a", {"out": "r:activations:0"})
    graphs.function(net.graph, "no a b", "r = Relu b", {"out": "r:activations:0"})
    net.add("y", "If", "loud", "x", "means")
    node = net.graph.node[-1]
    node.attr["then_branch"].func.name, node.attr["else_branch"].func.name = "yes", "no"
    assert infer(net.graph)["y"] == [(None, None, 30, 2)]


def test_what_does_not_fit_in_a_branch_is_none_of_the_graph(net: Any) -> None:
    """It may never be taken, and TensorFlow runs the other one."""
    net.placeholder("loud", [], 10)
    net.weights("w", 3, 5)
    graphs.function(net.graph, "yes a b", "r = MatMul b b", {"out": "r:product:0"})
    net.add("y", "If", "loud", "x", "w")
    node = net.graph.node[-1]
    node.attr["then_branch"].func.name = node.attr["else_branch"].func.name = "yes"
    assert misfits(net.graph) == []
    net.add("z", "PartitionedCall", "x", "w")
    graphs.call(net.graph.node[-1], "yes", 1)
    assert [name for name, _ in misfits(net.graph)] == ["z"]


def test_in_functions_only_the_first_of_several_outputs_is_known_by_its_name(net: Any) -> None:
    returns = {"out": "norm:y:0", "mean": "norm:batch_mean:0"}
    graphs.function(net.graph, "normalize a b", "norm = FusedBatchNormV3 a b", returns)
    net.add("y", "PartitionedCall", "x", net.weights("scale", 2))
    graphs.call(net.graph.node[-1], "normalize", 2)
    assert infer(net.graph)["y"] == [(None, 40, 30, 2), None]


def test_an_unknown_operation_and_what_follows_it_is_unknown(net: Any) -> None:
    net.add("mystery", "FancyOp", "x")
    net.add("y", "Relu", "mystery")
    assert infer(net.graph)["mystery"] == []
    assert shape(net, "y") is None


def test_inference_leaves_the_graph_as_it_was(net: Any) -> None:
    net.add("y", "MatMul", "x", "x")
    net.graph.node.add(name="v", op="VariableV2")
    before = graphdef.serialize(net.graph)
    infer(net.graph)
    assert graphdef.serialize(net.graph) == before


@pytest.mark.parametrize(
    ("op", "inputs", "attributes"),
    [
        ("Split", ("one", "x"), {"num_split": 1 << 62}),
        ("Split", ("one", "x"), {"num_split": 0}),
        ("Unpack", ("x",), {"num": 1 << 62}),
        ("Reshape", ("x", "endless"), {}),
        ("Fill", ("endless", "x"), {}),
        ("Conv2D", ("x", "x"), {"strides": [0, 0, 0, 0], "padding": "SAME"}),
        ("Conv2D", ("x",), {}),
        ("Range", ("one", "huge", "one"), {}),
        ("ExpandDims", ("x", "huge"), {}),
        ("Einsum", ("x",), {"equation": "abcd->z"}),
        ("Transpose", ("x", "one"), {}),
        ("GatherV2", ("one", "huge", "one"), {}),
    ],
)
def test_absurd_attributes_make_a_shape_unknown_and_nothing_else(
    net: Any, op: str, inputs: tuple[str, ...], attributes: dict[str, Any]
) -> None:
    net.integers("one", 1)
    net.integers("huge", 2**31 - 1)
    net.placeholder("endless", [1 << 40], dtype=3)
    net.add("y", op, *inputs, **attributes)
    assert all(len(known or ()) < 64 for known in infer(net.graph)["y"])


def _grown(net: Any, op: str, start: str, steps: int, *more: str) -> Any:
    before = start
    for step in range(steps):
        before = net.add(f"{op}{step}", op, before, *(more or (before,)))
    return infer(net.graph)[before]


def test_chains_that_double_values_sizes_or_axes_stay_small(net: Any) -> None:
    """Else this takes longer than any test may."""
    net.integers("two", [2, 2])
    net.integers("zero", 0)
    _grown(net, "Mul", "two", 200)
    _grown(net, "ExpandDims", "x", 2000, "zero")
    before = "two"
    for step in range(100):
        before = net.add(f"c{step}", "ConcatV2", before, before, "zero")
    assert infer(net.graph)[before] == [(None,)]  # 2 ** 101 elements: more than there can be


def test_functions_that_call_themselves_end(net: Any) -> None:
    body = "left = PartitionedCall a\nright = PartitionedCall a"
    graphs.function(net.graph, "f a", body, {"out": "left:output:0"})
    for node in net.graph.library.function[0].node_def:
        graphs.call(node, "f", 1)
    net.add("y", "PartitionedCall", "x")
    graphs.call(net.graph.node[-1], "f", 1)
    assert all(known is None for known in infer(net.graph)["y"])


def test_a_loop_leaves_the_rest_known(net: Any) -> None:
    net.add("enter", "Enter", "x")
    net.add("merge", "Merge", "enter", "next")
    net.add("next", "NextIteration", "merge")
    net.add("y", "Relu", "x")
    assert infer(net.graph)["merge"][0] is None
    assert shape(net, "y") == (None, 40, 30, 2)


def test_nodes_in_a_circle_have_no_shapes() -> None:
    graph = GraphDef()
    graph.node.add(name="a", op="Relu", input=["b"])
    graph.node.add(name="b", op="Relu", input=["a"])
    assert infer(graph) == {"a": [], "b": []}


@pytest.mark.tensorflow
@pytest.mark.shared
@pytest.mark.parametrize("model", MODELS)
def test_all_shapes_are_those_of_tensorflow(shared: Path, model: str) -> None:
    """Less may be known than TensorFlow finds by folding constants; nothing may be wrong."""
    from tensorflow.compat import v1

    path = shared / "models" / f"{model}.pb"
    inferred = infer(graphdef.read(path))
    with v1.Graph().as_default() as imported:
        v1.import_graph_def(v1.GraphDef.FromString(path.read_bytes()), name="")
    vague = set()
    for operation in imported.get_operations():
        ours = inferred[operation.name]
        for index, tensor in enumerate(operation.outputs):
            reference = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
            known = ours[index] if index < len(ours) else None
            assert _agree(known, reference), (tensor.name, known, reference)
            if reference is not None and _knows_less(known, reference):
                vague.add((operation.name, operation.type, index))
    reserved = {entry for entry in vague if entry[1].startswith("FusedBatchNorm") and entry[2] > 2}
    folded = {"Mean_1", "1x1/Identity0_transpose", "1x1/Identity0_reshape", "output"}
    assert {name for name, *_ in vague - reserved} <= (folded if model == "deeptemp_k16" else set())


def _agree(known: Any, reference: Any) -> bool:
    if known is None or reference is None:
        return True
    if len(known) != len(reference):
        return False
    return all(a is None or b is None or a == b for a, b in zip(known, reference, strict=True))


def _knows_less(known: Any, reference: Any) -> bool:
    if known is None:
        return True
    return any(a is None and b is not None for a, b in zip(known, reference, strict=True))
