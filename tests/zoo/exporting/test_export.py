"""``zoo export``: what is written is proven equal, or is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert import tfjs as writer
from tests.support import lab
from zoo import load
from zoo.exporting.proof import LIMITS

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
KEYS = ["name", "shape", "max_abs", "tolerance"]


@pytest.fixture
def export(zoo: Run, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Export ``tiny.pb``, far from any network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    return lambda *words: zoo("export", "tiny.pb", *words)


def left_behind(folder: Path) -> list[str]:
    """What lies beside the model and the store."""
    known = ("tiny.pb", "tiny.json", "zoo-home")
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def test_every_layer_of_the_schema_is_exported_and_proven(export: Run, tmp_path: Path) -> None:
    document = export("--to", "tfjs", "--json").document
    assert list(document) == ["output", "format", "ok", "layers"]
    assert document["output"] == "tiny-tfjs" and document["ok"] is True
    layers = {layer["name"]: layer for layer in document["layers"]}
    assert list(layers) == ["sigmoids", "logits", "embeddings"]
    assert all(list(layer) == KEYS for layer in layers.values())
    assert layers["embeddings"]["shape"] == [-1, 3]
    assert all(layer["max_abs"] <= layer["tolerance"] for layer in layers.values())
    assert left_behind(tmp_path) == ["tiny-tfjs"]


def test_the_file_tells_a_page_all_it_needs(export: Run, tmp_path: Path) -> None:
    export("--to", "tfjs")
    document = json.loads((tmp_path / "tiny-tfjs" / "model.json").read_text())
    told = document["userDefinedMetadata"]["zoo"]
    assert told["classes"] == ["quiet", "loud"] and told["sample_rate"] == 16000
    assert told["outputs"]["embeddings"] == "embeddings" and told["input"] == "input"
    assert told["frontend"]["bands"] == 96 and told["patch"] == {"frames": 187, "hop": 93}
    assert list(document["signature"]["outputs"]) == ["sigmoids"]


def test_some_layers_are_exported_by_purpose_or_node(export: Run, zoo: Run) -> None:
    document = export("--to", "tfjs", "--layers", "embeddings,sigmoids", "--json").document
    assert [layer["name"] for layer in document["layers"]] == ["embeddings", "sigmoids"]
    back = zoo("export", "tiny-tfjs", "--to", "pb", "--json").document
    assert {layer["name"] for layer in back["layers"]} == {"embeddings", "sigmoids"}


def test_an_export_without_predictions_has_its_first_layer_as_its_output(
    export: Run, tmp_path: Path
) -> None:
    export("--to", "tfjs", "--layers", "embeddings,logits")
    document = json.loads((tmp_path / "tiny-tfjs" / "model.json").read_text())
    assert list(document["signature"]["outputs"]) == ["embeddings"]


def test_an_export_with_its_front_end_reads_audio(export: Run, tmp_path: Path) -> None:
    document = export("--to", "tfjs", "--with-frontend", "--json").document
    features = next(layer for layer in document["layers"] if layer["name"] == "melspectrogram")
    assert features["max_abs"] <= 1e-4
    model = json.loads((tmp_path / "tiny-tfjs" / "model.json").read_text())
    assert list(model["signature"]["inputs"]) == ["audio"]


def test_a_broken_export_is_refused_and_nothing_is_placed(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writer.write

    def careless(exported: Any, folder: Path, quantize: Any = None) -> None:
        write(exported, folder, quantize)
        shard = next(folder.glob("*.bin"))
        weights = np.fromfile(shard, np.float32)
        weights[np.abs(weights) > 0.05] *= 1.01
        weights.tofile(shard)
        model = json.loads((folder / "model.json").read_text())
        for group in model["weightsManifest"]:
            del group["sha256"]
        (folder / "model.json").write_text(json.dumps(model))

    monkeypatch.setattr(writer, "write", careless)
    ran = export("--to", "tfjs", "--json")
    assert ran.code == 1 and ran.document["error"]["type"] == "ParityError"
    assert "sigmoids differs by" in ran.document["error"]["why"]
    assert left_behind(tmp_path) == []


def test_a_proof_without_tensorflowjs_says_so_unless_that_is_asked_for(
    export: Run, tmp_path: Path
) -> None:
    ran = export("--to", "tfjs", "-o", "one")
    assert ran.code == 0 and "TensorFlow.js itself was not asked." in ran.err
    ran = export("--to", "tfjs", "-o", "two", "--verify", "reader")
    assert ran.code == 0 and "was not asked" not in ran.err
    assert export("--to", "tfjs", "-o", "three", "--verify", "node").code in (4, 6)
    assert left_behind(tmp_path) == ["one", "two"]


@pytest.mark.node
def test_what_tensorflowjs_cannot_run_is_refused_unless_it_is_left_out(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tensorflowjs: Path
) -> None:
    write = writer.write

    def careless(exported: Any, folder: Path, quantize: Any = None) -> None:
        write(exported, folder, quantize)
        model = json.loads((folder / "model.json").read_text())
        node = next(n for n in model["modelTopology"]["node"] if n["op"] == "Placeholder")
        node["attr"]["shape"]["shape"]["dim"][1]["size"] = "186"  # zoo's reader does not mind
        (folder / "model.json").write_text(json.dumps(model))

    assert "was not asked" not in export("--to", "tfjs", "-o", "right").err
    monkeypatch.setattr(writer, "write", careless)
    for words in ([], ["--verify", "node"]):
        ran = export("--to", "tfjs", *words)
        assert ran.code == 1 and "TensorFlow.js cannot run" in ran.err
    assert left_behind(tmp_path) == ["right"]
    assert export("--to", "tfjs", "--verify", "reader").code == 0


@pytest.mark.parametrize("command", ["validate", "predict", "inspect"])
def test_a_weight_changed_by_hand_is_told(
    command: str, export: Run, zoo: Run, song: str, tmp_path: Path
) -> None:
    export("--to", "tfjs")
    shard = next((tmp_path / "tiny-tfjs").glob("*.bin"))
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    ran = zoo(command, "tiny-tfjs", *([song] if command == "predict" else []))
    assert ran.code == (1 if command == "validate" else 5)
    assert "is not what was exported" in ran.err + ran.out


def test_a_second_export_replaces_the_first(export: Run, tmp_path: Path) -> None:
    export("--to", "tfjs")
    first = {path.name: path.read_bytes() for path in (tmp_path / "tiny-tfjs").iterdir()}
    assert export("--to", "tfjs").code == 0
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "tiny-tfjs").iterdir()}
    assert left_behind(tmp_path) == ["tiny-tfjs"]


def test_a_folder_with_other_files_is_left_alone(export: Run, tmp_path: Path) -> None:
    thesis = tmp_path / "mine" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("three years")
    ran = export("--to", "tfjs", "-o", "mine")
    assert ran.code == 2 and "thesis.txt" in ran.err
    assert [path.name for path in thesis.parent.iterdir()] == ["thesis.txt"]


def test_a_place_that_cannot_be_written_to_asks_for_another(export: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = export("--to", "tfjs", "-o", tmp_path / "file" / "tiny.zip")
    assert (answer.code, "--output" in answer.err, "ZOO_HOME" in answer.err) == (7, True, False)
    assert left_behind(tmp_path) == ["file"]


def test_an_archive_is_written_on_request(export: Run, zoo: Run, tmp_path: Path) -> None:
    assert export("--to", "tfjs", "-o", "tiny-tfjs.zip").code == 0
    assert left_behind(tmp_path) == ["tiny-tfjs.zip"]
    assert zoo("inspect", "tiny-tfjs.zip", "--json").document["kind"] == "tfjs"


@pytest.mark.parametrize("kind", ["float16", "uint16", "uint8"])
def test_quantized_weights_are_within_their_honest_limits(export: Run, kind: str) -> None:
    layers = export("--to", "tfjs", "--quantize", kind, "--json").document["layers"]
    assert all(0 < layer["max_abs"] <= layer["tolerance"] for layer in layers)
    assert LIMITS[None] < LIMITS[kind]


def test_a_web_model_comes_back_as_a_frozen_graph(export: Run, zoo: Run, tmp_path: Path) -> None:
    export("--to", "tfjs")
    ran = zoo("export", "tiny-tfjs", "--to", "pb", "-o", "back.pb", "--json")
    layers = ["sigmoids", "logits", "embeddings"]
    assert [layer["name"] for layer in ran.document["layers"]] == layers
    for file in ("tiny-tfjs", "back.pb"):
        found = zoo("inspect", file, "--json").document["outputs"]
        assert [layer["name"] for layer in found] == layers
    assert zoo("inspect", "back.pb", "--json").document["inputs"][0]["name"] == "input"
    record = json.loads((tmp_path / "back.json").read_text())
    assert record["classes"] == ["quiet", "loud"] and record["zoo"]["id"] == "back"


def test_the_record_beside_a_frozen_graph_has_no_files_and_one_that_is_there_stays(
    export: Run, tmp_path: Path
) -> None:
    original = json.loads((tmp_path / "tiny.json").read_text())
    file = {"kind": "pb", "urls": ["https://x.example/tiny.pb"], "size": 7}
    changed = original | {"zoo": {**original["zoo"], "files": [file]}}
    (tmp_path / "tiny.json").write_text(json.dumps(changed))
    assert export("--to", "pb", "-o", "copy.pb").code == 0
    written = json.loads((tmp_path / "copy.json").read_text())
    assert written["zoo"] == {**original["zoo"], "id": "copy"}
    (tmp_path / "copy.json").write_text('{"zoo": {"id": "mine"}}')
    assert export("--to", "pb", "-o", "copy.pb").code == 0
    assert (tmp_path / "copy.json").read_text() == '{"zoo": {"id": "mine"}}'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "onnx", "-o", "tiny.pb"], "output must end in .onnx"),
        (["--to", "tfjs", "-o", "tiny.onnx"], "zoo export tiny.pb --to tfjs --output tiny"),
        (["--to", "onnx", "--verify", "node"], "for TensorFlow.js, not for onnx"),
        (["--to", "pb", "--quantize", "uint8"], "Essentia cannot read"),
        (["--to", "tfjs", "--with-extractor"], "has no extractor"),
        (["--to", "tfjs", "--layers", "nowhere"], "nowhere"),
        (["--to", "tfjs", "--layers", "sigmoids:1"], "no output sigmoids:1"),
        (["--to", "coreml"], "coreml"),
    ],
)
def test_wrong_use_is_told(export: Run, tmp_path: Path, words: list[str], said: str) -> None:
    ran = export(*words)
    assert ran.code in (2, 3) and said in ran.err
    assert left_behind(tmp_path) == []


@pytest.mark.slow
def test_a_batch_of_fixed_size_becomes_one_of_any_size(
    zoo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab.Network(tmp_path, "fixed", (4, 187, 96))
    layers = zoo("export", "fixed.pb", "--to", "tfjs", "--json").document["layers"]
    assert {layer["shape"][0] for layer in layers} == {-1}


@pytest.mark.shared
@pytest.mark.parametrize("model", ["emomusic-msd-musicnn-1", "vgg4"])
def test_a_model_that_no_front_end_fits_is_refused_with_one(
    zoo: Run, shared: Path, tmp_path: Path, model: str
) -> None:
    to, path = tmp_path / "web", shared / "models" / f"{model}.pb"
    ran = zoo("export", path, "--to", "tfjs", "-o", to, "--with-frontend")
    assert ran.code == 2 and "No front-end fits" in ran.err and not to.exists()


@pytest.mark.shared
def test_the_published_web_model_comes_back_as_its_frozen_graph(
    zoo: Run, shared: Path, tmp_path: Path
) -> None:
    back = tmp_path / "msd-musicnn-1.pb"
    ran = zoo("export", shared / "models" / "msd-musicnn-1-tfjs", "--to", "pb", "-o", back)
    assert ran.code == 0, ran.err
    song = shared / "goldens" / "audio" / "dubstep.wav"
    paths = (back, shared / "models" / "msd-musicnn-1.pb")
    for layer in ("predictions", "embeddings"):
        here, there = (load(path).predict(song, layer=layer).activations for path in paths)
        np.testing.assert_allclose(here, there, atol=1e-6)
