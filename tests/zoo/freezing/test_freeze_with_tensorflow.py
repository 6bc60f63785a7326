"""zoo freeze where TensorFlow is there: its session is the reference, Essentia loads the result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef
from freeze.formats.checkpoint import Checkpoint

pytestmark = [pytest.mark.tensorflow, pytest.mark.shared]

Zoo = Callable[..., Any]

ESSENTIA = """
import sys
import numpy as np
from essentia.standard import TensorflowPredictMusiCNN
audio = np.load(sys.argv[1])
model = TensorflowPredictMusiCNN(graphFilename=sys.argv[2], output=sys.argv[4])
np.save(sys.argv[3], model(audio))
"""

PUBLISHED_VGG = '''
"""The architecture of the published Python source: its second pool halves both axes."""

import tensorflow.compat.v1 as tf

POOLS = (((4, 1), (2, 2)), ((2, 2), (2, 2)), ((2, 2), (2, 2)), ((2, 2), (2, 2)), ((4, 4), (4, 4)))


def build():
    x = tf.placeholder(tf.float32, [None, 187, 96], name="model/Placeholder")
    training = tf.placeholder(tf.bool, [], name="training")
    y = tf.layers.batch_normalization(tf.expand_dims(x, 3), training=training)
    for number, (size, strides) in enumerate(POOLS, 1):
        y = tf.layers.conv2d(
            y, 128, 3, padding="same", activation=tf.nn.relu, name=f"{number}CNN"
        )
        y = tf.layers.batch_normalization(y, training=training)
        y = tf.layers.max_pooling2d(y, size, strides)
    return tf.nn.sigmoid(tf.layers.dense(tf.layers.flatten(y), 50), name="tags")
'''


def _patches() -> Any:
    """Log-mel patches as of music: loud low bands, some onsets."""
    random = np.random.default_rng(7)
    onsets = random.random((4, 187, 1)) < 0.1
    bands = np.linspace(3, 0.5, 96) * random.random((4, 1, 96))
    return np.float32(bands + onsets + 0.3 * random.random((4, 187, 96)))


def _session(folder: Path, outputs: list[str], x: Any) -> list[Any]:
    """Ask the session that TensorFlow restores by its own recipe."""
    from tensorflow.compat import v1

    meta = v1.MetaGraphDef.FromString((folder / ".meta").read_bytes())
    for node in meta.graph_def.node:
        node.attr.pop("_output_shapes", None)
    with v1.Graph().as_default(), v1.Session() as session:
        v1.train.import_meta_graph(meta).restore(session, f"{folder}/")
        feeds = {"model/Placeholder:0": x, "model/Placeholder_2:0": False}
        values: list[Any] = session.run([f"{name}:0" for name in outputs], feeds)
    return values


def _file(path: str, outputs: list[str], x: Any, flags: Any = ()) -> list[Any]:
    from tensorflow.compat import v1

    with v1.Graph().as_default() as graph:
        v1.import_graph_def(v1.GraphDef.FromString(Path(path).read_bytes()), name="")
    with v1.Session(graph=graph) as session:
        feeds = {"model/Placeholder:0": x, **{f"{flag}:0": False for flag in flags}}
        values: list[Any] = session.run([f"{name}:0" for name in outputs], feeds)
    return values


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["MSD_musicnn", "MTT_musicnn", "MSD_vgg", "MTT_vgg"])
def test_the_four_checkpoints_agree_with_the_session_that_tensorflow_restores(
    zoo: Zoo, shared: Path, name: str
) -> None:
    checkpoint = shared / "models" / "musicnn" / name
    document = zoo("freeze", checkpoint, "-o", "m.pb", "--json").document
    outputs = document["outputs"]
    assert document["verified"] == "tensorflow" and list(document["max_abs"]) == outputs
    assert 0 <= max(document["max_abs"].values()) < 1e-4
    x = _patches()
    for mine, theirs in zip(
        _file("m.pb", outputs, x), _session(checkpoint, outputs, x), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-5 * np.abs(theirs).max())


def test_a_graph_with_all_nodes_kept_agrees_too(zoo: Zoo, shared: Path) -> None:
    checkpoint = shared / "models" / "musicnn" / "MSD_musicnn"
    document = zoo("freeze", checkpoint, "-o", "m.pb", "--keep-all", "--json").document
    assert document["verified"] == "tensorflow"
    kept = graphdef.by_name(graphdef.read(Path("m.pb")))
    trained = graphdef.by_name(Checkpoint.open(checkpoint).metagraph().graph_def)
    lost = trained.keys() - kept.keys()
    assert kept.keys() <= trained.keys() and lost
    assert all("Adam" in each or each.startswith(("save", "init", "beta")) for each in lost)
    x = _patches()
    (mine,) = _file("m.pb", ["model/Sigmoid"], x, ["model/Placeholder_2"])
    np.testing.assert_allclose(mine, _session(checkpoint, ["model/Sigmoid"], x)[0], atol=1e-5)


def test_the_meta_graph_is_followed_where_the_published_source_differs(
    zoo: Zoo, shared: Path, folder: Path
) -> None:
    checkpoint = shared / "models" / "musicnn" / "MSD_vgg"
    (folder / "authors").mkdir()
    (folder / "authors" / "vgg.py").write_text(PUBLISHED_VGG)
    assert zoo("freeze", checkpoint, "-o", "meta.pb").code == 0
    built = zoo("freeze", checkpoint, "--architecture", "authors.vgg:build", "-o", "source.pb")
    assert built.code == 0 and "leave --architecture out" in built.err

    nodes = graphdef.by_name(graphdef.read(Path("meta.pb")))
    second = nodes["model/max_pooling2d_1/MaxPool"]
    assert list(second.attr["ksize"].list.i) == [1, 1, 4, 1]
    x = _patches()
    (trained,) = _session(checkpoint, ["model/Sigmoid"], x)
    (followed,) = _file("meta.pb", ["model/Sigmoid"], x)
    np.testing.assert_allclose(followed, trained, atol=1e-5)
    (source,) = _file("source.pb", ["tags"], x)
    assert np.abs(source - trained).max() > 0.1


def test_a_graph_that_disagrees_with_the_session_leaves_no_file(
    zoo: Zoo, shared: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Checkpoint.tensor

    def wrong(self: Checkpoint, name: str) -> Any:
        values = right(self, name)
        return values * 1.001 if name == "dense/kernel" else values

    monkeypatch.setattr(Checkpoint, "tensor", wrong)
    checkpoint = shared / "models" / "musicnn" / "MTT_vgg"
    answer = zoo("freeze", checkpoint, "-o", "m.pb", "--json")
    assert answer.code == 1
    assert answer.document["error"]["type"] == "ParityError"
    assert "model/Sigmoid differs by" in answer.document["error"]["why"]
    assert not list(folder.iterdir())


def test_ctrl_c_during_the_comparison_leaves_nothing(shared: Path, folder: Path) -> None:
    checkpoint = str(shared / "models" / "musicnn" / "MTT_vgg")
    command = [str(Path(sys.executable).with_name("zoo")), "freeze", checkpoint, "-o", "m.pb"]
    scratch = folder / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("Comparing"):
                break
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in told
    assert list(folder.iterdir()) == [scratch] and not list(scratch.iterdir())


def test_essentia_loads_the_frozen_graph_and_gives_the_same_activations(
    zoo: Zoo, shared: Path, folder: Path
) -> None:
    if find_spec("essentia") is None:
        pytest.skip("essentia-tensorflow is not installed: pip install 'audiozoo[bench]'")
    import zoo as face

    assert zoo("freeze", shared / "models" / "musicnn" / "MSD_musicnn", "-o", "m.pb").code == 0
    times = np.arange(12 * 16000) / 16000
    notes = np.sin(2 * np.pi * np.outer([110, 277, 440], times)).sum(axis=0)
    audio = np.float32(0.2 * notes * np.exp(-4 * (times % 0.5)))
    np.save("audio.npy", audio)
    predictor = face.load("m.pb")
    for layer, purpose in (("model/Sigmoid", "predictions"), ("model/dense/BiasAdd", "embeddings")):
        words = ["audio.npy", "m.pb", "found.npy", layer]
        subprocess.run([sys.executable, "-c", ESSENTIA, *words], check=True, capture_output=True)
        theirs = np.load("found.npy")
        mine = predictor.predict(audio, 16000, layer=purpose).activations
        assert mine.shape == theirs.shape and len(theirs) > 2
        tolerance = 1e-4 if purpose == "predictions" else 1e-3
        np.testing.assert_allclose(mine, theirs, atol=tolerance)
    assert json.loads(Path("m.json").read_text())["inference"]["sample_rate"] == 16000
