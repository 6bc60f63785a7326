from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.errors import AudioError, UsageError
from catalog.record import Record
from predictors.audio.decoding import read
from predictors.model import Model
from predictors.prediction import Prediction
from predictors.predictor import Predictor
from predictors.stream import Stream
from tests.support import lab

SECOND = 16000
ANY_BLOCKS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def divided(samples: NDArray[Any], largest: int, seed: int = 0) -> list[NDArray[Any]]:
    """Samples in blocks of any size up to the largest; a few hundred, then the rest."""
    sizes = np.random.default_rng(seed).integers(0, largest, 300, endpoint=True)
    return np.split(samples, np.minimum(sizes.cumsum(), len(samples)))


def streamed(stream: Stream, blocks: list[NDArray[Any]]) -> list[Prediction]:
    return [found for block in blocks for found in stream.feed(block)] + stream.finish()


def assert_equal(found: list[Prediction], expected: Prediction) -> None:
    """Compare what was heard bit by bit with what the whole gives at once."""
    np.testing.assert_allclose(
        np.concatenate([each.activations for each in found]), expected.activations, atol=1e-5
    )
    np.testing.assert_array_equal(np.concatenate([each.times for each in found]), expected.times)
    assert {(each.classes, each.model, each.layer) for each in found} == {
        (expected.classes, expected.model, expected.layer)
    }


@pytest.mark.slow
@ANY_BLOCKS
@given(
    largest=st.sampled_from([1, 100, 5000, 30 * 44100]),
    seed=st.integers(0, 9999),
    seconds=st.floats(3, 13),
    rate=st.sampled_from([16000, 44100]),
    channels=st.integers(0, 2),
    quantised=st.booleans(),
    hop=st.sampled_from([None, 1, 31]),
    last_patch=st.sampled_from(["discard", "repeat", "pad"]),
)
def test_a_stream_says_what_the_whole_says_whatever_the_blocks(
    predictor: Predictor,
    largest: int,
    seed: int,
    seconds: float,
    rate: int,
    channels: int,
    quantised: bool,
    hop: int | None,
    last_patch: Any,
) -> None:
    samples = lab.impulses(rate)[: int(seconds * rate)]
    if channels:
        samples = np.linspace(1, 0.5, channels, dtype=np.float32) * samples[:, None]
    if quantised:
        samples = (samples * 32767).astype(np.int16)
    asked = {"patch_hop": hop, "last_patch": last_patch}
    blocks = divided(samples, largest, seed)
    found = streamed(predictor.stream(rate, **asked), blocks)
    assert_equal(found, predictor.predict(samples, rate, **asked))


def test_predictions_come_as_soon_as_their_patch_is_heard(predictor: Predictor) -> None:
    stream = predictor.stream()
    samples = lab.impulses(SECOND)
    whole_patch = 186 * 256 + 256
    assert stream.feed(samples[: whole_patch - 1]) == []
    (first,) = stream.feed(samples[whole_patch - 1 : whole_patch])
    assert first.activations.shape == (1, 2)
    assert first.times.tolist() == [0]
    (second,) = stream.feed(samples[whole_patch : whole_patch + 93 * 256])
    assert second.times.tolist() == [93 / 62.5]


def test_a_block_may_complete_many_patches(predictor: Predictor) -> None:
    found = predictor.stream().feed(lab.impulses(SECOND))
    assert [each.times.item() for each in found] == [i * 93 / 62.5 for i in range(len(found))]
    assert len(found) == 8


def test_a_head_listens_through_its_extractor(predictor: Predictor, tmp_path: Path) -> None:
    head = lab.Head(tmp_path, "tiny")
    listening = Predictor(Model(Record(head.record), head.path, predictor.model))
    samples = lab.impulses(SECOND)
    found = streamed(listening.stream(), divided(samples, 5000))
    assert_equal(found, listening.predict(samples))


