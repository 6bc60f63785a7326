from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import AudioError, NotFoundError, UsageError
from catalog.record import Record
from predictors.audio.decoding import Audio
from predictors.features.analysis import features
from predictors.features.frontends import MUSICNN
from predictors.features.patches import cut
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import lab


def patches(samples: NDArray[np.float32], hop: int = 93) -> NDArray[np.float32]:
    return cut(features(samples, MUSICNN), 187, hop)


def test_activations_are_what_the_network_computes(predictor: Predictor, tiny: Any) -> None:
    samples = lab.impulses(16000)
    found = predictor.predict(samples)
    expected = tiny.predictions(patches(samples))
    assert found.activations.dtype == np.float32
    assert found.activations.shape == (8, 2)
    np.testing.assert_allclose(found.activations, expected, atol=1e-5)
    np.testing.assert_allclose(found.times, np.arange(8) * 93 / 62.5)
    assert found.classes == lab.CLASSES
    assert (found.model, found.layer) == ("tiny", "predictions")
    assert found.reach == (0, 187 / 62.5)
    assert found.duration == len(samples) / 16000


def test_embeddings_are_the_layer_that_the_record_names(predictor: Predictor, tiny: Any) -> None:
    samples = lab.sine(16000)
    found = predictor.embed(samples)
    np.testing.assert_allclose(found.activations, tiny.embeddings(patches(samples)), atol=1e-5)
    assert found.classes == ("0", "1", "2")
    assert found.layer == "embeddings"


def test_a_layer_can_be_named_by_its_node(predictor: Predictor) -> None:
    samples = lab.sine(16000)
    by_purpose = predictor.predict(samples, layer="logits").activations
    by_node = predictor.predict(samples, layer="logits:0").activations
    np.testing.assert_array_equal(by_purpose, by_node)


def test_a_node_with_a_row_a_frame_gives_all_rows(predictor: Predictor) -> None:
    samples = lab.impulses(16000)
    found = predictor.predict(samples, layer="mean")
    assert found.activations.shape == (8, 96)
    frames = Predictor(
        Model(Record(predictor.record.document | {"schema": {"outputs": []}}), predictor.model.path)
    ).predict(samples, layer="input")
    assert frames.activations.shape == (8 * 187, 96)
    assert frames.times.tolist() == found.times.repeat(187).tolist()


def test_an_unknown_node_is_not_found(predictor: Predictor) -> None:
    with pytest.raises(NotFoundError, match="nothing"):
        predictor.predict(lab.sine(16000), layer="nothing")


def test_a_file_an_array_and_decoded_audio_give_the_same(
    predictor: Predictor, tmp_path: Path
) -> None:
    samples = lab.chirp(44100)
    path = lab.audio(tmp_path / "a.wav", samples, 44100)
    found = [
        predictor.predict(path).activations,
        predictor.predict(str(path)).activations,
        predictor.predict(samples, 44100).activations,
        predictor.predict(samples[:, None], sample_rate=44100).activations,
        predictor.predict(Audio(samples, 44100)).activations,
    ]
    assert all((each == found[0]).all() for each in found)


def test_an_array_without_a_rate_is_at_the_models_own(predictor: Predictor) -> None:
    samples = lab.sine(16000)
    one, other = predictor.predict(samples), predictor.predict(samples, 16000)
    np.testing.assert_array_equal(one.activations, other.activations)


@pytest.mark.parametrize("hop", [1, 50, 187])
def test_the_hop_of_the_patches_can_be_chosen(hop: int, predictor: Predictor, tiny: Any) -> None:
    samples = lab.impulses(16000)[: 5 * 16000]
    found = predictor.predict(samples, patch_hop=hop)
    np.testing.assert_allclose(
        found.activations, tiny.predictions(patches(samples, hop)), atol=1e-5
    )
    assert found.times[-1] == (len(found.times) - 1) * hop / 62.5


