"""Arrays of what a network reads itself: embeddings for heads, patches for the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog.errors import NoError, UsageError
from catalog.record import Record
from predictors.ensemble import Ensemble
from predictors.features.analysis import features
from predictors.features.frontends import MUSICNN
from predictors.features.patches import cut
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import lab


@pytest.fixture
def head(predictor: Predictor, tmp_path: Path) -> Predictor:
    made = lab.Head(tmp_path, predictor.record.id)
    return Predictor(Model(Record(made.record), made.path, predictor.model))


@pytest.mark.parametrize("between", [(), (1,)])
def test_a_head_takes_embeddings(
    between: tuple[int, ...], head: Predictor, predictor: Predictor
) -> None:
    samples = lab.impulses(16000)
    rows = predictor.embed(samples).activations
    found = head.predict(rows.reshape(len(rows), *between, -1))
    np.testing.assert_allclose(found.activations, head.predict(samples).activations, atol=1e-6)
    assert found.classes == head.predict(samples).classes
    np.testing.assert_array_equal(found.times, np.arange(len(rows)))


def test_many_heads_take_the_same_embeddings(head: Predictor, predictor: Predictor) -> None:
    rows = predictor.embed(lab.impulses(16000)).activations
    found = Ensemble([head.model]).predict(rows)[head.record.id]
    np.testing.assert_array_equal(found.activations, head.predict(rows).activations)


def test_audio_for_a_head_stays_audio(head: Predictor) -> None:
    samples = lab.impulses(16000)
    mono = head.predict(samples).activations
    stereo = np.stack([samples, samples], axis=1)
    np.testing.assert_allclose(head.predict(stereo).activations, mono, atol=1e-6)
    three = np.stack([samples] * 3, axis=1)  # as wide as the embeddings, hence with its rate
    np.testing.assert_allclose(head.predict(three, 16000).activations, mono, atol=1e-6)


@pytest.mark.parametrize("shape", [(50, 200), (50, 1, 4), (50, 2, 3), (50, 187, 96)])
def test_an_array_that_a_head_cannot_read_is_told(shape: tuple[int, ...], head: Predictor) -> None:
    with pytest.raises(UsageError, match=r"cannot read an array|is not audio"):
        head.predict(np.zeros(shape, np.float32))


def test_what_could_be_stereo_or_embeddings_must_be_said(tmp_path: Path) -> None:
    below = lab.Network(tmp_path, "below")
    below.record["schema"]["outputs"][2] = {"name": "logits", "output_purpose": "embeddings"}
    extractor = Model(Record(below.record), below.path)
    reading = lab.Head(tmp_path, "below", width=2)
    head = Predictor(Model(Record(reading.record), reading.path, extractor))
    samples = np.stack([lab.impulses(16000)] * 2, axis=1)
    with pytest.raises(UsageError, match="can be audio, or embeddings"):
        head.predict(samples)
    rows = Predictor(extractor).embed(lab.impulses(16000)).activations
    expected = head.predict(samples, 16000).activations
    np.testing.assert_allclose(head.predict(rows[:, None]).activations, expected, atol=1e-6)


def test_a_family_takes_its_patches(predictor: Predictor) -> None:
    samples = lab.impulses(16000)
    expected = predictor.predict(samples)
    found = predictor.predict(np.array(cut(features(samples, MUSICNN), 187, 93)))
    np.testing.assert_allclose(found.activations, expected.activations, atol=1e-6)
    np.testing.assert_allclose(found.times, expected.times)
    assert found.classes == expected.classes


@pytest.mark.parametrize("shape", [(4, 96, 187), (4, 187, 96, 1), (4, 187), (200, 187)])
def test_other_patches_are_told_with_the_shape_that_is_read(
    shape: tuple[int, ...], predictor: Predictor
) -> None:
    with pytest.raises(UsageError, match="cannot read an array") as raised:
        predictor.predict(np.zeros(shape, np.float32))
    assert "[rows, 187, 96]" in str(raised.value)


def test_values_that_are_no_numbers_are_an_error(head: Predictor) -> None:
    rows = np.full((4, 3), np.nan, np.float32)
    with pytest.raises(NoError, match="no numbers"):
        head.predict(rows)
