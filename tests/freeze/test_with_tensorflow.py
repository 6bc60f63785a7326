"""Models that only TensorFlow can load, and TensorFlow as the reference."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import (
    IntegrityError,
    MissingExtraError,
    NotFoundError,
    UsageError,
    WrongKindError,
)
from freeze import with_tensorflow
from freeze.analysis.proposal import propose
from freeze.formats.graphdef import by_name
from freeze.formats.messages import SavedModel
from freeze.frozen import fill
from freeze.graph.inference import VARIABLES, training_flags
from freeze.graph.prune import prune
from freeze.trained import Trained
from freeze.with_tensorflow import RunError, TensorFlow
from tests.support import graphs, tensorflow_models

tensorflow = pytest.mark.tensorflow

PROGRAM = Path(tensorflow_models.__file__)
X: NDArray[np.float32] = np.random.default_rng(5).random((3, 16, 8), np.float32)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small models, and a package that builds one."""
    folder = tmp_path_factory.mktemp("models")
    for settings in ({}, {"TF_USE_LEGACY_KERAS": "1"}):
        # Without oneDNN, as the child: it rounds in another way.
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
        environment = {**os.environ, **quiet, **settings}
        command = [sys.executable, str(PROGRAM), str(folder)]
        subprocess.run(command, check=True, env=environment, capture_output=True)
    package = folder / "authors"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "towers.py").write_text(PROGRAM.read_text())
    return folder


def _frozen(trained: Trained) -> tuple[Any, list[str]]:
    outputs = [each.name for each in propose(trained.graph, trained.declared).outputs]
    graph = prune(trained.graph, outputs, training_flags(by_name(trained.graph)))
    if trained.checkpoint:
        fill(graph, trained.checkpoint)
    return graph, outputs


@tensorflow
@pytest.mark.parametrize(
    ("name", "answer", "op"),
    [
        ("saved", "saved.npz", "Softmax"),
        ("exported", "model.npz", "Sigmoid"),
        ("exported/saved_model.pb", "model.npz", "Sigmoid"),
        ("model.keras", "model.npz", "Sigmoid"),
        ("model.h5", "model.npz", "Sigmoid"),
    ],
)
def test_a_frozen_model_answers_as_the_model_did_when_it_was_saved(
    models: Path, name: str, answer: str, op: str, run_openvino: Callable[..., Any]
) -> None:
    with TensorFlow() as child:
        trained = Trained.open(str(models / name), "", child)
        graph, outputs = _frozen(trained)
        live = child.run(outputs[:1], {"mel": X})[outputs[0]]
    nodes = by_name(graph)
    assert nodes[outputs[0]].op == op
    assert [node.name for node in graph.node if node.op == "Placeholder"] == ["mel"]
    assert not any(node.op in VARIABLES for node in graph.node)
    expected = np.load(models / answer)["y"]
    np.testing.assert_allclose(live, expected, atol=1e-6)
    np.testing.assert_allclose(run_openvino(graph, outputs[:1], X)[0], expected, atol=1e-5)


@tensorflow
def test_a_recurrent_model_of_keras_2_is_frozen_with_its_loop(
    models: Path, run_tensorflow: Callable[..., Any]
) -> None:
    with TensorFlow() as child:
        trained = Trained.open(str(models / "recurrent.h5"), "", child)
        graph, outputs = _frozen(trained)
    assert "Enter" in {node.op for node in graph.node}
    assert [node.name for node in graph.node if node.op == "Placeholder"] == ["mel"]
    (found,) = run_tensorflow(graph, outputs[:1], X, "mel")
    np.testing.assert_allclose(found, np.load(models / "recurrent.npz")["y"], atol=1e-6)


