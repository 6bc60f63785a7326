"""ONNX models: what they compute, what they are called, and what they carry."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from catalog.errors import MissingExtraError, NoError, UsageError, WrongKindError
from catalog.record import Record
from convert import onnx
from convert.export_graph import AUDIO, FEATURES, ExportGraph
from convert.frontend_graph import attach
from freeze.analysis.summary import schema_of, summarize
from freeze.formats import graphdef, tensors
from freeze.graph.prune import prune
from predictors.features.analysis import features
from predictors.features.families import choose
from predictors.features.frontends import MUSICNN
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.openvino_engine import import_openvino, openvino
from tests.support import lab

tensorflow = pytest.mark.tensorflow
lasting = pytest.mark.usefixtures("lasting_programs")
Arrays = dict[str, NDArray[np.float32]]

MODELS = {
    "msd-musicnn-1": ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd"),
    "genre_dortmund_musicnn_msd": (
        *("model/Sigmoid", "model/dense/BiasAdd"),
        *("model/dense_1/BiasAdd", "model/dense_2/BiasAdd"),
    ),
    "small_vggish_init": ("model/Sigmoid", "model/vggish/fc2/BiasAdd"),
    "deeptemp_k16": ("output",),
    "crepe-tiny-1": ("model/classifier/Sigmoid",),
    "emomusic-msd-musicnn-1": ("dense_out",),
    "vgg4": ("model/Softmax",),
}
"""The layers of the small models, by their ids."""


def _portable(path: Path, outputs: Sequence[str], id: str) -> ExportGraph:
    graph = prune(graphdef.read(path), outputs, ["model/Placeholder_1"] if id == "vgg4" else [])
    record = Record({"schema": schema_of(summarize(graph)), "classes": ["é"], "zoo": {"id": id}})
    return ExportGraph.of(graph, outputs, record)


def _batch(model: ExportGraph, size: int) -> NDArray[np.float32]:
    (port,) = model.inputs
    shape = [256 if axis is None else axis for axis in port.shape or ()]
    return np.random.default_rng(7).random((size, *shape[1:]), np.float32)


def _reference(model: ExportGraph, batch: NDArray[np.float32]) -> Arrays:
    names = tuple(port.name for port in model.outputs)
    run = openvino(PrunedGraph(model.graph, model.inputs[0].name, (), names), batch.shape)
    return dict(zip(names, (each.copy() for each in run(batch)), strict=True))


def _agree(found: Arrays, original: Arrays, tolerance: float) -> None:
    assert list(found) == list(original)
    for name, values in original.items():
        scale = float(np.abs(values).max())
        np.testing.assert_allclose(found[name], values, 0, tolerance * scale, err_msg=name)


@pytest.fixture
def tagger(tmp_path: Path) -> ExportGraph:
    return _tagger(tmp_path)


def _tagger(folder: Path) -> ExportGraph:
    network = lab.Network(folder)
    return _portable(network.path, ("sigmoids", "logits", "embeddings"), "tiny")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tagger as ONNX."""
    folder = tmp_path_factory.mktemp("onnx")
    onnx.write(_tagger(folder), folder / "tiny.onnx")
    return folder / "tiny.onnx"


@tensorflow
@lasting
@pytest.mark.shared
@pytest.mark.parametrize("name", MODELS)
def test_a_model_computes_the_same_as_onnx(name: str, shared: Path, tmp_path: Path) -> None:
    from onnx import checker

    model = _portable(shared / "models" / f"{name}.pb", MODELS[name], name)
    path = tmp_path / "model.onnx"
    onnx.write(model, path)
    checker.check_model(str(path), full_check=True)
    for size in (1, 3):
        batch = _batch(model, size)
        found = onnx.run(path, {model.inputs[0].name: batch}, MODELS[name])
        _agree(found, _reference(model, batch), 1e-5)


