"""Every signal of the reference data, every network, every variant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import AudioError
from catalog.record import Record
from predictors.audio import decoding
from predictors.features import patches
from predictors.features.analysis import features, frame_count
from predictors.features.families import FAMILIES
from predictors.features.frontends import MUSICNN
from predictors.model import Model
from predictors.predictor import Predictor

pytestmark = pytest.mark.shared

TOLERANCES = {
    "musicnn": 3e-4,
    "vggish": 1e-3,
    "tempocnn": 2e-5,
    "fsdsinet": 5e-4,
    "activations": 1e-4,
    "embeddings": 2e-4,
}
"""Of all files, MP3 as WAV: peer and zoo decode them to the same samples."""

NETWORKS = {
    # network: file, algorithm, patch
    "msd": ("msd-musicnn-1.pb", "TensorflowPredictMusiCNN", 187),
    "dortmund": ("genre_dortmund_musicnn_msd.pb", "TensorflowPredictMusiCNN", 187),
    "vggish": ("small_vggish_init.pb", "TensorflowPredictVGGish", 96),
    "tempocnn": ("deeptemp_k16.pb", "TempoCNN", 256),
}
NODES = {
    "sigmoid": ("model/Sigmoid", "activations"),
    "softmax": ("output", "activations"),
    "dense_BiasAdd": ("model/dense/BiasAdd", "embeddings"),
    "dense_1_BiasAdd": ("model/dense_1/BiasAdd", "embeddings"),
    "dense_2_BiasAdd": ("model/dense_2/BiasAdd", "embeddings"),
    "fc2_BiasAdd": ("model/vggish/fc2/BiasAdd", "embeddings"),
}
SIGNALS = (
    "359628__mtg__sax-tenor-d-minor",
    "chirp_11025",
    "chirp_44100",
    "dubstep",
    "flamenco",
    "impulses120bpm_16000",
    "impulses120bpm_22050",
    "impulses120bpm_48000",
    "joram-moments_of_clarity-08-solipsism-59-88",
    "noise_11025",
    "noise_44100",
    "short1s_11025",
    "short1s_44100",
    "silence_16000",
    "silence_22050",
    "silence_48000",
    "sine440_16000",
    "sine440_22050",
    "sine440_48000",
)
COUNTED = tuple(
    each for each in FAMILIES if not each.blocks and each.algorithm != "TensorflowPredictMAEST"
)
Golden = tuple[Any, decoding.Audio]


@pytest.fixture(scope="module")
def golden() -> Callable[[Path, str], Golden]:
    """Reads a signal's reference arrays and its audio."""

    def read(shared: Path, name: str) -> Golden:
        arrays = np.load(shared / "goldens" / "signals" / f"{name}.npz")
        file = json.loads(str(arrays["meta"]))["file"]
        return arrays, decoding.read(shared / "goldens" / file)

    return read


@pytest.fixture(scope="module")
def networks() -> dict[str, Predictor]:
    return {}


def predictor(networks: dict[str, Predictor], shared: Path, name: str) -> Predictor:
    if name not in networks:
        file, algorithm, _ = NETWORKS[name]
        record = Record({"inference": {"algorithm": algorithm}, "zoo": {"id": name}})
        networks[name] = Predictor(Model(record, shared / "models" / file))
    return networks[name]


