"""TensorFlow.js models: what is in their files, and what they compute when read again."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import ChecksumError, IntegrityError, UsageError
from catalog.record import Record
from convert import tfjs
from convert.export_graph import FEATURES, ExportGraph, TensorSpec
from convert.quantization import quantized
from freeze.formats import graphdef, tensors
from freeze.formats import tfjs as reader
from freeze.formats.messages import GraphDef
from tests.support import lab, networks
from zoo.exporting import node as engine

LAYERS = ["sigmoids", "logits", "embeddings"]
HALF = 1e-2  # of the largest value, for half-precision weights


@pytest.fixture
def tagger(tmp_path: Path) -> ExportGraph:
    graph = graphdef.read(lab.Network(tmp_path).path)
    described: ExportGraph = networks.described(graph, LAYERS)
    return described


def holding(*values: np.ndarray[Any, Any], name: str = "value") -> ExportGraph:
    """An input, and constants beside it; all of them are outputs."""
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    for number, each in enumerate(values):
        graph.node.append(tensors.constant(f"{name}{number}", each))
    ends = tuple(TensorSpec(node.name, "float32", (None,)) for node in graph.node)
    return ExportGraph(graph, ends[:1], ends)


def document(folder: Path) -> Any:
    return json.loads((folder / "model.json").read_text("utf-8"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def constants(folder: Path) -> dict[str, Any]:
    """What a reader makes of the constants."""
    nodes = reader.load(folder).graph.node
    return {n.name: tensors.array(n.attr["value"].tensor) for n in nodes if n.op == "Const"}


@pytest.mark.shared
def test_a_small_model_computes_the_same_when_it_is_read_again(
    small_model: str, shared: Path, tmp_path: Path
) -> None:
    model = networks.small(shared / "models", small_model)
    tfjs.write(model, tmp_path)
    batch = networks.batch(model)
    assert networks.error(networks.run(model, batch, tmp_path), networks.run(model, batch)) <= 1e-6


@pytest.mark.node
@pytest.mark.shared
@pytest.mark.usefixtures("tensorflowjs", "lasting_programs")
def test_a_small_model_computes_the_same_in_node(
    small_model: str, shared: Path, tmp_path: Path
) -> None:
    model = networks.small(shared / "models", small_model)
    batch = networks.batch(model, 1)
    expected = networks.run(model, batch)
    for kind, tolerance in ((None, 1e-4), ("float16", HALF)):
        tfjs.write(model, tmp_path / str(kind), kind)
        found = engine.run(tmp_path / str(kind), {model.inputs[0].name: batch}, list(expected))
        assert networks.error(found, expected) <= tolerance


def test_a_changed_weight_is_noticed(tagger: ExportGraph, tmp_path: Path) -> None:
    tfjs.write(tagger, tmp_path)
    shard = tmp_path / "group1-shard1of1.bin"
    weights = np.fromfile(shard, np.float32)
    weights[weights > 0.1] *= 1.01
    weights.tofile(shard)
    with pytest.raises(ChecksumError, match="not what was exported"):
        reader.read(tmp_path)
    told = document(tmp_path)
    del told["weightsManifest"][0]["sha256"]
    (tmp_path / "model.json").write_text(json.dumps(told))
    batch = networks.batch(tagger)
    assert networks.error(networks.run(tagger, batch, tmp_path), networks.run(tagger, batch)) > 1e-4


def test_the_document_is_in_the_form_that_tensorflow_js_reads(
    tagger: ExportGraph, tmp_path: Path
) -> None:
    graphdef.by_name(tagger.graph)["mean"].attr["note"].s = b"\xff\x00"
    tfjs.write(tagger, tmp_path)
    told = document(tmp_path)
    assert told["format"] == "graph-model"
    assert told["userDefinedMetadata"] == tagger.metadata
    shape = {"dim": [{"size": "-1"}, {"size": "187"}, {"size": "96"}]}
    described = {"name": "input:0", "dtype": "DT_FLOAT", "tensorShape": shape}
    assert told["signature"]["inputs"] == {"input": described}
    assert list(told["signature"]["outputs"]) == ["sigmoids"]
    assert list(told["userDefinedMetadata"]["zoo"]["outputs"]) == LAYERS
    nodes = {node["name"]: node for node in told["modelTopology"]["node"]}
    assert base64.b64decode(nodes["mean"]["attr"]["note"]["s"]) == b"\xff\x00"
    assert nodes["mean"]["attr"]["Tidx"] == {"type": "DT_INT32"}
    value = nodes["first"]["attr"]["value"]["tensor"]
    assert value == {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "96"}, {"size": "3"}]}}


def test_equal_networks_give_equal_bytes_in_every_process(
    tagger: ExportGraph, tmp_path: Path
) -> None:
    tfjs.write(tagger, tmp_path / "here")
    (tmp_path / "graph").write_bytes(graphdef.serialize(tagger.graph))
    script = f"""