@tensorflow
@pytest.mark.parametrize("name", ["flagged", "unflagged", "flagged-function", "variable"])
def test_a_saved_model_of_constants_or_old_variables_is_frozen_without_tensorflow_and_agrees(
    models: Path, name: str, run_openvino: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with TensorFlow() as child:
        monkeypatch.setattr(with_tensorflow, "is_installed", lambda: False)
        trained = Trained.open(str(models / name), "", child)
        assert training_flags(by_name(trained.graph)) == ["is_training"]
        graph, outputs = _frozen(trained)
        assert [node.name for node in graph.node if node.op == "Placeholder"] == ["mel"]
        trained.restore(child, outputs)
        live = child.run(outputs, {"mel": X, "is_training": np.array(False)})
    assert live.keys() == {*outputs}
    tags = next(name for name in outputs if by_name(graph)[name].op == "Softmax")
    for found, expected in zip(run_openvino(graph, outputs, X), live.values(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(live[tags], np.load(models / "constants.npz")["y"], atol=1e-6)
    if name == "flagged-function":
        assert {by_name(graph)[name].op for name in outputs} == {"Softmax", "MatMul", "Relu"}


@tensorflow
@pytest.mark.parametrize(
    ("name", "variable"),
    [("stateful-saved", "memory/rnn_state"), ("stateful.keras", "memory/rnn_state")],
)
def test_a_model_that_goes_on_where_it_ended_is_refused_with_its_variable(
    models: Path, name: str, variable: str
) -> None:
    with TensorFlow() as child, pytest.raises(UsageError, match="has a state") as refused:
        Trained.open(str(models / name), "", child)
    assert f"changes {variable}" in refused.value.why.replace("sequential/", "")
    assert refused.value.why.count(" changes ") == 2 and "stateful" in refused.value.hint


@tensorflow
@pytest.mark.parametrize("folder", ["averaged", "averagedtrain"])
@pytest.mark.parametrize("architecture", ["", "authors.towers:tower"])
def test_moving_averages_are_what_tensorflow_restores_by_its_own_mapping(
    models: Path,
    folder: str,
    architecture: str,
    run_tensorflow: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(models)
    expected = np.load(models / folder / "model.npz")
    assert np.abs(expected["own"] - expected["averages"]).max() > 1e-3
    for key, moving_average in (("own", False), ("averages", True)):
        with TensorFlow() as child:
            trained = Trained.open(folder, architecture, child, moving_average)
            graph, outputs = _frozen(trained)
            trained.restore(child, outputs)
            live = child.run(["tags"], {"mel": X, "is_training": np.array(False)})
        assert np.array_equal(live["tags"], expected[key])
        (found,) = run_tensorflow(graph, ["tags"], X, "mel")
        np.testing.assert_allclose(found, expected[key], rtol=0, atol=5e-7)  # folded otherwise


@tensorflow
def test_a_model_that_asks_for_too_much_memory_is_refused(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "wide.keras"
    with zipfile.ZipFile(models / "model.keras") as read, zipfile.ZipFile(path, "w") as written:
        for name in read.namelist():
            data = read.read(name)
            if name == "config.json":
                data = data.replace(b'"units": 3', b'"units": 2000000000')
            written.writestr(name, data)
    with TensorFlow() as child, pytest.raises(IntegrityError, match="cannot load") as refused:
        Trained.open(str(path), "", child)
    told = refused.value.why + refused.value.hint
    assert "OOM" in told or "ZOO_MEMORY" in told


@tensorflow
@pytest.mark.parametrize("architecture", ["", "authors.towers:tower"])
def test_a_checkpoint_is_restored_into_its_own_graph_or_the_one_that_python_builds(
    models: Path,
    architecture: str,
    run_openvino: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(models)
    with TensorFlow() as child:
        trained = Trained.open("graphless" if architecture else "trained", architecture, child)
        graph, outputs = _frozen(trained)
        trained.restore(child, outputs)
        live = child.run(outputs, {"mel": X, "is_training": np.array(False)})
    assert outputs == ["tags", "dense_1/BiasAdd", "dense/BiasAdd"]
    expected = np.load(models / "tower.npz")["y"]
    np.testing.assert_allclose(live["tags"], expected, atol=1e-6)
    np.testing.assert_allclose(run_openvino(graph, ["tags"], X)[0], expected, atol=1e-5)


@tensorflow
@pytest.mark.parametrize(
    ("function", "error", "said"),
    [
        ("authors.towers:narrow_tower", IntegrityError, "is [576, 6] there|is [336, 6] there"),
        ("authors.towers:broken_tower", UsageError, "ZeroDivisionError: layers"),
        ("authors.towers:none", NotFoundError, "none"),
        ("nobody.towers:tower", NotFoundError, "nobody"),
    ],
)
def test_a_function_that_builds_another_network_is_refused(
    models: Path, function: str, error: type[Exception], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(models)
    with TensorFlow() as child, pytest.raises(error) as refused:
        Trained.open("graphless", function, child)
    assert any(each in refused.value.why for each in said.split("|"))  # type: ignore[attr-defined]


@tensorflow
@pytest.mark.parametrize("name", ["lambda.keras", "lambda.h5"])
def test_a_lambda_layer_is_refused_before_keras_sees_it(models: Path, name: str) -> None:
    with TensorFlow() as child, pytest.raises(UsageError, match="is not loaded") as refused:
        Trained.open(str(models / name), "", child)
    assert "Python code" in refused.value.why


@tensorflow
@pytest.mark.parametrize("name", ["junk.keras", "junk.h5"])
def test_a_file_of_another_kind_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version https://git-lfs")
    with TensorFlow() as child, pytest.raises(WrongKindError):
        Trained.open(str(tmp_path / name), "", child)


@tensorflow
def test_a_damaged_savedmodel_is_an_error_and_no_crash(models: Path, tmp_path: Path) -> None:
    whole = (models / "saved" / "saved_model.pb").read_bytes()
    (tmp_path / "saved_model.pb").write_bytes(whole[: len(whole) // 2])
    with TensorFlow() as child, pytest.raises(IntegrityError, match="is damaged"):
        Trained.open(str(tmp_path), "", child)


@tensorflow
def test_values_that_do_not_fit_are_an_error_and_the_child_lives_on(models: Path) -> None:
    with TensorFlow() as child:
        child.load("savedmodel", str(models / "saved"))
        with pytest.raises(RunError):
            child.run(["StatefulPartitionedCall/Softmax"], {"mel": X[..., :5]})
        assert child.run(["StatefulPartitionedCall/Softmax"], {"mel": X})


@tensorflow
def test_a_child_that_dies_is_told(models: Path) -> None:
    with TensorFlow() as child:
        child.load("savedmodel", str(models / "saved"))
        assert child._child
        child._child.process.kill()
        with pytest.raises(IntegrityError, match="gave no answer") as told:
            child.run(["Identity"], {"mel": X})
    assert told.value.why.startswith("It was killed by signal 9")


@tensorflow
def test_this_process_does_not_import_tensorflow(models: Path) -> None:
    program = (
        "import sys\nfrom freeze.trained import Trained\n"
        "from freeze.with_tensorflow import TensorFlow\n"
        "with TensorFlow() as child: Trained.open(sys.argv[1], '', child)\n"
        "assert not {'tensorflow', 'keras'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program, str(models / "saved")], check=True)


@pytest.mark.parametrize(
    ("name", "architecture"), [("model.keras", ""), ("model.h5", ""), ("saved", ""), ("c", "a:b")]
)
def test_without_tensorflow_the_extra_is_named(
    tmp_path: Path, name: str, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(with_tensorflow, "is_installed", lambda: False)
    if name == "saved":
        model = SavedModel()
        graph = graphs.graph("w = VarHandleOp\ny = ReadVariableOp w")
        meta = model.meta_graphs.add(graph_def=graph)
        meta.signature_def["serve"].outputs["y"].name = "y:0"
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved_model.pb").write_bytes(model.SerializeToString())
    else:
        (tmp_path / name).touch()
    with TensorFlow() as child, pytest.raises(MissingExtraError) as missing:
        Trained.open(str(tmp_path / name), architecture, child)
    assert "pip install 'audiozoo[tensorflow]'" in missing.value.hint
