"""Every export, run by real TensorFlow.js, against the original in Python."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from catalog.index import catalog
from convert.export_graph import AUDIO
from predictors.runtimes.openvino_engine import openvino
from validate import parity
from zoo import load
from zoo.exporting import exporter, node
from zoo.finding import located

pytestmark = [
    pytest.mark.node,
    pytest.mark.shared,
    pytest.mark.usefixtures("tensorflowjs", "lasting_programs"),
]

MODELS = {
    "msd-musicnn-1": 2,
    "genre_dortmund_musicnn_msd": 2,
    "small_vggish_init": 3,
    "deeptemp_k16": 2,
    "crepe-tiny-1": 20,
    "emomusic-msd-musicnn-1": 7,
    "vgg4": 3,
}
"""The small models, and how many patches to feed them; some have batches of fixed size."""

LISTENING = {
    "msd-musicnn-1": 72_000,
    "genre_dortmund_musicnn_msd": 72_000,
    "small_vggish_init": 72_000,
    "deeptemp_k16": 200_000,
    "crepe-tiny-1": 8_000,
}
"""Those that have a front-end, and how many samples to feed them: two patches or more."""

Arrays = Mapping[str, NDArray[np.float32]]


def export(model: Path, to: Path, **options: Any) -> Path:
    folder = exporter.export(model, "tfjs", to, verify="reader", **options).output
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_400_000
    return folder


def original(model: Path, count: int) -> tuple[str, NDArray[np.float32], Arrays]:
    """The input of a network, a random batch for it, and what OpenVINO makes of that."""
    found = located(str(model))
    layers = tuple(layer.name for layer in found.record.outputs)
    graph = found.graph(*layers)
    shape = [count, *(size if size > 0 else 256 for size in graph.shape[1:])]
    batch = parity.random_input("float32", shape)
    outputs = openvino(graph, batch.shape)(batch)
    return graph.input, batch, dict(zip(layers, outputs, strict=True))


def music(shared: Path, samples: int) -> NDArray[np.float32]:
    """A piece of a song."""
    path = shared / "goldens" / "audio" / "joram-moments_of_clarity-08-solipsism-59-88.mp3"
    audio: NDArray[np.float32] = soundfile.read(path, samples, dtype="float32")[0]
    return audio


def assert_same(found: Arrays, expected: Arrays, tolerance: float) -> None:
    """Compare layers, each by its own largest value if that is over 1."""
    assert list(found) == list(expected)
    for name, values in expected.items():
        scale = max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(
            found[name], values, rtol=0, atol=tolerance * scale, err_msg=name
        )


@pytest.mark.parametrize("model", MODELS)
def test_wasm_and_cpu_compute_what_openvino_computes(
    model: str, shared: Path, tmp_path: Path
) -> None:
    path = shared / "models" / f"{model}.pb"
    folder = export(path, tmp_path / model)

    for count, backend in ((MODELS[model], "wasm"), (1, "cpu")):
        name, batch, expected = original(path, count)
        assert_same(node.run(folder, {name: batch}, list(expected), backend), expected, 1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_half_precision_weights_are_almost_as_good(
    model: str, shared: Path, tmp_path: Path
) -> None:
    path = shared / "models" / f"{model}.pb"
    folder = export(path, tmp_path / model, quantize="float16")

    name, batch, expected = original(path, MODELS[model])
    assert_same(node.run(folder, {name: batch}, list(expected)), expected, 1e-2)


@pytest.mark.parametrize("model", LISTENING)
def test_audio_in_gives_what_predict_gives(model: str, shared: Path, tmp_path: Path) -> None:
    path = shared / "models" / f"{model}.pb"
    predictor = load(path)
    folder = export(path, tmp_path / model, with_frontend=True)
    audio = music(shared, LISTENING[model])

    layers = [layer.name for layer in predictor.record.outputs]
    expected = {layer: predictor.predict(audio, layer=layer).activations for layer in layers}
    assert_same(node.run(folder, {AUDIO: audio}, layers), expected, 1e-4)


def test_a_head_with_its_extractor_and_front_end(shared: Path, tmp_path: Path) -> None:
    for id in ("msd-musicnn-1", "emomusic-msd-musicnn-1"):
        shutil.copyfile(shared / "models" / f"{id}.pb", tmp_path / f"{id}.pb")
        (tmp_path / f"{id}.json").write_text(json.dumps(catalog().find(id).document))
    path = tmp_path / "emomusic-msd-musicnn-1.pb"
    predictor = load(path)
    folder = export(path, tmp_path / "emomusic", with_frontend=True, with_extractor=True)
    audio = music(shared, LISTENING["msd-musicnn-1"])

    expected = {"dense_out": predictor.predict(audio).activations}
    assert_same(node.run(folder, {AUDIO: audio}, ["dense_out"]), expected, 1e-4)


def test_the_published_web_model_computes_what_its_frozen_graph_computes(shared: Path) -> None:
    name, batch, expected = original(shared / "models" / "msd-musicnn-1.pb", 2)
    layers = ["model/Sigmoid", "model/dense_1/BiasAdd"]  # its embeddings are fused away

    found = node.run(shared / "models" / "msd-musicnn-1-tfjs", {name: batch}, layers)
    assert_same(found, {layer: expected[layer] for layer in layers}, 1e-4)
