"""What a graph is said to be: roles, likely outputs, layers, parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import IntegrityError, NotFoundError
from freeze.analysis.summary import schema_of, summarize
from freeze.formats import graphdef
from tests.support import graphs, network_writer


def _outputs(summary: Any) -> dict[str, str]:
    return {output.name: output.purpose for output in summary.outputs}


def _roles(summary: Any) -> dict[str, str]:
    return {tensor.name: tensor.role for tensor in summary.inputs}


@pytest.fixture
def tagger() -> Any:
    return network_writer.tagger()


def test_outputs_are_told_with_their_purposes_the_likeliest_first(tagger: Any) -> None:
    summary = summarize(tagger.graph)
    assert list(_outputs(summary).items()) == [
        ("tags", "predictions"),
        ("logits/BiasAdd", "logits"),
        ("hidden/BiasAdd", "embeddings"),
    ]
    assert summary.outputs[0].shape == (None, 3)


def test_layers_are_on_the_way_of_the_data_and_count_their_weights(tagger: Any) -> None:
    summary = summarize(tagger.graph)
    told = [(layer.name, layer.op, layer.shape, layer.parameters) for layer in summary.layers]
    assert told == [
        ("image", "ExpandDims", (None, 20, 8, 1), 0),
        ("conv/Conv2D", "Conv2D", (None, 20, 8, 4), 36),
        ("conv/BiasAdd", "BiasAdd", (None, 20, 8, 4), 4),
        ("conv/Relu", "Relu", (None, 20, 8, 4), 0),
        ("pool", "Mean", (None, 4), 0),
        ("hidden/MatMul", "MatMul", (None, 16), 64),
        ("hidden/BiasAdd", "BiasAdd", (None, 16), 16),
        ("hidden/Relu", "Relu", (None, 16), 0),
        ("logits/MatMul", "MatMul", (None, 3), 48),
        ("logits/BiasAdd", "BiasAdd", (None, 3), 3),
        ("tags", "Sigmoid", (None, 3), 0),
    ]
    assert summary.parameters == 171


def test_kernels_are_those_of_convolutions_and_products(tagger: Any) -> None:
    kernels = {layer.name: layer.kernel for layer in summarize(tagger.graph).layers}
    assert {name: kernel for name, kernel in kernels.items() if kernel} == {
        "conv/Conv2D": (3, 3, 1, 4),
        "hidden/MatMul": (4, 16),
        "logits/MatMul": (16, 3),
    }


@pytest.mark.parametrize(("dtype", "count"), [(1, 12), (101, 12), (3, 0), (9, 0)])
def test_weights_are_floating_point_numbers(dtype: int, count: int) -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    node = network.graph.node.add(name="w", op="VariableV2")
    node.attr["dtype"].type = dtype
    for size in (4, 3):
        node.attr["shape"].shape.dim.add(size=size)
    network.add("y", "MatMul", "x", "w")
    assert summarize(network.graph).parameters == count


def test_the_schema_names_element_types_but_that_of_samples() -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    network.placeholder("ids", [2, None], network_writer.INT)
    network.add("y", "AddV2", "x", "ids")
    told = [(each["type"], each["shape"]) for each in schema_of(summarize(network.graph))["inputs"]]
    assert told == [("float", ["batch_size", 4]), ("int32", [2, "any"])]


def test_weights_that_several_layers_read_count_once() -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    network.weights("w", 4, 4)
    network.add("first", "MatMul", "x", "w")
    network.add("second", "MatMul", "first", "w")
    assert [layer.parameters for layer in summarize(network.graph).layers] == [16, 0]


def test_a_normalization_that_is_written_out_counts_where_the_data_meet_it() -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    for name in ("variance", "gamma", "mean", "beta"):
        network.weights(name, 4)
    network.weights("epsilon")
    network.add("sum", "Add", "variance", "epsilon")
    network.add("rsqrt", "Rsqrt", "sum")
    network.add("scale", "Mul", "rsqrt", "gamma")
    network.add("scaled", "Mul", "x", "scale")
    network.add("moved", "Mul", "mean", "scale")
    network.add("offset", "Sub", "beta", "moved")
    network.add("y", "Add", "scaled", "offset")
    layers = summarize(network.graph).layers
    assert [(layer.name, layer.parameters) for layer in layers] == [("scaled", 8), ("y", 8)]


def test_a_flag_is_told_from_a_dangling_input(tagger: Any) -> None:
    tagger.placeholder("unused", [None, 9])
    tagger.placeholder("is_training", dtype=network_writer.BOOL)
    tagger.placeholder("idle", dtype=network_writer.BOOL)
    tagger.add("switch", "Switch", "mel", "is_training")
    tagger.add("noisy", "Mul", "switch:1", "switch:1")
    tagger.add("merge", "Merge", "switch", "noisy")
    for node in tagger.graph.node:
        if node.name == "image":
            node.input[0] = "merge"
    summary = summarize(tagger.graph)
    assert _roles(summary) == {
        "mel": "input",
        "unused": "dangling",
        "is_training": "training-flag",
        "idle": "dangling",
    }
    assert "noisy" not in {layer.name for layer in summary.layers}
    assert list(_outputs(summary)) == ["tags", "logits/BiasAdd", "hidden/BiasAdd"]


def test_inputs_of_recurrent_layers_that_nothing_reads_are_not_listed(tagger: Any) -> None:
    """TensorFlow leaves some in each LSTM and GRU that it freezes; one that is read is listed."""
    for name in ("lstm/while/unused_control_flow_input", "unused_control_flow_input_1"):
        tagger.placeholder(name, None)
    assert _roles(summarize(tagger.graph)) == {"mel": "input"}
    for node in tagger.graph.node:
        if node.name == "image":
            node.input[0] = "unused_control_flow_input_1"
    assert "unused_control_flow_input_1" in _roles(summarize(tagger.graph))


def test_a_last_identity_keeps_its_name_and_says_what_it_hands_on(tagger: Any) -> None:
    tagger.add("Identity", "Identity", "tags")
    first = summarize(tagger.graph).outputs[0]
    assert (first.name, first.op, first.purpose) == ("Identity", "Sigmoid", "predictions")


def test_the_results_of_a_function_are_told_apart() -> None:
    network = network_writer.Network()
    network.placeholder("mel", [None, 4, 4, 1])
    network.weights("w", 3, 3, 1, 4)
    network.weights("v", 4, 2)
    network.integers("axes", [1, 2])
    network.add("PartitionedCall", "PartitionedCall", "mel", "w", "v", "axes")
    graphs.call(network.graph.node[-1], "net", 2)
    body = """
    maps = Conv2D x w
    pooled = Mean maps:output:0 axes
    logits = MatMul pooled:output:0 v
    tags = Sigmoid logits:product:0
    """
    returns = {"a": "tags:y:0", "b": "pooled:output:0"}
    graphs.function(network.graph, "net x w v axes", body, returns)
    convolution = network.graph.library.function[0].node_def[0]
    convolution.attr["strides"].list.i.extend([1, 1, 1, 1])
    convolution.attr["padding"].s = b"SAME"
    summary = summarize(network.graph)
    assert _outputs(summary) == {
        "PartitionedCall": "predictions",
        "PartitionedCall:1": "embeddings",
    }
    assert [output.shape for output in summary.outputs] == [(None, 2), (None, 4)]
    assert summary.parameters == 36 + 8
    assert summary.ops["Sigmoid"] == 1


def test_labels_losses_and_optimizers_do_not_belong_to_the_network(tagger: Any) -> None:
    tagger.placeholder("labels", [None, 3])
    tagger.placeholder("rate", [])
    tagger.add("loss", "Sub", "logits/BiasAdd", "labels")
    tagger.add("gradient", "Mul", "loss", "rate")
    tagger.add("log", "Log", "tags")
    tagger.add("train", "ApplyGradientDescent", "conv/kernel", "rate", "gradient")
    summary = summarize(tagger.graph)
    assert _roles(summary) == {"mel": "input", "labels": "dangling", "rate": "dangling"}
    assert list(_outputs(summary)) == ["tags", "logits/BiasAdd", "hidden/BiasAdd"]
    assert summary.parameters == 171


def test_a_head_has_predictions_and_no_embeddings() -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 8])
    network.dense("valence", network.dense("hidden", "x", 8, 4), 4, 2)
    assert _outputs(summarize(network.graph)) == {
        "valence/BiasAdd": "predictions",
        "hidden/BiasAdd": "",
    }


def test_outputs_that_are_known_are_taken(tagger: Any) -> None:
    summary = summarize(tagger.graph, outputs=["hidden/Relu"])
    assert [output.name for output in summary.outputs] == ["hidden/Relu"]
    assert summary.layers[-1].name == "hidden/Relu"
    with pytest.raises(NotFoundError, match="no node hidden/Rely"):
        summarize(tagger.graph, outputs=["hidden/Rely"])


def test_the_schema_holds_the_outputs_that_have_a_purpose(tagger: Any) -> None:
    tagger.placeholder("unused")
    tagger.add("aside", "Neg", "conv/Relu")
    assert schema_of(summarize(tagger.graph)) == {
        "inputs": [{"name": "mel", "type": "float", "shape": ["batch_size", 20, 8]}],
        "outputs": [
            {
                "name": name,
                "type": "float",
                "shape": ["batch_size", width],
                "op": op,
                "output_purpose": purpose,
            }
            for name, width, op, purpose in (
                ("tags", 3, "Sigmoid", "predictions"),
                ("logits/BiasAdd", 3, "fully connected", "logits"),
                ("hidden/BiasAdd", 16, "fully connected", "embeddings"),
            )
        ],
    }


def test_summarizing_leaves_the_graph_as_it_was(tagger: Any) -> None:
    before = graphdef.serialize(tagger.graph)
    summarize(tagger.graph)
    assert graphdef.serialize(tagger.graph) == before


def test_a_graph_without_inputs_has_weights_and_no_layers() -> None:
    network = network_writer.Network()
    network.weights("w", 3)
    summary = summarize(network.graph)
    assert (summary.layers, summary.outputs, summary.parameters) == ((), (), 3)


def test_a_circle_and_a_missing_node_are_told() -> None:
    network = network_writer.Network()
    network.placeholder("x", [1])
    network.add("a", "Add", "x", "b")
    network.add("b", "Relu", "a")
    network.add("y", "Relu", "a")
    with pytest.raises(IntegrityError, match="depends on itself"):
        summarize(network.graph)
    network = network_writer.Network()
    network.placeholder("x", [1])
    network.add("y", "Add", "x", "gone")
    with pytest.raises(IntegrityError, match="gone, which does not exist"):
        summarize(network.graph)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("model", "parameters", "outputs", "roles"),
    [
        (
            "msd-musicnn-1",
            787_159,
            {
                "model/Sigmoid": "predictions",
                "model/dense_1/BiasAdd": "logits",
                "model/dense/BiasAdd": "embeddings",
            },
            {"model/Placeholder": "input", "model/Placeholder_1": "dangling"},
        ),
        (
            "vgg4",
            40_008,
            {
                "model/Softmax": "predictions",
                "model/vggish/dense/BiasAdd": "logits",
                "model/vggish/flatten/Reshape": "embeddings",
            },
            {"model/Placeholder": "input", "model/Placeholder_1": "training-flag"},
        ),
        ("deeptemp_k16", 320_304, {"output": "predictions"}, {"input": "input"}),
        (
            "emomusic-msd-musicnn-1",
            1_202,
            {"dense_out": "predictions"},
            {"flatten_in_input": "input"},
        ),
    ],
)
def test_real_networks_are_understood(
    shared: Path, model: str, parameters: int, outputs: dict[str, str], roles: dict[str, str]
) -> None:
    summary = summarize(graphdef.read(shared / "models" / f"{model}.pb"))
    assert summary.parameters == parameters
    assert _outputs(summary) == outputs
    assert _roles(summary) == roles