@tensorflow
@lasting
@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["msd-musicnn-1", "small_vggish_init", "deeptemp_k16", "crepe-tiny-1"]
)
def test_a_model_with_its_front_end_hears_what_python_hears(
    name: str, shared: Path, tmp_path: Path
) -> None:
    file, layer = shared / "models" / f"{name}.pb", MODELS[name][0]
    model, path = _portable(file, [layer], name), tmp_path / "model.onnx"
    (port,) = model.inputs
    sizes = tuple(-1 if size is None else size for size in (port.shape or ())[1:])
    family = choose(Record({}), sizes)
    onnx.write(attach(model, family), path)
    rate = family.frontend.sample_rate
    sound = np.tile(lab.impulses(rate), 2)[: int((family.shortest + 7) * rate)]
    expected = Predictor(Model(Record({}), file)).predict(sound, layer=layer).activations
    found = onnx.run(path, {AUDIO: sound}, [layer])
    assert len(expected) > 1
    _agree(found, {layer: expected}, 1e-5)


@tensorflow
def test_openvino_reads_what_is_written(tagger: ExportGraph, written: Path) -> None:
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = import_openvino().Core().compile_model(str(written), "CPU", settings)
    batch = _batch(tagger, 3)
    found = compiled({"input": batch})
    names = [port.name for port in tagger.outputs]
    _agree({name: found[name] for name in names}, _reference(tagger, batch), 1e-5)


@tensorflow
def test_the_file_has_the_names_of_the_record_and_tells_what_it_means(
    tagger: ExportGraph, written: Path
) -> None:
    from onnx import load

    model = load(str(written))
    assert [value.name for value in model.graph.input] == ["input"]
    assert [value.name for value in model.graph.output] == ["sigmoids", "logits", "embeddings"]
    sizes = [axis.dim_param or axis.dim_value for axis in _axes(model.graph.input[0])]
    assert sizes == ["batch", 187, 96]
    told = {each.key: json.loads(each.value) for each in model.metadata_props}
    assert told == tagger.metadata
    assert told["zoo"]["classes"] == ["é"]


def _axes(value: Any) -> Any:
    return value.type.tensor_type.shape.dim