import sys
from dataclasses import replace
from pathlib import Path
from convert import tfjs
from convert.export_graph import TensorSpec, ExportGraph
from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
graph = GraphDef.FromString(Path({str(tmp_path / "graph")!r}).read_bytes())
tfjs.write(ExportGraph(graph, {tagger.inputs!r}, {tagger.outputs!r}, {tagger.metadata!r}),
           Path({str(tmp_path / "there")!r}))
print(sorted({{"tensorflow", "openvino"}} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_weights_are_cut_into_files_of_four_megabytes(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    large = [random.random((1 << 20) + extra, np.float32) for extra in (-1, 1, 7)]
    tfjs.write(holding(*large), tmp_path)
    names = [f"group1-shard{number}of4.bin" for number in (1, 2, 3, 4)]
    assert document(tmp_path)["weightsManifest"][0]["paths"] == names
    assert [(tmp_path / name).stat().st_size for name in names] == [4 << 20] * 3 + [28]
    for values, found in zip(large, constants(tmp_path).values(), strict=True):
        np.testing.assert_array_equal(found, values)


def test_weights_that_make_embeddings_are_a_group_of_their_own(
    tagger: ExportGraph, tmp_path: Path
) -> None:
    tagger.metadata["zoo"]["outputs"]["embeddings"] = "embeddings"
    tfjs.write(tagger, tmp_path)
    groups = document(tmp_path)["weightsManifest"]
    assert [[each["name"] for each in group["weights"]] for group in groups] == [
        ["axis", "first"],
        ["second"],
    ]
    batch = networks.batch(tagger)
    assert networks.error(networks.run(tagger, batch, tmp_path), networks.run(tagger, batch)) < 1e-6


def test_element_types_that_tensorflow_js_lacks_become_those_that_it_has(tmp_path: Path) -> None:
    held = (
        np.array([1, -(2**31), 2**31 - 1]),
        np.array([[0.1, -np.inf]]),
        np.array(255, np.uint8),
        np.array([True, False]),
        np.array(["é".encode(), b"", b"\x00\xff"], object),
    )
    network = holding(*held)
    reads = network.graph.node.add(name="cast", op="Cast", input=["value0"])
    reads.attr["SrcT"].type, reads.attr["DstT"].type = 9, 1
    ends = (*network.outputs, TensorSpec("cast", "float32", (None,)))
    tfjs.write(replace(network, outputs=ends), tmp_path)
    found = list(constants(tmp_path).values())
    kinds = [values.dtype.name for values in found]
    assert kinds == ["int32", "float32", "int32", "bool", "object"]
    for values, expected in zip(found, held, strict=True):
        assert values.shape == expected.shape
        expected = expected.astype(np.float32) if expected.dtype.kind == "f" else expected
        np.testing.assert_array_equal(values, expected)
    cast = document(tmp_path)["modelTopology"]["node"][-1]
    assert cast["attr"]["SrcT"] == {"type": "DT_INT32"}
    assert cast["attr"]["DstT"] == {"type": "DT_FLOAT"}


@pytest.mark.parametrize("value", [np.array([2**31]), np.array(1e300)])
def test_numbers_beyond_32_bits_are_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot store value0"):
        tfjs.write(holding(value), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_operations_that_tensorflow_js_lacks_are_named(tagger: ExportGraph, tmp_path: Path) -> None:
    graphdef.by_name(tagger.graph)["sigmoids"].op = "Lgamma"
    with pytest.raises(UsageError) as refused:
        tfjs.write(tagger, tmp_path / "model")
    assert "Lgamma" in refused.value.why and "--to onnx" in refused.value.hint
    assert not (tmp_path / "model").exists()


def test_where_a_constant_holds_is_computed_in_advance(tmp_path: Path) -> None:
    network = holding(np.array([0, -1, 0]), np.array(0))
    for name, op, inputs in (
        ("equal", "Equal", ["value0", "value1"]),
        ("where", "Where", ["equal"]),
        ("y", "GatherNd", ["x", "where"]),
    ):
        network.graph.node.add(name=name, op=op, input=inputs)
    before = network.graph.SerializeToString(deterministic=True)
    output = (TensorSpec("y", "float32", (None,)),)
    tfjs.write(ExportGraph(network.graph, network.inputs, output), tmp_path)
    assert [node["name"] for node in document(tmp_path)["modelTopology"]["node"]] == [
        *("x", "where", "y")
    ]
    assert constants(tmp_path)["where"].tolist() == [[0], [2]]
    assert network.graph.SerializeToString(deterministic=True) == before


def test_a_batch_normalisation_is_stored_as_what_it_computes(tmp_path: Path) -> None:
    network = holding(*np.full((4, 3), 2, np.float32))
    norm = network.graph.node.add(name="y", op="FusedBatchNormV3")
    norm.input.extend(node.name for node in network.graph.node[:5])
    norm.attr["T"].type, norm.attr["is_training"].b = 1, False
    tfjs.write(replace(network, outputs=(TensorSpec("y", "float32", (None,)),)), tmp_path)
    same, factor = constants(tmp_path).values()  # mean and offset, and nothing else of what it read
    np.testing.assert_allclose(factor, np.full(3, 2 / np.sqrt(2.0001)), rtol=1e-6)
    assert same.tolist() == [2, 2, 2]


def test_an_archive_has_the_files_at_its_root_and_equal_bytes(
    tagger: ExportGraph, tmp_path: Path
) -> None:
    tfjs.write(tagger, tmp_path / "model")
    first, second = tmp_path / "a-tfjs.zip", tmp_path / "b-tfjs.zip"
    tfjs.archive(tmp_path / "model", first)
    (tmp_path / "model" / "model.json").touch()
    tfjs.archive(tmp_path / "model", second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < sum(map(len, files(tmp_path / "model").values()))
    batch = networks.batch(tagger)
    assert networks.error(networks.run(tagger, batch, first), networks.run(tagger, batch)) == 0


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_integer_weights_are_within_half_a_step_and_keep_zero(kind: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    plain = random.uniform(-0.3, 1.1, (64, 33)).astype(np.float32)
    plain[::7] = 0
    high = random.uniform(2, 3, (5, 5)).astype(np.float32)
    flat = np.full((2, 2), 0.7, np.float32)
    vector, axes = random.random(300, np.float32), np.array([[1, 2], [3, 4]], np.int32)
    tfjs.write(holding(plain, high, flat, vector, axes), tmp_path, kind)
    found = list(constants(tmp_path).values())
    weights = document(tmp_path)["weightsManifest"][0]["weights"]
    for values, read, entry in zip((plain, high, flat), found[:3], weights[:3], strict=True):
        rule = entry["quantization"]
        assert rule["dtype"] == kind and rule["original_dtype"] == "float32"
        assert np.abs(values - read).max() <= rule["scale"] * 0.51
    assert not found[0][::7].any()
    np.testing.assert_array_equal(found[2], flat)
    np.testing.assert_array_equal(found[3], vector)
    np.testing.assert_array_equal(found[4], axes)


def test_half_precision_leaves_what_it_cannot_hold(tmp_path: Path) -> None:
    usual, large = np.full((2, 2), 0.1, np.float32), np.full((2, 2), 1e6, np.float32)
    assert quantized(large, "float16") is None
    tfjs.write(holding(usual, large), tmp_path, "float16")
    found = list(constants(tmp_path).values())
    np.testing.assert_array_equal(found[0], usual.astype(np.float16))
    np.testing.assert_array_equal(found[1], large)


def test_what_makes_the_features_is_never_quantized(tmp_path: Path) -> None:
    bank, weights = (np.random.default_rng(n).random((9, 4), np.float32) for n in (1, 2))
    network = holding(bank, weights)
    network.graph.node.add(name=FEATURES, op="MatMul", input=["x", "value0"])
    network.graph.node.add(name="y", op="MatMul", input=[FEATURES, "value1"])
    tfjs.write(network, tmp_path, "uint8")
    found = constants(tmp_path)
    np.testing.assert_array_equal(found["value0"], bank)
    assert np.abs(found["value1"] - weights).max() > 0


@pytest.mark.shared
@pytest.mark.parametrize(
    ("kind", "error", "size"),
    [("float16", 1.9e-3, 0.55), ("uint16", 4.1e-4, 0.55), ("uint8", 0.15, 0.3)],
)
def test_quantized_weights_of_a_tagger_move_its_tags_by_what_was_measured(
    kind: Any, error: float, size: float, shared: Path, tmp_path: Path
) -> None:
    model = networks.small(shared / "models", "msd-musicnn-1")
    tfjs.write(model, tmp_path, kind)
    stored = sum(path.stat().st_size for path in tmp_path.glob("*.bin"))
    assert stored < size * (shared / "models" / "msd-musicnn-1.pb").stat().st_size
    batch = networks.batch(model)
    found, expected = networks.run(model, batch, tmp_path), networks.run(model, batch)
    moved = np.abs(found["model/Sigmoid"] - expected["model/Sigmoid"]).max()
    assert error / 20 < moved <= error


def test_an_input_without_an_element_type_is_refused(tmp_path: Path) -> None:
    graph = graphdef.read(lab.Network(tmp_path).path)
    del graphdef.by_name(graph)["input"].attr["dtype"]
    with pytest.raises(IntegrityError, match="input has no element type"):
        ExportGraph.of(graph, ["sigmoids"], Record({}))
