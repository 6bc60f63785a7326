"""Models in files of the user's own: TensorFlow.js models in folders and archives."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo as library
from catalog.errors import IntegrityError, NotFoundError
from catalog.record import Record
from convert import tfjs
from convert.export_graph import ExportGraph
from convert.frontend_graph import attach
from convert.joined import join
from freeze.formats import graphdef
from freeze.network_file import NetworkFile
from predictors.features import families
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes.openvino_engine import openvino
from tests.support import lab
from zoo.finding import find
from zoo.local_models import description, graph_path

shared_only = pytest.mark.shared


def _web(path: Path, metadata: Any = None) -> Path:
    """A TensorFlow.js model of one node, and what is said of it."""
    path.mkdir()
    topology = {"node": [{"name": "input", "op": "Placeholder"}]}
    document = {"format": "graph-model", "modelTopology": topology}
    if metadata is not None:
        document["userDefinedMetadata"] = metadata
    (path / "model.json").write_text(json.dumps(document))
    return path


def test_a_folder_of_both_is_that_of_the_frozen_graph(tmp_path: Path) -> None:
    folder = _web(tmp_path / "model")
    assert graph_path(folder) == folder
    (folder / "tiny.pb").touch()
    assert graph_path(folder) == folder / "tiny.pb"


@pytest.mark.parametrize("name", ["none.zip", "model.json", "none.pb"])
def test_a_path_with_nothing_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        graph_path(tmp_path / name)


def test_other_words_are_names(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert graph_path("msd-musicnn-1") is None
    assert graph_path(tmp_path / "folder") is None


@pytest.mark.parametrize("metadata", [None, [], {}, {"zoo": 1}, {"zoo": {"record": []}}])
def test_a_web_model_need_not_carry_a_record(metadata: Any, tmp_path: Path) -> None:
    assert description(NetworkFile(_web(tmp_path / "web", metadata))) is None


def test_the_record_that_an_export_carries_is_its_own(tmp_path: Path) -> None:
    record = {"classes": ["a"], "zoo": {"id": "tiny"}}
    folder = _web(tmp_path / "tiny-tfjs", {"zoo": {"record": record}})
    (tmp_path / "tiny.json").write_text("{}")
    assert find(folder).record.document == record
    assert find(folder / "model.json").record.document == record


@pytest.mark.parametrize("schema", [1, {"outputs": [{}]}, {"outputs": [{"name": 1}]}])
def test_a_carried_record_without_sense_is_told(schema: Any, tmp_path: Path) -> None:
    folder = _web(tmp_path / "web", {"zoo": {"record": {"schema": schema, "zoo": {}}}})
    with pytest.raises(IntegrityError, match="says of itself is not a model record"):
        find(folder)


def test_metadata_beside_a_web_model_bear_its_name(tmp_path: Path, tiny: Any) -> None:
    for place in ("tiny", "tiny-tfjs"):
        found = description(NetworkFile(_web(tmp_path / place)))
        assert found is not None and found.classes == ("quiet", "loud")


@pytest.fixture
def published(shared: Path) -> Path:
    return shared / "models" / "msd-musicnn-1-tfjs"


@shared_only
@pytest.mark.parametrize("layer", ["predictions", "logits", "embeddings"])
def test_a_web_model_says_what_its_frozen_graph_says(
    layer: str, published: Path, shared: Path
) -> None:
    audio = shared / "goldens" / "audio" / "flamenco.mp3"
    web = library.load(published).predict(audio, layer=layer)
    frozen = library.load(published.with_name("msd-musicnn-1.pb")).predict(audio, layer=layer)
    assert (web.model, web.classes) == (frozen.model, frozen.classes)
    np.testing.assert_allclose(web.activations, frozen.activations, rtol=0, atol=1e-6)


@shared_only
def test_folder_topology_and_archive_are_models(
    predict: Callable[..., Any], published: Path, shared: Path, tmp_path: Path
) -> None:
    audio = shared / "goldens" / "audio" / "noise_44100.wav"
    shutil.copytree(published, tmp_path / "msd-musicnn-1")
    with zipfile.ZipFile(tmp_path / "msd-musicnn-1-tfjs.zip", "w") as archive:
        for file in published.iterdir():
            archive.write(file, f"model/{file.name}")
    words = ("msd-musicnn-1", "msd-musicnn-1/model.json", "msd-musicnn-1-tfjs.zip")
    rows = [predict(word, audio, "--json").document["results"][0] for word in words]
    assert [row["model"] for row in rows] == ["msd-musicnn-1"] * 3
    assert rows[0]["mean"] == rows[1]["mean"] == rows[2]["mean"]
    assert rows[0]["top"][0]["class"] in rows[0]["classes"]


@shared_only
def test_a_web_model_of_no_known_name_is_run_on_assumptions(
    predict: Callable[..., Any], published: Path, shared: Path, tmp_path: Path
) -> None:
    audio = shared / "goldens" / "audio" / "noise_44100.wav"
    shutil.copytree(published, tmp_path / "mine")
    ran = predict("mine", audio, "--json")
    assert "mine has no metadata beside it" in ran.err and "model/Sigmoid" in ran.err
    assert ran.document["results"][0]["classes"] == list(map(str, range(50)))


def test_an_archive_of_something_else_is_told(predict: Callable[..., Any], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "songs.zip", "w") as archive:
        archive.writestr("song.txt", "la")
    ran = predict("songs.zip", "song.wav")
    assert ran.code == 3


def test_an_onnx_model_is_found_with_its_record(
    predict: Callable[..., Any], tiny: Any, tmp_path: Path
) -> None:
    song = lab.audio(tmp_path / "song.wav", lab.noise(16000), 16000)
    expected = predict("tiny.pb", song, "--json").document["results"]
    found = predict(tiny.onnx().name, song, "--json")
    assert found.document["results"] == expected
    tiny.path.with_suffix(".json").unlink()
    alone = predict("tiny.onnx", song, "--json")
    assert "tiny.onnx has no metadata" in alone.err and "predictions sigmoids" in alone.err
    carried = json.dumps({"record": {**tiny.record, "classes": ["x", "y"]}})
    tiny.onnx(":0", {"zoo": carried})
    result = predict("tiny.onnx", song, "--json")
    assert result.document["results"][0]["classes"] == ["x", "y"]
    assert result.err == ""


@pytest.mark.parametrize("carried", ["", "{", "[]", "{}", '{"record": 1}'])
def test_an_onnx_model_that_carries_something_else_has_no_record(carried: str, tiny: Any) -> None:
    tiny.path.with_suffix(".json").unlink()
    assert description(NetworkFile(tiny.onnx(metadata={"zoo": carried}))) is None


def test_an_onnx_model_is_not_exported(zoo: Callable[..., Any], tiny: Any) -> None:
    ran = zoo("export", tiny.onnx(), "--to", "pb")
    assert ran.code == 2 and "is an ONNX model" in ran.err


@pytest.mark.parametrize("frontend", [[], ["--with-frontend"]])
def test_an_export_says_what_its_original_says(
    frontend: list[str], predict: Callable[..., Any], zoo: Callable[..., Any], tiny: Any
) -> None:
    song = lab.audio(Path("song.wav"), lab.impulses(16000), 16000)
    expected = predict("tiny.pb", song, "--json").document["results"]
    zoo("export", "tiny.pb", "--to", "tfjs", "--verify", "reader", *frontend)
    tiny.path.with_suffix(".json").unlink()
    ran = predict("tiny-tfjs", song, "--json")
    assert ran.err == ""
    (found,), (original,) = ran.document["results"], expected
    assert found["times"] == original["times"] and found["classes"] == original["classes"]
    assert found["mean"] == pytest.approx(original["mean"], abs=1e-6)


@pytest.mark.parametrize("frontend", [False, True])
def test_a_head_exported_with_its_extractor_is_fed_audio(
    frontend: bool, tiny: Any, tmp_path: Path
) -> None:
    head = lab.Head(tmp_path, "tiny")
    record, below = Record(head.record), Record(tiny.record)
    family = families.choose(below, (187, 96))
    network = ExportGraph.of(graphdef.read(head.path), ["score"], record)
    base = ExportGraph.of(graphdef.read(tiny.path), ["embeddings"], below, family)
    both = join(network, base, "embeddings")
    tfjs.write(attach(both, family) if frontend else both, tmp_path / "both")
    samples = lab.impulses(16000)
    original = Predictor(Model(record, head.path, Model(below, tiny.path))).predict(samples)
    found = library.load(tmp_path / "both").predict(samples)
    assert (found.model, found.classes) == (original.model, original.classes)
    np.testing.assert_allclose(found.activations, original.activations, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found.times, original.times)


@shared_only
def test_a_web_model_becomes_the_frozen_graph_again(
    zoo: Callable[..., Any],
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    told = zoo("export", published, "--to", "pb", "--json").document
    layers = tuple(layer["name"] for layer in told["layers"])
    assert told["output"] == "msd-musicnn-1.pb"
    assert layers == ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd")
    files = (Path("msd-musicnn-1.pb"), published.with_name("msd-musicnn-1.pb"))
    batch = np.random.default_rng(0).random((2, 187, 96), np.float32)
    graphs = [Model(Record({}), file).graph(*layers) for file in files]
    found, expected = ([each.copy() for each in openvino(g, batch.shape)(batch)] for g in graphs)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
    (report,) = zoo("validate", "msd-musicnn-1.pb", "--json").document["targets"]
    told = {check["id"] for check in report["checks"] if check["status"] in ("failed", "warned")}
    assert told <= {"file-size", "file-digest"}  # it is not the published file


def test_a_graph_that_is_not_the_one_of_its_record_is_told(
    zoo: Any, tiny: Any, song: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    digest = hashlib.sha256(tiny.path.read_bytes()).hexdigest()
    for known, told in ((digest, False), ("0" * 64, True)):
        files = [{"kind": "pb", "sha256": known}]
        record = {**tiny.record, "zoo": {"id": "tiny", "files": files}}
        tiny.path.with_suffix(".json").write_text(json.dumps(record))
        ran = zoo("predict", "tiny.pb", song)
        assert ran.code == 0 and ("does not match its record" in ran.err) is told
