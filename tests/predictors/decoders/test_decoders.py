"""Tempo and pitch: the rules on activations made by hand, then the peer's answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from predictors.audio import decoding
from predictors.decoders import pitch, tempo
from predictors.decoders.tempo import Tempo
from predictors.features.analysis import framed
from predictors.features.frontends import CREPE
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import SHARED

HEARD = np.ones(1, bool)


def test_the_strongest_class_is_the_local_tempo() -> None:
    activations = np.zeros((3, 256), np.float32)
    activations[[0, 1, 2], [90, 91, 0]] = 0.75, 0.5, 0.25
    found = tempo.decode(activations, np.array([True, True, False]))
    assert found.local.tolist() == [120, 121, 0]
    assert found.probabilities.tolist() == [0.75, 0.5, 0]
    assert tempo.CLASSES[90] == "120 BPM"


@pytest.mark.parametrize(
    ("local", "majority", "mean", "median"),
    [
        ([120, 120, 124], 120, 364 / 3, 120),
        ([170, 169, 170, 169], 170, 169.5, 169.5),
        ([120, 121], 120, 120.5, 120.5),
        ([0, 100, 0], 100, 100, 100),
    ],
)
def test_local_tempi_make_a_global_one(
    local: list[float], majority: float, mean: float, median: float
) -> None:
    found = Tempo(np.array(local, np.float32), np.full(len(local), 0.5, np.float32))
    assert found.bpm() == majority
    assert found.bpm("mean") == pytest.approx(mean)
    assert found.bpm("median") == median


def test_the_confidence_of_a_tempo_is_that_of_the_patches_that_agree() -> None:
    found = Tempo(np.array([120, 120, 60], np.float32), np.array([0.5, 0.25, 1], np.float32))
    assert found.confidence == 0.375
    assert found.summary() == "120 BPM (confidence 0.38)"
    document = json.loads(json.dumps(found.to_json()))["tempo"]
    assert (document["bpm"], document["local"]) == (120, [120, 120, 60])


def test_silence_has_no_tempo() -> None:
    found = tempo.decode(np.full((2, 256), 1 / 256, np.float32), np.zeros(2, bool))
    assert found.bpm() is found.bpm("mean") is found.bpm("median") is None
    assert found.confidence == 0
    assert "silent" in found.summary()
    assert found.to_json()["tempo"]["bpm"] is None


def test_pitch_is_the_weighted_mean_around_the_strongest_class() -> None:
    activations = np.zeros((1, 360), np.float32)
    activations[0, 100:102] = 0.8, 0.4
    activations[0, 200] = 0.7  # too far away to count
    found = pitch.decode(activations, HEARD)
    cents = 1997.3794084376191 + (100 + 1 / 3) * 20
    np.testing.assert_allclose(found.frequencies, 10 * 2 ** (cents / 1200), rtol=1e-6)
    np.testing.assert_allclose(found.confidences, 0.8)


@pytest.mark.parametrize("edge", [0, 359])
def test_pitch_at_the_edge_has_neighbours_on_one_side(edge: int) -> None:
    activations = np.full((1, 360), 0, np.float32)
    activations[0, edge] = 1
    found = pitch.decode(activations, HEARD)
    np.testing.assert_allclose(found.frequencies, pitch.hertz(pitch.CENTS)[edge], rtol=1e-6)


def test_silence_has_no_pitch() -> None:
    found = pitch.decode(np.ones((2, 360), np.float32), np.array([False, True]))
    assert found.frequencies[0] == found.confidences[0] == 0
    assert found.frequencies[1] > 0 and found.confidences[1] == 1
    assert pitch.decode(np.zeros((1, 360), np.float32), HEARD).summary() == "no pitch"


@pytest.mark.parametrize(
    ("frequency", "name"), [(440, "A4"), (261.63, "C4"), (246.9, "B3"), (32.7, "C1"), (450, "A4")]
)
def test_a_frequency_has_a_name(frequency: float, name: str) -> None:
    assert pitch.note(frequency) == name


def network(shared: Path, file: str, algorithm: str, node: str) -> Predictor:
    outputs = [{"name": node, "output_purpose": "predictions"}]
    inference = {"algorithm": algorithm}
    document = {"inference": inference, "schema": {"outputs": outputs}, "zoo": {"id": file}}
    return Predictor(Model(Record(document), shared / "models" / file))


@pytest.fixture(scope="module")
def networks() -> dict[str, Predictor]:
    return {}


@pytest.fixture
def crepe(networks: dict[str, Predictor], shared: Path) -> Predictor:
    if "crepe" not in networks:
        node = "model/classifier/Sigmoid"
        networks["crepe"] = network(shared, "crepe-tiny-1.pb", "PitchCREPE", node)
    return networks["crepe"]


@pytest.fixture
def tempocnn(networks: dict[str, Predictor], shared: Path) -> Predictor:
    if "tempocnn" not in networks:
        networks["tempocnn"] = network(shared, "deeptemp_k16.pb", "TempoCNN", "output")
    return networks["tempocnn"]


def signals() -> list[str]:
    folder = SHARED / "goldens" / "signals"
    names = sorted(path.stem for path in folder.glob("*.npz"))
    return [name for name in names if not name.startswith(("empty", "silence"))]


@pytest.fixture
def golden(request: pytest.FixtureRequest, shared: Path) -> tuple[Any, decoding.Audio]:
    arrays = np.load(shared / "goldens" / "signals" / f"{request.param}.npz")
    return arrays, decoding.read(shared / "goldens" / json.loads(str(arrays["meta"]))["file"])


@pytest.mark.shared
@pytest.mark.parametrize("golden", signals(), indirect=True)
@pytest.mark.parametrize(("variant", "hop"), [("hop10", 10), ("hop20_bm1", 20)])
def test_pitch_is_that_of_pitchcrepe(
    golden: tuple[Any, decoding.Audio], variant: str, hop: int, crepe: Predictor
) -> None:
    arrays, sound = golden
    time, frequency, confidence = (
        arrays[f"crepe__{each}__{variant}"] for each in ("time", "frequency", "confidence")
    )
    found = crepe.predict(sound, patch_hop=hop)
    assert isinstance(found.decoded, pitch.Pitch)
    np.testing.assert_allclose(found.times, time, atol=1e-5)
    samples = sound.resampled(CREPE.sample_rate).samples
    deviation = framed(samples, CREPE)[::hop].std(axis=1)[: len(time)]
    silent = deviation == 0
    assert not found.decoded.confidences[silent].any()  # where the peer is certain of 32 Hz
    assert not found.decoded.frequencies[silent].any()
    heard = ~silent
    assert heard.any()
    np.testing.assert_allclose(found.decoded.confidences[heard], confidence[heard], atol=1e-4)
    np.testing.assert_allclose(found.decoded.frequencies[heard], frequency[heard], rtol=1e-3)
    if variant == "hop10":
        expected = arrays["crepe__activations_first60__hop10"]
        first = heard[: len(expected)]
        difference = found.activations[: len(expected)][first] - expected[first]
        assert np.abs(difference).max(initial=0) <= 1e-4


@pytest.mark.shared
def test_pitch_of_the_peers_own_decoded_samples_is_its_pitch(
    shared: Path, crepe: Predictor
) -> None:
    for name in ("joram-moments_of_clarity-08-solipsism-59-88", "flamenco"):
        arrays = np.load(shared / "goldens" / "signals" / f"{name}.npz")
        found = crepe.predict(arrays["mono_16000"]).decoded
        assert isinstance(found, pitch.Pitch)
        whole = len(found.confidences) - 4  # the samples may be cut off
        expected = arrays["crepe__confidence__hop10"][:whole]
        np.testing.assert_allclose(found.confidences[:whole], expected, atol=1e-5)
        expected = arrays["crepe__frequency__hop10"][:whole]
        np.testing.assert_allclose(found.frequencies[:whole], expected, rtol=1e-5)


@pytest.mark.shared
def test_frames_are_counted_as_by_pitchcrepe(shared: Path) -> None:
    counts = json.loads((shared / "goldens" / "counts.json").read_text())
    for row in counts["TensorflowPredictCREPE"]["rows"]:
        for key in row.keys() - {"samples"}:
            hop = int(key.removeprefix("activations_hop"))
            samples = np.zeros(row["samples"], np.float32)
            assert len(framed(samples, replace(CREPE, hop=16 * hop))) == row[key], row


@pytest.mark.shared
@pytest.mark.parametrize("golden", signals(), indirect=True)
def test_tempo_is_that_of_tempocnn(golden: tuple[Any, decoding.Audio], tempocnn: Predictor) -> None:
    arrays, sound = golden
    variants = [key.rpartition("__")[2] for key in arrays if "local_bpm" in key]
    assert variants
    for variant in variants:
        local = arrays[f"tempocnn__local_bpm__{variant}"]
        if not len(local):
            continue
        hop, _, last_patch = variant.split("_")
        options: Any = {"patch_hop": int(hop[1:]) or 256, "last_patch": last_patch}
        found = tempocnn.predict(sound, **options).decoded
        assert isinstance(found, Tempo)
        assert found.local.tolist() == local.tolist()
        expected = arrays[f"tempocnn__local_prob__{variant}"]
        np.testing.assert_allclose(found.probabilities, expected, atol=1e-4)
        together = [found.bpm("majority"), found.bpm("mean"), found.bpm("median")]
        expected = arrays[f"tempocnn__global_majority_mean_median__{variant}"]
        np.testing.assert_allclose(together, expected, rtol=1e-6)


@pytest.mark.shared
def test_silence_gives_neither_pitch_nor_tempo(crepe: Predictor, tempocnn: Predictor) -> None:
    silence = np.zeros(16 * 16000, np.float32)
    found = crepe.predict(silence, 16000).decoded
    assert found and found.summary() == "no pitch"
    found = tempocnn.predict(silence, 16000).decoded
    assert found and "silent" in found.summary()
