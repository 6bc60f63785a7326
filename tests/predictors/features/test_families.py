from __future__ import annotations

import pytest

from catalog.errors import UsageError
from catalog.record import Record
from predictors.features.families import FAMILIES, Family, choose


def record(algorithm: str | None = None, sample_rate: int | None = None) -> Record:
    inference = {"algorithm": algorithm, "sample_rate": sample_rate}
    return Record({"inference": inference, "zoo": {"id": "some"}})


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_the_algorithm_and_the_shape_decide(family: Family) -> None:
    assert choose(record(family.algorithm), family.shape) is family


@pytest.mark.parametrize("family", FAMILIES, ids=str)
@pytest.mark.parametrize("knows_rate", [True, False])
def test_else_the_shape_decides(family: Family, knows_rate: bool) -> None:
    rate = family.frontend.sample_rate if knows_rate else None
    assert choose(record(sample_rate=rate), family.shape) is family


def test_an_algorithm_alone_means_its_own_patches() -> None:
    assert choose(record("TensorflowPredictMAEST"), ()).frames == 1876
    assert choose(record("TensorflowPredictTempoCNN"), (40, -1, 1)).algorithm == "TempoCNN"


def test_a_shape_that_the_algorithm_cannot_make_is_refused() -> None:
    with pytest.raises(UsageError, match="No one front-end") as raised:
        choose(record("TempoCNN"), (187, 96))
    assert "TempoCNN" in raised.value.why and "musicnn" not in raised.value.why


def test_the_patch_of_the_record_is_taken() -> None:
    model = record("TensorflowPredictMusiCNN")
    model.document["zoo"]["patch"] = {"frames": 200, "hop": 100}
    family = choose(model, (200, 96))
    assert (family.frames, family.hop, family.shape) == (200, 100, (200, 96))
    model = record()
    model.document["zoo"]["patch"] = {"frames": 626, "hop": 600}
    family = choose(model, (-1, 96))
    assert (family.algorithm, family.hop) == ("TensorflowPredictMAEST", 600)


def test_a_size_that_may_be_any_fits() -> None:
    assert choose(record(), (40, -1, 1)).algorithm == "TempoCNN"


@pytest.mark.parametrize(
    ("shape", "rate"), [((128, 128), 16000), ((187, 96), 44100), ((187,), 16000), ((), None)]
)
def test_what_fits_nothing_is_refused_with_a_list(shape: tuple[int, ...], rate: int | None) -> None:
    with pytest.raises(UsageError, match="No one front-end fits") as raised:
        choose(record(sample_rate=rate), shape)
    assert "musicnn [187, 96] at 16000 Hz" in raised.value.why


def test_what_fits_several_is_refused_with_these() -> None:
    with pytest.raises(UsageError) as raised:
        choose(record(), (-1, 96))
    assert "would all fit" in raised.value.why
    assert "[187, 96]" in raised.value.why and "[128, 96]" in raised.value.why
    assert "tempocnn" not in raised.value.why


def test_a_patch_of_frames_begins_at_its_time_and_a_block_is_centred_on_it() -> None:
    reaches = {family.algorithm: family.reach for family in FAMILIES}
    assert reaches["TempoCNN"] == (0, 256 * 512 / 11025)
    assert reaches["PitchCREPE"] == (-0.032, 0.032)
    assert reaches["OpenL3"] == (-0.5, 0.5)
