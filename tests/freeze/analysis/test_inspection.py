"""Any kind of network's file is told by its content and summarized."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError, WrongKindError, ZooError
from freeze.analysis.inspection import inspect
from freeze.analysis.node import describe
from freeze.formats import tensors
from freeze.formats.dtypes import STRING
from freeze.formats.messages import SavedModel
from tests.support import graphs, network_writer


@pytest.fixture
def tagger() -> Any:
    return network_writer.tagger()


def test_a_frozen_graph_is_told_with_its_size_and_digest(tagger: Any, tmp_path: Path) -> None:
    path = tagger.save(tmp_path / "tagger.pb")
    summary = inspect(path).summary
    assert summary.kind == "frozen-graph"
    assert summary.size == path.stat().st_size
    assert summary.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_saved_model_is_told_by_its_signature(tagger: Any, tmp_path: Path) -> None:
    model = SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add(graph_def=tagger.graph)
    meta.meta_info_def.tags.append("serve")
    meta.signature_def["serving_default"].outputs["embedding"].name = "hidden/Relu:0"
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    for path in (tmp_path, tmp_path / "saved_model.pb"):
        summary = inspect(path).summary
        assert summary.kind == "savedmodel"
        assert [output.name for output in summary.outputs] == ["hidden/Relu"]


def test_of_a_saved_model_the_graph_that_serves_is_taken(tagger: Any, tmp_path: Path) -> None:
    model = SavedModel(saved_model_schema_version=1)
    model.meta_graphs.add(graph_def=graphs.graph("x = Placeholder\ny = Neg x"))
    model.meta_graphs[0].meta_info_def.tags.append("train")
    model.meta_graphs.add(graph_def=tagger.graph).meta_info_def.tags.append("serve")
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    assert inspect(tmp_path).summary.inputs[0].name == "mel"


@pytest.mark.parametrize("prefix", ["model.ckpt", ""])
def test_a_checkpoint_is_shown_through_its_graph(tmp_path: Path, prefix: str) -> None:
    network = network_writer.Network()
    network.placeholder("x", [None, 4])
    network.graph.node.add(name="w", op="VariableV2")
    node = network.graph.node[-1]
    node.attr["dtype"].type = 1
    for size in (4, 2):
        node.attr["shape"].shape.dim.add(size=size)
    network.add("y", "MatMul", "x", "w")
    files = graphs.checkpoint({"w": np.zeros((4, 2), np.float32)}, network.graph)
    graphs.save(files, f"{tmp_path}/{prefix}")
    paths = [tmp_path, Path(f"{tmp_path}/{prefix}.index"), Path(f"{tmp_path}/{prefix}.meta")]
    for path in (*paths, *([tmp_path / prefix] if prefix else [])):
        summary = inspect(path).summary
        assert summary.kind == "checkpoint"
        assert summary.parameters == 8
        assert summary.ops == {"Placeholder": 1, "VariableV2": 1, "MatMul": 1}
        assert summary.size == sum(map(len, files.values()))


def test_what_is_no_network_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.pb").write_bytes(b"<!doctype html>")
    with pytest.raises(WrongKindError, match="not a frozen graph"):
        inspect(tmp_path / "page.pb")
    with pytest.raises(NotFoundError, match="no network in"):
        inspect(tmp_path)
    with pytest.raises(NotFoundError, match="no checkpoint of this name"):
        inspect(tmp_path / "nothing")


def test_a_node_is_described_with_its_neighbours(tagger: Any, tmp_path: Path) -> None:
    inspection = inspect(tagger.save(tmp_path / "tagger.pb"))
    node = describe(inspection, "conv/Conv2D:0")
    assert (node.name, node.op, node.shapes) == ("conv/Conv2D", "Conv2D", ((None, 20, 8, 4),))
    assert node.attributes == {"padding": "SAME", "strides": [1, 1, 1, 1]}
    assert (node.inputs, node.consumers) == (("image", "conv/kernel"), ("conv/BiasAdd",))
    assert describe(inspection, "conv/kernel").attributes == {
        "dtype": "float32",
        "value": "float32 [3, 3, 1, 4]",
    }
    with pytest.raises(NotFoundError, match="no node conv/Conv") as error:
        describe(inspection, "conv/Conv")
    assert "conv/Conv2D" in error.value.why


def test_a_node_that_reads_a_later_output_or_only_waits_is_a_consumer(tmp_path: Path) -> None:
    path = tmp_path / "graph.pb"
    text = "x = Placeholder\ns = Split x\na = Neg s\nb = Neg s:1\nc = Neg x ^s\nd = Neg x"
    path.write_bytes(graphs.graph(text).SerializeToString())
    assert describe(inspect(path), "s").consumers == ("a", "b", "c")


def test_a_damaged_file_is_always_told_in_a_sentence(tagger: Any, tmp_path: Path) -> None:
    """Cut short, or with bits turned, a graph is summarized or refused, and nothing else."""
    path = tagger.save(tmp_path / "tagger.pb")
    data, chance = path.read_bytes(), random.Random(0)
    whole = inspect(path).summary.to_json()
    read, refused = 0, 0
    for _ in range(400):
        damaged = bytearray(data[: chance.randrange(1, len(data) + 1)])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            inspect(path).summary.to_json()
            read += 1
        except ZooError as error:
            assert isinstance(error, IntegrityError | NotFoundError)
            assert error.message
            refused += 1
    assert read and refused
    path.write_bytes(data)
    assert inspect(path).summary.to_json() == whole


@pytest.mark.shared
def test_the_checkpoint_of_a_real_network_is_shown_as_it_was_published(shared: Path) -> None:
    summary = inspect(shared / "models" / "musicnn" / "MSD_musicnn").summary
    assert summary.parameters == 792_079
    assert {(tensor.name, tensor.role) for tensor in summary.inputs} == {
        ("model/Placeholder", "input"),
        ("model/Placeholder_1", "dangling"),
        ("model/Placeholder_2", "training-flag"),
        ("Placeholder", "dangling"),
    }
    assert [output.name for output in summary.outputs] == [
        "model/Sigmoid",
        "model/dense_1/BiasAdd",
        "model/dense/BiasAdd",
    ]


@pytest.mark.tensorflow
def test_a_model_that_tensorflow_saved_is_followed_into_its_functions(tmp_path: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.kernel = tf.Variable(tf.ones([3, 3, 1, 4]))
    module.dense = tf.Variable(tf.ones([4, 2]))

    @tf.function
    def tag(mel: Any) -> Any:
        maps = tf.nn.relu(tf.nn.conv2d(mel[..., None], module.kernel, 1, "SAME"))
        pooled = tf.reduce_mean(maps, [1, 2])
        return {"tags": tf.nn.sigmoid(pooled @ module.dense), "embedding": pooled}

    module.tag = tag
    spec = tf.TensorSpec([None, 16, 8], tf.float32, name="mel")
    tf.saved_model.save(module, str(tmp_path), signatures=tag.get_concrete_function(spec))
    summary = inspect(tmp_path).summary
    assert {(output.op, output.shape, output.purpose) for output in summary.outputs} == {
        ("Sigmoid", (None, 2), "predictions"),
        ("Mean", (None, 4), "embeddings"),
    }
    assert summary.parameters == 36 + 8
    assert {tensor.name: tensor.role for tensor in summary.inputs} == {
        "serving_default_mel": "input",
        "saver_filename": "dangling",
    }


def test_a_network_that_reads_encoded_audio_shows_its_input_and_its_output(tmp_path: Path) -> None:
    network = network_writer.Network()
    wav = network.placeholder("wav_data", [])
    network.graph.node[-1].attr["dtype"].type = STRING
    network.graph.node.add(name="decoded", op="DecodeWav", input=[wav])
    network.graph.node.add(name="spectrogram", op="AudioSpectrogram", input=["decoded"])
    weights = np.zeros((40, 12), np.float32)
    network.graph.node.append(tensors.constant("weights", weights))
    network.graph.node.add(name="logits", op="MatMul", input=["spectrogram", "weights"])
    network.graph.node.add(name="labels", op="Softmax", input=["logits"])
    summary = inspect(network.save(tmp_path / "commands.pb")).summary
    assert [(each.name, each.role) for each in summary.inputs] == [("wav_data", "input")]
    assert (summary.outputs[0].name, summary.outputs[0].purpose) == ("labels", "predictions")
    assert summary.parameters == 480


def test_all_weights_of_a_file_count_and_unused_inputs_of_recurrent_layers_do_not(
    tmp_path: Path,
) -> None:
    network = network_writer.tagger()
    before = inspect(network.save(tmp_path / "tagger.pb")).summary
    network.graph.node.append(tensors.constant("spare", np.zeros((3, 5), np.float32)))
    for name in ("unused_control_flow_input_3", "spare_input"):
        network.placeholder(name, [])
    found = inspect(network.save(tmp_path / "more.pb")).summary
    assert found.parameters == before.parameters + 15
    names = [each.name for each in found.inputs]
    assert names == [*(each.name for each in before.inputs), "spare_input"]


@pytest.mark.parametrize("named", ["folder", "prefix", "meta"])
def test_a_checkpoint_of_the_old_format_is_named_with_its_conversion(
    tmp_path: Path, named: str
) -> None:
    (tmp_path / "model.ckpt-1").write_bytes(b"a table of tensors")
    (tmp_path / "model.ckpt-1.meta").write_bytes(b"a graph")
    path = {
        "folder": tmp_path,
        "prefix": tmp_path / "model.ckpt-1",
        "meta": tmp_path / "model.ckpt-1.meta",
    }[named]
    with pytest.raises(WrongKindError, match=r"old format \(V1\)") as caught:
        inspect(path)
    assert f"restore(s, '{tmp_path / 'model.ckpt-1'}')" in caught.value.hint


def test_a_graph_as_text_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "graph.pb").write_text('# made by hand\nnode {\n  name: "x"\n}\n')
    with pytest.raises(WrongKindError, match="a graph as text") as caught:
        inspect(tmp_path / "graph.pb")
    assert "as_text=False" in caught.value.hint


def test_an_old_layers_model_is_not_taken_for_a_graph(tmp_path: Path) -> None:
    layers = {"modelTopology": {"model_config": {"class_name": "Sequential"}}}
    (tmp_path / "model.json").write_text(json.dumps(layers))
    with pytest.raises(WrongKindError, match="layers-model of"):
        inspect(tmp_path / "model.json")