@pytest.mark.parametrize("signal", SIGNALS)
def test_resampled_audio_has_the_length_of_essentias(
    signal: str, shared: Path, golden: Callable[[Path, str], Golden]
) -> None:
    arrays, sound = golden(shared, signal)
    lengths = json.loads(str(arrays["meta"]))["monoloader_length"]
    assert {rate: len(sound.resampled(int(rate)).samples) for rate in lengths} == lengths
    for rate in lengths:
        expected = arrays.get(f"mono_{rate}")
        if expected is not None:
            found = sound.resampled(int(rate)).samples[: len(expected)]
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("family", COUNTED, ids=str)
def test_features(
    family: Any, signal: str, shared: Path, golden: Callable[[Path, str], Golden]
) -> None:
    frontend = family.frontend
    arrays, sound = golden(shared, signal)
    expected = arrays.get(f"feat_{frontend.name}")
    if expected is None:
        pytest.skip("the reference data hold no such features")
    limit = 4 * frontend.sample_rate if frontend.name == "fsdsinet" else None
    found = features(sound.resampled(frontend.sample_rate).samples[:limit], frontend)
    found = found[: len(expected)]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCES[frontend.name])


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_at_all_variants(
    name: str,
    signal: str,
    shared: Path,
    golden: Callable[[Path, str], Golden],
    networks: dict[str, Predictor],
) -> None:
    arrays, sound = golden(shared, signal)
    checked = 0
    for key in arrays:
        network, node, variant = [*key.split("__"), "", ""][:3]
        if network != name or node not in NODES:
            continue
        layer, kind = NODES[node]
        hop, _, last_patch = variant.split("_")
        options: Any = {"layer": layer, "last_patch": last_patch}
        options["patch_hop"] = int(hop[1:]) or NETWORKS[name][2]
        checked += 1
        if len(arrays[key]) == 0:
            with pytest.raises(AudioError, match="too short"):
                predictor(networks, shared, name).predict(sound, **options)
            continue
        found = predictor(networks, shared, name).predict(sound, **options).activations
        assert found.shape == arrays[key].shape, key
        tolerance = TOLERANCES[kind]
        np.testing.assert_allclose(found, arrays[key], rtol=0, atol=tolerance, err_msg=key)
    assert checked or (name, signal.split("_")[0]) == ("tempocnn", "silence")


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_head_over_its_extractor(
    signal: str,
    shared: Path,
    golden: Callable[[Path, str], Golden],
    networks: dict[str, Predictor],
) -> None:
    arrays, sound = golden(shared, signal)
    outputs = [{"name": "dense_out", "output_purpose": "predictions"}]
    below = {"id": "msd", "layer": "model/dense/BiasAdd"}
    record = Record({"schema": {"outputs": outputs}, "zoo": {"id": "emo", "extractor": below}})
    file = shared / "models" / "emomusic-msd-musicnn-1.pb"
    head = Predictor(Model(record, file, predictor(networks, shared, "msd").model))
    keys = [key for key in arrays if key.startswith("emomusic__") and len(arrays[key])]
    for key in keys:
        last_patch: Any = key.rpartition("_")[2]
        found = head.predict(sound, last_patch=last_patch).activations
        tolerance = TOLERANCES["activations"]
        np.testing.assert_allclose(found, arrays[key], rtol=0, atol=tolerance, err_msg=key)
    assert keys


@pytest.mark.parametrize("family", COUNTED, ids=str)
def test_frames_and_patches_are_counted_as_by_essentia(family: Any, shared: Path) -> None:
    counts = json.loads((shared / "goldens" / "counts.json").read_text())
    table = counts[family.algorithm.replace("TempoCNN", "TensorflowPredictTempoCNN")]
    assert (table["patch_size"], table["patch_hop"]) == (family.frames, family.hop)
    modes: dict[str, tuple[Any, int]] = {
        "discard": ("discard", family.hop),
        "repeat": ("repeat", family.hop),
        "discard_hop0": ("discard", family.frames),
        "repeat_hop0": ("repeat", family.frames),
        "discard_batch2": ("discard", family.hop),
    }
    for row in table["rows"]:
        frames = frame_count(row["samples"], family.frontend)
        assert frames == row["frames"]
        blank = np.empty((frames, 1), np.float32)
        for key in modes.keys() & row.keys():
            last_patch, hop = modes[key]
            expected = row[key]
            if "Effnet" in family.algorithm and frames >= 128 and (frames - 128) % 62 == 0:
                expected += 1  # the peer counts one frame too few, and loses a patch that fits
            assert len(patches.cut(blank, family.frames, hop, last_patch)) == expected, row


def test_the_original_musicnn_differs_by_its_window_alone(
    shared: Path, golden: Callable[[Path, str], Golden], networks: dict[str, Predictor]
) -> None:
    """The bounds that docs/numbers.md states."""
    original = np.load(shared / "goldens" / "musicnn_peer.npz")
    _, sound = golden(shared, "joram-moments_of_clarity-08-solipsism-59-88")
    found = patches.cut(features(sound.resampled(16000).samples, MUSICNN), 187, 187)
    assert found.shape == original["patches_h187"].shape
    difference = np.abs(found - original["patches_h187"])
    assert difference.mean() < 0.002
    assert np.percentile(difference, 99) < 0.0125
    assert difference.max() < 0.06
    msd = predictor(networks, shared, "msd")
    tags = msd.predict(sound, layer="model/Sigmoid", patch_hop=187)
    expected = original["MSD_musicnn__taggram"]
    assert np.abs(tags.activations - expected).max() < 0.002
    assert np.abs(tags.mean() - expected.mean(axis=0)).max() < 0.0005
