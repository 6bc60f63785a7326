"""Checkpoints and SavedModels that want to touch files while TensorFlow loads or runs them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError
from zoo.freezing.frozen_model import freeze

pytestmark = pytest.mark.tensorflow

STRING = 7
READING = ["ReadFile", "MatchingFiles", "DebugIdentity", "PyFunc", "Print", "ImmutableConst"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The file that a model wants to write."""
    return tmp_path / "written"


def _text(nodes: Any, name: str, text: str) -> None:
    node = nodes.add(name=name, op="Const")
    node.attr["dtype"].type = STRING
    node.attr["value"].tensor.dtype = STRING
    node.attr["value"].tensor.string_val.append(text.encode())


def _write(nodes: Any, target: Path) -> str:
    """Add a node that writes a file; its control edge."""
    _text(nodes, "evil/name", str(target))
    _text(nodes, "evil/text", "gotcha")
    nodes.add(name="evil", op="WriteFile", input=["evil/name", "evil/text"])
    return "^evil"


def _node(nodes: Any, name: str) -> Any:
    return next(node for node in nodes if node.name == name)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[[Callable[[Any], None]], str]:
    """Saves a small network whose ``.meta`` was changed."""
    from tensorflow.compat import v1

    def save(change: Callable[[Any], None]) -> str:
        prefix = str(tmp_path / "model")
        with v1.Graph().as_default(), v1.Session() as session:
            x = v1.placeholder("float32", [None, 3], name="x")
            weights = v1.Variable(np.ones((3, 2), np.float32), name="weights", use_resource=False)
            v1.nn.softmax(x @ weights, name="y")
            session.run(v1.global_variables_initializer())
            v1.train.Saver().save(session, prefix)
        meta = v1.MetaGraphDef.FromString(Path(f"{prefix}.meta").read_bytes())
        change(meta)
        Path(f"{prefix}.meta").write_bytes(meta.SerializeToString())
        return prefix

    return save


def test_a_checkpoint_whose_output_writes_a_file_is_refused(
    checkpoint: Any, target: Path, tmp_path: Path
) -> None:
    def change(meta: Any) -> None:
        _node(meta.graph_def.node, "y").input.append(_write(meta.graph_def.node, target))

    prefix = checkpoint(change)
    with pytest.raises(IntegrityError, match="WriteFile \\(evil\\)"):
        freeze(prefix, tmp_path / "out.pb", nodes=["y"])
    assert not target.exists() and not (tmp_path / "out.pb").exists()


def test_what_restores_a_checkpoint_is_not_run(
    checkpoint: Any, target: Path, tmp_path: Path
) -> None:
    def change(meta: Any) -> None:
        edge = _write(meta.graph_def.node, target)
        for node in meta.graph_def.node:
            if node.op in ("RestoreV2", "Assign") or node.name == "save/restore_all":
                node.input.append(edge)

    found = freeze(checkpoint(change), tmp_path / "out.pb", nodes=["y"])
    assert found.max_abs == {"y": pytest.approx(0, abs=1e-6)}
    assert not target.exists()


@pytest.mark.parametrize("op", READING)
def test_a_checkpoint_that_looks_outside_is_refused(
    op: str, checkpoint: Any, tmp_path: Path
) -> None:
    def change(meta: Any) -> None:
        nodes = meta.graph_def.node
        _text(nodes, "evil/name", os.devnull)
        nodes.add(name="evil", op=op, input=["evil/name"])
        _node(nodes, "y").input.append("^evil")

    with pytest.raises(IntegrityError, match=f"{op} \\(evil\\)"):
        freeze(checkpoint(change), tmp_path / "out.pb", nodes=["y"])


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., str]:
    """Saves a small SavedModel that was changed, of TensorFlow 1 or 2."""
    import tensorflow as tf
    from tensorflow.compat import v1
    from tensorflow.core.protobuf import saved_model_pb2

    def save(change: Callable[[Any], None], version: int) -> str:
        folder = tmp_path / "saved"
        if version == 1:
            with v1.Graph().as_default(), v1.Session() as session:
                x = v1.placeholder("float32", [None, 3], name="x")
                weights = v1.get_variable("weights", [3, 2], use_resource=True)
                y = v1.nn.softmax(x @ weights, name="y")
                session.run(v1.global_variables_initializer())
                builder = v1.saved_model.Builder(str(folder))
                signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
                main_op = v1.no_op(name="begin")
                builder.add_meta_graph_and_variables(
                    session, ["serve"], {"serving_default": signature}, main_op=main_op
                )
                builder.save()
        else:
            module = tf.Module()
            module.weights = tf.Variable(np.ones((3, 2), np.float32))
            spec = tf.TensorSpec([None, 3], tf.float32, name="x")
            module.call = tf.function(
                lambda x: {"y": tf.nn.softmax(x @ module.weights)}, input_signature=[spec]
            )
            tf.saved_model.save(module, str(folder), signatures=module.call)
        model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        change(model.meta_graphs[0])
        (folder / "saved_model.pb").write_bytes(model.SerializeToString())
        return str(folder)

    return save


@pytest.mark.parametrize("version", [1, 2])
def test_a_savedmodel_without_wishes_is_frozen(saved: Any, version: int, tmp_path: Path) -> None:
    folder = saved(lambda meta: None, version)
    found = freeze(folder, tmp_path / "out.pb")
    assert found.max_abs and max(found.max_abs.values()) < 1e-6


@pytest.mark.parametrize("place", ["y", "begin", "save/restore_all", "save/AssignVariableOp"])
def test_a_savedmodel_that_writes_a_file_is_refused(
    place: str, saved: Any, target: Path, tmp_path: Path
) -> None:
    """On its output, its initializer, and what restores it."""

    def change(meta: Any) -> None:
        _node(meta.graph_def.node, place).input.append(_write(meta.graph_def.node, target))

    folder = saved(change, 1)
    with pytest.raises(IntegrityError, match="WriteFile \\(evil\\)"):
        freeze(folder, tmp_path / "out.pb")
    assert not target.exists()


def test_a_savedmodel_whose_function_writes_a_file_is_refused(
    saved: Any, target: Path, tmp_path: Path
) -> None:
    def change(meta: Any) -> None:
        for function in meta.graph_def.library.function:
            if any(node.op == "MatMul" for node in function.node_def):
                _write(function.node_def, target)
                evil = function.node_def[-1]
                evil.input[:] = ["evil/name:output:0", "evil/text:output:0"]
                function.control_ret["evil"] = "evil"
                function.signature.control_output.append("evil")

    folder = saved(change, 2)
    with pytest.raises(IntegrityError, match="WriteFile"):
        freeze(folder, tmp_path / "out.pb")
    assert not target.exists()


def test_a_savedmodel_with_a_table_is_refused(tmp_path: Path) -> None:
    import tensorflow as tf

    words = tmp_path / "words.txt"
    words.write_text("a\nb\n")
    module = tf.Module()
    module.table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            str(words), tf.string, 0, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        ),
        1,
    )
    spec = tf.TensorSpec([None], tf.string, name="x")
    module.call = tf.function(lambda x: {"y": module.table.lookup(x)}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=module.call)
    with pytest.raises(IntegrityError, match=r"is not (loaded|run)") as refused:
        freeze(tmp_path / "saved", tmp_path / "out.pb")
    assert "table" in refused.value.why.lower()