@pytest.mark.parametrize("layer", ["logits", "embeddings", "input"])
def test_every_layer_streams(layer: str, predictor: Predictor) -> None:
    samples = lab.impulses(SECOND)
    if layer == "input":  # a row a frame
        record = predictor.record.document | {"schema": {"outputs": []}}
        predictor = Predictor(Model(Record(record), predictor.model.path))
    found = streamed(predictor.stream(layer=layer), divided(samples, 5000))
    assert_equal(found, predictor.predict(samples, layer=layer))


@pytest.mark.parametrize("batch", [1, 64])
def test_a_network_of_a_fixed_batch_does_not_wait_for_it(batch: int, tmp_path: Path) -> None:
    fixed = lab.Network(tmp_path, "fixed", (batch, 187, 96))
    samples = lab.impulses(SECOND)
    predictor = Predictor(Model(Record(fixed.record), fixed.path))
    found = predictor.stream().feed(samples[: 4 * SECOND])
    assert len(found) == 1
    assert_equal(found, predictor.predict(samples[: 4 * SECOND]))


def test_a_clip_that_is_normalised_as_a_whole_streams_without_that_and_says_so(
    tmp_path: Path,
) -> None:
    network = lab.Network(tmp_path, "fsd", (-1, 101, 96, 1))
    network.record["inference"] = {"algorithm": "TensorflowPredictFSDSINet"}
    network.record["schema"] = {"outputs": []}
    predictor = Predictor(Model(Record(network.record), network.path))
    samples = lab.noise(22050)
    normalised = samples - samples.mean()
    normalised /= np.abs(normalised).max() + np.float32(0.005)
    with pytest.warns(UserWarning, match="fsd is meant for whole clips, normalised"):
        stream = predictor.stream(layer="input")
    found = streamed(stream, divided(normalised, 5000))
    assert_equal(found, predictor.predict(samples, layer="input"))


def test_the_end_of_what_is_too_short_says_nothing(predictor: Predictor) -> None:
    assert streamed(predictor.stream(), [lab.sine(SECOND)[:1000]]) == []


@pytest.mark.parametrize("last_patch", ["discard", "repeat", "pad"])
def test_nothing_heard_says_nothing(last_patch: Any, predictor: Predictor) -> None:
    assert predictor.stream(44100, last_patch=last_patch).finish() == []
    assert streamed(predictor.stream(44100, last_patch=last_patch), [np.zeros((0, 2))]) == []


def test_wrong_use_is_refused_before_anything_is_heard(predictor: Predictor) -> None:
    with pytest.raises(UsageError, match="hop of 0 frames"):
        predictor.stream(patch_hop=0)
    with pytest.raises(UsageError, match="0 Hz"):
        predictor.stream(0)
    with pytest.raises(UsageError, match="'mirror'"):
        predictor.stream(last_patch="mirror")  # type: ignore[arg-type]


def test_a_block_that_is_no_audio_is_refused(predictor: Predictor) -> None:
    stream = predictor.stream()
    with pytest.raises(UsageError, match="shape"):
        stream.feed(np.zeros((2, 2, 2)))
    with pytest.raises(UsageError, match="Samples of type"):
        stream.feed(np.zeros(9, bool))
    with pytest.raises(AudioError, match="not finite"):
        stream.feed([np.nan])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["dubstep.wav", "flamenco.mp3"])
def test_the_real_tagger_streams_what_it_says_of_files(name: str, shared: Path) -> None:
    record = Record(
        {
            "schema": {"outputs": [{"name": "model/Sigmoid", "output_purpose": "predictions"}]},
            "inference": {"algorithm": "TensorflowPredictMusiCNN"},
            "zoo": {"id": "msd-musicnn-1"},
        }
    )
    path = shared / "models" / "msd-musicnn-1.pb"
    predictor = Predictor(Model(record, path))
    sound = read(shared / "goldens" / "audio" / name)
    found = streamed(predictor.stream(sound.sample_rate), divided(sound.samples, 44100))
    assert_equal(found, predictor.predict(sound))
