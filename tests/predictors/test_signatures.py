"""The tensor that reaches the network: one with the family's signature says what it is fed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import UsageError
from catalog.index import catalog
from catalog.record import Record
from predictors.features.analysis import features
from predictors.features.families import EMBEDDINGS, FAMILIES, choose
from predictors.features.frontends import MUSICNN, OPENL3_128
from predictors.features.mel import filter_bank
from predictors.features.patches import cut
from predictors.model import Model
from predictors.predictor import Predictor, require_network
from tests.support import lab

SONG = "joram-moments_of_clarity-08-solipsism-59-88"


def fed(predictor: Predictor, *arguments: Any, **options: Any) -> NDArray[np.float32]:
    """What the network is fed, a row a frame."""
    return predictor.predict(*arguments, layer="input", **options).activations


def sizes(record: Record) -> tuple[int, ...]:
    """The input that a record states, without a batch axis."""
    shape = tuple(size if isinstance(size, int) else -1 for size in record.inputs[0].shape or ())
    same = {len(each.shape) for each in FAMILIES if each.algorithm == record.algorithm}
    rank = same.pop() if same else 2 + (record.family == "openl3")
    return shape[-rank:]


def test_every_record_has_a_front_end_or_a_reason() -> None:
    reasons: dict[str, str] = {}
    for record in catalog().models:
        if record.kind == "svm":
            with pytest.raises(UsageError, match="cannot be run"):
                require_network(record)
        elif record.kind == "head":
            assert record.extractor, record.id
            below = catalog().find(record.extractor.id)
            assert below.id == record.extractor.id
            assert below.layer(record.extractor.layer or "embeddings").name
        elif record.task == "source-separation":
            assert all(layer.name.startswith("waveform_") for layer in record.outputs)
        elif record.inputs:
            family = choose(record, sizes(record))
            assert family.frontend.sample_rate == record.sample_rate, record.id
            if record.patch and not family.blocks:
                assert (family.frames, family.hop) == (record.patch.frames, record.patch.hop)
        else:
            reasons[record.id] = " ".join(record.notes)
    assert reasons.keys() == {"discogs-effnet-bs512-1"}
    assert all("not seen" in reason for reason in reasons.values())
    assert EMBEDDINGS not in {family.algorithm for family in FAMILIES}


@pytest.mark.parametrize("batch", [1, 64, -1])
def test_effnet_is_fed_patches_of_128_frames_at_any_batch_size(batch: int, tmp_path: Path) -> None:
    algorithm = "TensorflowPredictEffnetDiscogs"
    document, path = lab.passthrough(tmp_path, (batch, 128, 96), algorithm=algorithm)
    samples = lab.impulses(16000)
    expected = cut(features(samples, MUSICNN), 128, 62).reshape(-1, 96)
    np.testing.assert_array_equal(fed(Predictor(Model(Record(document), path)), samples), expected)


def test_a_patch_that_just_fits_is_not_lost(tmp_path: Path) -> None:
    """Essentia counts one frame too few for this family, and gives nothing here."""
    algorithm = "TensorflowPredictEffnetDiscogs"
    document, path = lab.passthrough(tmp_path, (64, 128, 96), algorithm=algorithm)
    predictor = Predictor(Model(Record(document), path))
    assert len(fed(predictor, lab.impulses(16000)[:32512])) == 128


@pytest.mark.parametrize("frames", [316, 626, 1256, 1876])
@pytest.mark.parametrize("knows_algorithm", [True, False])
def test_maest_is_fed_scaled_patches_as_long_as_its_input(
    frames: int, knows_algorithm: bool, tmp_path: Path
) -> None:
    known = {"algorithm": "TensorflowPredictMAEST"} if knows_algorithm else {}
    document, path = lab.passthrough(tmp_path, (-1, frames, 96), **known)
    samples = lab.impulses(16000)
    found = fed(Predictor(Model(Record(document), path)), samples, last_patch="repeat")
    first = np.resize(features(samples, MUSICNN), (frames, 96))
    expected = (first - 2.06755686098554) / (2 * 1.268292820667291)
    np.testing.assert_allclose(found[:frames], expected, atol=1e-5)


@pytest.mark.shared
def test_maest_and_effnet_are_fed_what_essentia_feeds_them(shared: Path, tmp_path: Path) -> None:
    expected = np.load(shared / "goldens" / "model_inputs.npz")
    samples = np.load(shared / "goldens" / "signals" / f"{SONG}.npz")["mono_16000"]
    song = shared / "goldens" / "audio" / f"{SONG}.mp3"
    for source, tolerance in ((samples, 5e-4), (song, 5e-3)):
        document, path = lab.passthrough(tmp_path, (64, 128, 96), sample_rate=16000)
        found = fed(Predictor(Model(Record(document), path)), source)
        assert len(found) == 128 * expected["effnet_patch_count"]
        np.testing.assert_allclose(found[-128:], expected["effnet_patch_last"], atol=tolerance)
        algorithm = "TensorflowPredictMAEST"
        document, path = lab.passthrough(tmp_path, (1, 1876, 96), algorithm=algorithm)
        found = fed(Predictor(Model(Record(document), path)), source, last_patch="repeat")
        rows = found[expected["maest_patch0_rows"]]
        before = np.abs(rows - expected["maest_patch0"]) * (2 * 1.268292820667291)
        assert before.max() <= tolerance


@pytest.mark.shared
def test_crepe_and_tempocnn_are_fed_what_essentia_feeds_them(shared: Path, tmp_path: Path) -> None:
    expected = np.load(shared / "goldens" / "model_inputs.npz")
    arrays = np.load(shared / "goldens" / "signals" / f"{SONG}.npz")
    document, path = lab.passthrough(tmp_path, (-1, 1024), algorithm="PitchCREPE")
    samples = arrays["mono_16000"][: expected["crepe_input_samples"]]
    found = fed(Predictor(Model(Record(document), path)), samples)
    np.testing.assert_allclose(found[:20], expected["crepe_frames_first20"], atol=5e-4)
    np.testing.assert_allclose(found[-3:], expected["crepe_frames_last3"], atol=5e-4)
    document, path = lab.passthrough(tmp_path, (-1, 40, -1, 1), algorithm="TempoCNN")
    found = fed(Predictor(Model(Record(document), path)), arrays["mono_11025"])
    first = found.reshape(-1, 40, 256)[:2]
    np.testing.assert_allclose(first, expected["tempocnn_patches_first2"], atol=5e-4)


@pytest.mark.parametrize("bands", [128, 256])
def test_openl3_is_fed_blocks_in_decibels_below_their_maximum(bands: int, tmp_path: Path) -> None:
    document, path = lab.passthrough(tmp_path, (-1, bands, 199, 1), sample_rate=48000)
    samples = lab.noise(48000)
    predictor = Predictor(Model(Record(document), path))
    prediction = predictor.predict(samples, layer="input")
    found = prediction.activations.reshape(-1, bands, 199)
    assert len(found) == 4  # the last is centred at 3 s, of 3.2
    assert sorted(set(prediction.times.tolist())) == [0, 1, 2, 3]
    block = np.zeros(1024 + 48000 + 1024)
    block[1024:-1024] = samples[24000:72000]
    frontend = next(f.frontend for f in FAMILIES if f.frontend.width == bands)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2047)
    frames = np.stack([block[242 * i : 242 * i + 2048] * window for i in range(199)])
    mel = np.abs(np.fft.rfft(frames)) @ filter_bank(frontend)  # type: ignore[arg-type]
    decibels = 10 * np.log10(np.maximum(mel, 1e-10))
    expected = np.maximum(decibels - decibels.max(), -80).T
    np.testing.assert_allclose(found[1], expected, atol=1e-3)
    assert found.max() == 0 and found.min() >= -80
    assert frontend == OPENL3_128 or bands == 256


def test_openl3_hears_more_often_when_asked(tmp_path: Path) -> None:
    document, path = lab.passthrough(tmp_path, (-1, 128, 199, 1), sample_rate=48000)
    found = Predictor(Model(Record(document), path)).predict(
        lab.sine(48000), patch_hop=1, layer="input"
    )
    assert np.diff(np.unique(found.times))[0] == pytest.approx(0.1)


def test_fsdsinet_is_fed_a_clip_with_mean_0_and_peak_1(tmp_path: Path) -> None:
    algorithm = "TensorflowPredictFSDSINet"
    document, path = lab.passthrough(tmp_path, (-1, 101, 96, 1), algorithm=algorithm)
    samples = lab.impulses(22050)
    predictor = Predictor(Model(Record(document), path))
    np.testing.assert_allclose(
        fed(predictor, samples), fed(predictor, samples * 0.9 + 0.05), atol=0.02
    )


def test_what_no_family_makes_is_refused_with_a_list(tmp_path: Path) -> None:
    document, path = lab.passthrough(tmp_path, (-1, 128, 128))
    with pytest.raises(UsageError, match="No one front-end") as raised:
        Predictor(Model(Record(document), path)).predict(lab.sine(16000))
    assert "musicnn [187, 96] at 16000 Hz" in raised.value.why
    assert "predict(array of [patches, 128, 128])" in raised.value.hint


@pytest.mark.parametrize("batch", [-1, 1, 4])
def test_what_no_family_makes_can_be_fed_to_the_network(batch: int, tmp_path: Path) -> None:
    document, path = lab.passthrough(tmp_path, (batch, 5, -1, 2))
    patches = np.random.default_rng(0).normal(size=(7, 5, 3, 2))
    found = Predictor(Model(Record(document), path)).predict(patches)
    np.testing.assert_array_equal(found.activations.reshape(7, 5, 3, 2), patches.astype("f"))
    assert np.unique(found.times).tolist() == list(range(7))
    for other in (patches[:, :4], patches[0], patches[:0]):
        with pytest.raises(UsageError, match=r"No one front-end|cannot read an array"):
            Predictor(Model(Record(document), path)).predict(other)
