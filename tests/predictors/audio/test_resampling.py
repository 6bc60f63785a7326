from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
import samplerate
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from predictors.audio.resampling import Resampling, resampling

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 200_000).astype(np.float32)
RATES = st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000, 96000])


def whole(signal: Resampling, blocks: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([*(signal.feed(block) for block in blocks), signal.finish()])


def divided(samples: NDArray[np.float32], largest: int, seed: int) -> list[NDArray[np.float32]]:
    """Cut samples at random places: a few blocks of any size up to the largest, then the rest."""
    sizes = np.random.default_rng(seed).integers(0, largest, 400, endpoint=True)
    return np.split(samples, np.minimum(sizes.cumsum(), len(samples)))


def at_once(samples: NDArray[np.float32], origin: int, target: int) -> NDArray[np.float32]:
    """What libsamplerate gives in one call, without the sample at the very end."""
    ratio = float(np.float32(target) / np.float32(origin))
    resampled: NDArray[np.float32] = samplerate.resample(samples, ratio, "sinc_medium")
    return resampled[: math.ceil(len(samples) * ratio) - 1]


@settings(deadline=None)
@given(
    length=st.integers(1, 20_000),
    largest=st.sampled_from([1, 2, 50, 1000, 100_000]),
    seed=st.integers(0, 9999),
    origin=RATES,
    target=RATES,
)
@pytest.mark.parametrize("resampler", ["essentia", "soxr"])
def test_the_samples_do_not_depend_on_the_blocks(
    resampler: Literal["essentia", "soxr"],
    length: int,
    largest: int,
    seed: int,
    origin: int,
    target: int,
) -> None:
    samples = NOISE[:length]
    found = whole(resampling(origin, target, resampler), divided(samples, largest, seed))
    if origin == target:
        expected = samples
    elif resampler == "soxr":
        expected = soxr.resample(samples, origin, target, quality="HQ")
    else:
        expected = at_once(samples, origin, target)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.slow
def test_minutes_of_blocks_do_not_drift() -> None:
    samples = np.tile(NOISE, 20)
    found = whole(resampling(44100, 16000), list(np.split(samples, range(0, len(samples), 4097))))
    np.testing.assert_array_equal(found, at_once(samples, 44100, 16000))


def test_a_signal_without_samples_gives_none() -> None:
    assert len(whole(resampling(44100, 16000), [])) == 0
    assert len(whole(resampling(44100, 16000, "soxr"), [])) == 0