def test_the_record_says_how_far_patches_are_apart(tiny: Any) -> None:
    tiny.record["zoo"]["patch"] = {"frames": 187, "hop": 20, "bands": 96}
    found = Predictor(Model(Record(tiny.record), tiny.path)).predict(lab.impulses(16000))
    assert found.times[1] == 20 / 62.5


def test_audio_shorter_than_a_patch_says_how_long_it_must_be(predictor: Predictor) -> None:
    with pytest.raises(AudioError, match=r"too short: 2\.96 s") as raised:
        predictor.predict(np.zeros(47360, np.float32))
    assert "needs at least 2.96 s" in raised.value.why
    assert "--last-patch repeat" in raised.value.hint
    assert len(predictor.predict(np.zeros(47361, np.float32)).times) == 1


@pytest.mark.parametrize("last_patch", ["repeat", "pad"])
def test_short_audio_makes_a_patch_when_asked(last_patch: Any, predictor: Predictor) -> None:
    assert len(predictor.predict(lab.sine(16000)[:100], last_patch=last_patch).times) == 1


def test_one_hot_sample_makes_no_trouble(predictor: Predictor) -> None:
    with pytest.raises(AudioError, match="too short"):
        predictor.predict([1.0], 44100)


@pytest.mark.parametrize("batch", [1, 5, 64])
def test_a_fixed_batch_is_filled_and_cut(batch: int, tmp_path: Path) -> None:
    fixed = lab.Network(tmp_path, "fixed", (batch, 187, 96))
    samples = lab.impulses(16000)
    found = Predictor(Model(Record(fixed.record), fixed.path)).predict(samples)
    np.testing.assert_allclose(found.activations, fixed.predictions(patches(samples)), atol=1e-5)


def test_a_head_reads_the_embeddings_of_its_extractor(
    predictor: Predictor, tiny: Any, tmp_path: Path
) -> None:
    head = lab.Head(tmp_path, "tiny")
    samples = lab.impulses(16000)
    found = Predictor(Model(Record(head.record), head.path, predictor.model)).predict(samples)
    expected = tiny.embeddings(patches(samples)) @ head.weights
    np.testing.assert_allclose(found.activations, expected, atol=1e-5)
    assert found.classes == ("score",)
    below = predictor.predict(samples)
    assert found.times.tolist() == below.times.tolist()
    assert (found.reach, found.duration) == (below.reach, below.duration)


def test_a_head_of_another_width_is_refused(predictor: Predictor, tmp_path: Path) -> None:
    head = lab.Head(tmp_path, "tiny")
    head.record["zoo"]["extractor"]["layer"] = "logits"
    with pytest.raises(UsageError, match="does not fit the embeddings of tiny"):
        Predictor(Model(Record(head.record), head.path, predictor.model)).predict(lab.sine(16000))


def test_a_head_without_an_extractor_hears_no_audio_but_takes_embeddings(tmp_path: Path) -> None:
    head = lab.Head(tmp_path, "tiny")
    predictor = Predictor(Model(Record(head.record), head.path))
    with pytest.raises(UsageError, match="cannot be run on its own"):
        predictor.predict(lab.sine(16000))
    for rows in (np.ones((4, 1, 3), np.float32), np.ones((4, 3), np.float32)):
        assert predictor.predict(rows).activations.tolist() == [[6], [6], [6], [6]]


def test_a_support_vector_machine_is_refused() -> None:
    record = Record({"zoo": {"id": "old", "kind": "svm", "task": "classification"}})
    with pytest.raises(UsageError, match="old cannot be run as a whole") as raised:
        Predictor(Model(record, Path("old.history")))
    assert "Gaia" in raised.value.why


def test_a_network_is_compiled_once_for_all_audio(
    predictor: Predictor, compiled: list[Any]
) -> None:
    for seconds in (3, 4, 14):
        predictor.predict(lab.impulses(16000)[: seconds * 16000])
    assert len(compiled) == 1