@tensorflow
def test_the_same_network_gives_the_same_bytes(
    tagger: ExportGraph, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    onnx.write(tagger, tmp_path / "tiny.onnx")
    assert (tmp_path / "tiny.onnx").read_bytes() == written.read_bytes()


@tensorflow
@lasting
@pytest.mark.shared
def test_half_precision_halves_the_file_and_moves_activations_little(
    shared: Path, tmp_path: Path
) -> None:
    name = "msd-musicnn-1"
    model = _portable(shared / "models" / f"{name}.pb", MODELS[name], name)
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    onnx.write(model, whole)
    onnx.write(model, half, "float16")
    assert half.stat().st_size < 0.52 * whole.stat().st_size
    batch = _batch(model, 1)
    found = onnx.run(half, {model.inputs[0].name: batch}, MODELS[name])
    original = _reference(model, batch)
    _agree(found, original, 1e-2)
    assert np.abs(found["model/Sigmoid"] - original["model/Sigmoid"]).max() > 0


@tensorflow
@lasting
@pytest.mark.shared
def test_a_front_end_is_not_halved(shared: Path, tmp_path: Path) -> None:
    name = "msd-musicnn-1"
    model = _portable(shared / "models" / f"{name}.pb", MODELS[name][:1], name)
    path, sound = tmp_path / "half.onnx", lab.noise(16000)
    onnx.write(attach(model, choose(Record({}), (187, 96))), path, "float16")
    assert path.stat().st_size < 2_000_000
    found = onnx.run(path, {AUDIO: sound}, [FEATURES])[FEATURES]
    np.testing.assert_allclose(found, features(sound, MUSICNN), rtol=0, atol=1e-4)


@tensorflow
@lasting
def test_weights_too_large_for_half_precision_stay_whole(
    tagger: ExportGraph, tmp_path: Path
) -> None:
    first = graphdef.by_name(tagger.graph)["first"]
    weights = tensors.array(first.attr["value"].tensor, "first").copy()
    weights[0, 0] = 1e6
    first.CopyFrom(tensors.constant("first", weights))
    path = tmp_path / "tiny.onnx"
    onnx.write(tagger, path, "float16")
    batch = _batch(tagger, 1)
    names = [port.name for port in tagger.outputs]
    _agree(onnx.run(path, {"input": batch}, names), _reference(tagger, batch), 1e-5)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_integer_weights_are_refused(kind: str, tagger: ExportGraph, tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    with pytest.raises(UsageError, match=kind) as refused:
        onnx.write(tagger, path, kind)
    assert "--quantize float16" in refused.value.hint
    assert not path.exists()


def test_without_the_extra_it_is_named(
    tagger: ExportGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="tf2onnx") as missing:
        onnx.write(tagger, tmp_path / "tiny.onnx")
    assert "pip install 'audiozoo[onnx]'" in missing.value.hint
    with pytest.raises(MissingExtraError, match="onnxruntime"):
        onnx.run(tmp_path / "tiny.onnx", {}, [])


@tensorflow
@lasting
def test_an_operation_without_onnx_is_told(tagger: ExportGraph, tmp_path: Path) -> None:
    graphdef.by_name(tagger.graph)["sigmoids"].op = "Lgamma"
    path = tmp_path / "tiny.onnx"
    with pytest.raises(NoError, match="cannot convert tiny") as refused:
        onnx.write(tagger, path)
    assert "Lgamma" in refused.value.why
    assert not path.exists()


@tensorflow
def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"nothing")
    with pytest.raises(WrongKindError, match=r"broken\.onnx"):
        onnx.run(path, {"x": np.zeros((1, 1), np.float32)}, ["y"])


def _in_node(path: Path, folder: Path, name: str, values: Any, outputs: Sequence[str]) -> Arrays:
    """Run a model in onnxruntime-web."""
    (folder / "input").write_bytes(values.tobytes())
    request = {"model": str(path), "folder": str(folder), "outputs": outputs}
    ran = subprocess.run(
        ["node", str(Path(__file__).with_name("onnxruntime.mjs"))],
        input=json.dumps({**request, "input": name, "shape": values.shape}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    files = (np.fromfile(folder / f"output{index}", np.float32) for index in range(len(outputs)))
    shapes = json.loads(ran.stdout)
    return {n: f.reshape(s) for n, f, s in zip(outputs, files, shapes, strict=True)}


@tensorflow
@lasting
@pytest.mark.node
@pytest.mark.shared
@pytest.mark.usefixtures("node_modules")
@pytest.mark.parametrize(("quantize", "tolerance"), [(None, 1e-4), ("float16", 1e-2)])
def test_onnxruntime_web_computes_what_python_computes(
    quantize: str | None, tolerance: float, shared: Path, tmp_path: Path
) -> None:
    name = "msd-musicnn-1"
    model = _portable(shared / "models" / f"{name}.pb", MODELS[name], name)
    path = tmp_path / "model.onnx"
    onnx.write(model, path, quantize)
    batch = _batch(model, 2)
    found = _in_node(path, tmp_path, model.inputs[0].name, batch, MODELS[name])
    _agree(found, _reference(model, batch), tolerance)


@tensorflow
@lasting
@pytest.mark.node
@pytest.mark.shared
@pytest.mark.usefixtures("node_modules")
def test_onnxruntime_web_hears_what_python_hears(shared: Path, tmp_path: Path) -> None:
    file = shared / "models" / "msd-musicnn-1.pb"
    path, layer = tmp_path / "model.onnx", "model/Sigmoid"
    family = choose(Record({}), (187, 96))
    onnx.write(attach(_portable(file, [layer], "msd-musicnn-1"), family), path)
    sound = soundfile.read(shared / "goldens" / "audio" / "noise_44100.wav", dtype="float32")[0]
    model = Predictor(Model(Record({"schema": {"outputs": [{"name": layer}]}}), file))
    expected = model.predict(sound, 16000, layer=layer).activations
    found = _in_node(path, tmp_path, AUDIO, sound, [layer, FEATURES])
    assert found[layer].shape == expected.shape and len(expected) > 1
    np.testing.assert_allclose(found[layer], expected, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found[FEATURES], features(sound, MUSICNN), rtol=0, atol=1e-4)


@tensorflow
def test_tensorflow_stays_out_of_the_process_and_quiet(tmp_path: Path) -> None:
    network = lab.Network(tmp_path)
    script = f"""
import sys
from pathlib import Path
from catalog.record import Record
from convert import onnx
from convert.export_graph import ExportGraph
from freeze.formats import graphdef
graph = graphdef.read(Path({str(network.path)!r}))
path = Path({str(tmp_path / "tiny.onnx")!r})
onnx.write(ExportGraph.of(graph, ["sigmoids"], Record({{"zoo": {{"id": "tiny"}}}})), path)
print(sorted({{"tensorflow", "onnx", "tf2onnx"}} & set(sys.modules)), path.is_file())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[] True\n", "")
