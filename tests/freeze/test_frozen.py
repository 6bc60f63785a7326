"""Checkpoints made into frozen graphs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError
from catalog.fields import Recipe
from catalog.index import catalog
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.graphdef import by_name, serialize
from freeze.formats.messages import GraphDef
from freeze.frozen import fill_all, freeze
from freeze.graph.rewrite import rewrite
from freeze.recipe import frozen
from tests.support import ROOT, graphs

Run = Callable[..., list[Any]]

TRAINING = """
x = Placeholder
flag = Flag
w = VariableV2
w/read = Identity w
w/Adam = VariableV2
moving_mean = VariableV2
moving_mean/read = Identity moving_mean
pred = Identity flag
switch = RefSwitch moving_mean pred
update = AssignSub switch:1 w/read
mean = Merge switch update
product = Mul x w/read
y = Sub product mean
handle = VarHandleOp
value = ReadVariableOp handle
z = Mul y value
train = ApplyAdam w
"""
VARIABLES = {"w": np.float32(3), "moving_mean": np.float32(0.5), "handle": np.float32(10)}


def _checkpoint(text: str, variables: dict[str, Any]) -> Checkpoint:
    files = graphs.checkpoint(variables, graphs.graph(text))
    return Checkpoint("model", files.__getitem__)


def test_variables_that_outputs_need_become_constants() -> None:
    graph = freeze(_checkpoint(TRAINING, VARIABLES), ["z", "y"], ["flag"])
    lines = [f"{node.name} = {' '.join([node.op, *node.input])}" for node in graph.node]
    assert lines == [
        "x = Placeholder",
        "w = Const",
        "w/read = Identity w",
        "product = Mul x w/read",
        "moving_mean = Const",
        "moving_mean/read = Identity moving_mean",
        "y = Sub product moving_mean/read",
        "handle = Const",
        "value = Identity handle",
        "z = Mul y value",
    ]
    values = {node.name: list(node.attr["value"].tensor.float_val) for node in graph.node}
    assert (values["w"], values["moving_mean"], values["handle"]) == ([3], [0.5], [10])


def test_a_variable_that_is_missing_or_of_another_shape_is_told() -> None:
    with pytest.raises(NotFoundError, match="no variable moving_mean"):
        freeze(_checkpoint(TRAINING, {"w": np.float32(3)}), ["y"], ["flag"])
    text = "w = VariableV2\ny = Neg w"
    with pytest.raises(IntegrityError, match="w does not fit its graph"):
        freeze(_checkpoint(text, {"w": np.float64(3)}), ["y"])
    checkpoint = graphs.graph(text)
    checkpoint.node[0].attr["shape"].shape.dim.add(size=3)
    files = graphs.checkpoint({"w": np.zeros(2, np.float32)}, checkpoint)
    with pytest.raises(IntegrityError, match="w does not fit its graph"):
        freeze(Checkpoint("model", files.__getitem__), ["y"])


def test_what_only_a_session_can_do_with_a_variable_is_refused() -> None:
    text = "handle = VarHandleOp\ny = ResourceGather handle"
    with pytest.raises(IntegrityError, match="y cannot be frozen"):
        freeze(_checkpoint(text, {"handle": np.float32(3)}), ["y"])


def test_a_variable_has_the_name_that_it_was_saved_with() -> None:
    graph = graphs.graph("handle = VarHandleOp\ny = ReadVariableOp handle")
    graph.node[0].attr["shared_name"].s = b"dense/kernel"
    files = graphs.checkpoint({"dense/kernel": np.float32(3)}, graph)
    frozen_graph = freeze(Checkpoint("model", files.__getitem__), ["y"])
    assert list(by_name(frozen_graph)["handle"].attr["value"].tensor.float_val) == [3]


def test_all_is_kept_but_what_updates_variables_or_needs_those_not_saved() -> None:
    checkpoint = _checkpoint(TRAINING + "after = Neg w/Adam\nlater = Neg after", VARIABLES)
    graph = checkpoint.metagraph().graph_def
    graph.node[0].attr["_output_shapes"].list.shape.add()
    rewrite(graph)
    lost = fill_all(graph, checkpoint)
    assert lost == ["after", "later", "train", "w/Adam"]
    nodes = by_name(graph)
    assert not nodes.keys() & set(lost) and {"z", "update", "flag"} <= nodes.keys()
    assert (nodes["w"].op, nodes["value"].op) == ("Const", "Identity")
    assert not any("_output_shapes" in node.attr for node in graph.node)


PRINT_DIGEST = """
import hashlib, sys
from freeze.formats.checkpoint import Checkpoint
from freeze.frozen import fill_all, freeze
from freeze.graph.rewrite import rewrite
from freeze.formats.graphdef import serialize
graph = freeze(Checkpoint.open(sys.argv[1]), sys.argv[2].split(), [sys.argv[3]])
assert not {"tensorflow", "openvino", "requests"} & sys.modules.keys()
print(hashlib.sha256(serialize(graph)).hexdigest())
"""


def _digest(seed: int, *arguments: str) -> str:
    command = [sys.executable, "-c", PRINT_DIGEST, *arguments]
    root = ROOT
    environment = {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(root)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_every_process_gives_the_same_bytes(tmp_path: Path) -> None:
    graphs.save(graphs.checkpoint(VARIABLES, graphs.graph(TRAINING)), tmp_path / "model")
    arguments = (str(tmp_path / "model"), "z y", "flag")
    graph = freeze(Checkpoint.open(tmp_path), ["z", "y"], ["flag"])
    digest = hashlib.sha256(serialize(graph)).hexdigest()
    assert [_digest(seed, *arguments) for seed in (1, 2)] == [digest, digest]


def _recipe(folder: Path) -> Recipe:
    """The recipe of the record that is built from this checkpoint."""
    prefix = f"musicnn/{folder.name}/"
    recipes = (model.recipe for model in catalog().models)
    return next(recipe for recipe in recipes if recipe and recipe.checkpoint == prefix)


@pytest.mark.shared
def test_the_records_pin_what_their_recipes_give(checkpoint_folder: Path) -> None:
    recipe = _recipe(checkpoint_folder)
    data = frozen(recipe, Checkpoint.open(checkpoint_folder))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (recipe.size, recipe.sha256)


@pytest.mark.shared
def test_a_real_checkpoint_gives_the_pinned_bytes_in_every_process(shared: Path) -> None:
    folder = shared / "models" / "musicnn" / "MTT_musicnn"
    recipe = _recipe(folder)
    arguments = (str(folder), " ".join(recipe.outputs), *recipe.training_flags)
    assert [_digest(seed, *arguments) for seed in (1, 2)] == [recipe.sha256] * 2


@pytest.mark.shared
def test_the_records_agree_with_the_graphs(checkpoint_folder: Path, run_openvino: Run) -> None:
    recipe = _recipe(checkpoint_folder)
    record = next(model for model in catalog().models if model.recipe == recipe)
    graph = GraphDef.FromString(frozen(recipe, Checkpoint.open(checkpoint_folder)))
    placeholders = [node.name for node in graph.node if node.op.startswith("Placeholder")]
    assert placeholders == ["model/Placeholder"] == [layer.name for layer in record.inputs]
    assert {layer.purpose for layer in record.outputs} == {"predictions", "logits", "embeddings"}
    assert [layer.name for layer in record.outputs] == list(recipe.outputs)
    patches = np.random.default_rng(6).random((2, 187, 96), np.float32)
    results = run_openvino(graph, recipe.outputs, patches)
    for layer, result in zip(record.outputs, results, strict=True):
        assert layer.shape is not None
        assert result.shape == (2, layer.shape[-1])


@pytest.mark.shared
def test_msd_musicnn_equals_the_published_network(shared: Path, run_openvino: Run) -> None:
    golden = np.load(shared / "goldens" / "models_io.npz")
    folder = shared / "models" / "musicnn" / "MSD_musicnn"
    recipe = _recipe(folder)
    graph = GraphDef.FromString(frozen(recipe, Checkpoint.open(folder)))
    patches = golden["msd-musicnn-1__input__model.Placeholder"]
    results = run_openvino(graph, recipe.outputs, patches)
    for name, result, tolerance in zip(recipe.outputs, results, (1e-5, 1e-4, 1e-4), strict=True):
        expected = golden[f"msd-musicnn-1__output__{name.replace('/', '.')}"]
        assert np.abs(result - expected).max() < tolerance


@pytest.mark.shared
@pytest.mark.parametrize("name", ["MSD_musicnn", "MTT_musicnn", "MTT_vgg"])
def test_taggrams_equal_those_of_musicnn(shared: Path, run_openvino: Run, name: str) -> None:
    golden = np.load(shared / "goldens" / "musicnn_peer.npz")
    folder = shared / "models" / "musicnn" / name
    recipe = _recipe(folder)
    graph = GraphDef.FromString(frozen(recipe, Checkpoint.open(folder)))
    taggram, *_, last = run_openvino(graph, recipe.outputs, golden["patches_h187"])
    assert np.abs(taggram - golden[f"{name}__taggram"]).max() < 1e-5
    if f"{name}__pool5" in golden:
        assert np.abs(last - golden[f"{name}__pool5"].reshape(len(last), -1)).max() < 1e-4


@pytest.mark.shared
def test_msd_vgg_follows_the_graph_that_it_was_trained_with(
    shared: Path, run_openvino: Run
) -> None:
    """The published source of the architecture pools both axes in its second layer."""
    folder = shared / "models" / "musicnn" / "MSD_vgg"
    recipe = _recipe(folder)
    graph = GraphDef.FromString(frozen(recipe, Checkpoint.open(folder)))
    pool = by_name(graph)["model/max_pooling2d_1/MaxPool"]
    assert list(pool.attr["ksize"].list.i) == [1, 1, 4, 1]
    golden = np.load(shared / "goldens" / "musicnn_peer.npz")
    (taggram,) = run_openvino(graph, ["model/Sigmoid"], golden["patches_h187"])
    assert np.abs(taggram - golden["MSD_vgg__taggram"]).max() > 0.1


@pytest.mark.shared
@pytest.mark.tensorflow
def test_a_frozen_graph_equals_the_restored_session(
    checkpoint_folder: Path, run_tensorflow: Run, session_config: Any
) -> None:
    recipe = _recipe(checkpoint_folder)
    patches = np.random.default_rng(7).uniform(0, 5, (3, 187, 96)).astype(np.float32)
    expected = _restored_session(checkpoint_folder, recipe, patches, session_config)
    graph = GraphDef.FromString(frozen(recipe, Checkpoint.open(checkpoint_folder)))
    results = run_tensorflow(graph, recipe.outputs, patches, "model/Placeholder")
    for name, result, reference in zip(recipe.outputs, results, expected, strict=True):
        assert np.abs(result - reference).max() <= 1e-6, name


def _restored_session(folder: Path, recipe: Recipe, patches: Any, config: Any) -> Any:
    """Run the training graph in TensorFlow, with the training flag false."""
    from tensorflow.compat import v1

    meta = v1.MetaGraphDef.FromString((folder / ".meta").read_bytes())
    for node in meta.graph_def.node:  # without this TensorFlow finds its own shapes inconsistent
        node.attr.pop("_output_shapes", None)
    with v1.Graph().as_default(), v1.Session(config=config) as session:
        v1.train.import_meta_graph(meta, clear_devices=True).restore(session, f"{folder}/")
        feeds = {"model/Placeholder:0": patches, "model/Placeholder_2:0": False}
        return session.run([f"{name}:0" for name in recipe.outputs], feeds)
