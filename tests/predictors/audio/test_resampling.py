"""Resampling: what libsamplerate gives, however the signal is divided."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.errors import AudioError
from predictors.audio import sinc_medium
from predictors.audio.drifting import Drifting, _lines
from predictors.audio.resampling import Aperiodic, Resampling, resampling
from predictors.audio.rows import LASTING, Rows
from predictors.audio.sinc_medium import PHASES, response, weights

NOISE = np.random.default_rng(0).normal(0, 0.1, 200_000).astype(np.float32)
COMMON = (44100, 48000, 32000, 22050, 96000, 88200, 8000, 11025, 24000)
PAIRS = [pair for pair in product(COMMON, (16000, 11025, 22050, 44100)) if pair[0] != pair[1]]
ODD = [(44099, 16000), (1000, 16000), (16000, 22050.5), (6_000_000, 44100), (1_000_003, 16000),
       (256_000, 1000), (1000, 256_000), (1001, 256_000), (44100, 44101)]  # fmt: skip

DRIFTING = [(44100, 16000), (22050, 16000), (11025, 16000), (32000, 44100), (8000, 22050),
            (96000, 11025), (44099, 16000)]  # fmt: skip


def whole(signal: Resampling, blocks: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([*(signal.feed(block) for block in blocks), signal.finish()])


def divided(samples: NDArray[np.float32], largest: int, seed: int) -> list[NDArray[np.float32]]:
    """Cut samples at random places: a few blocks of any size up to the largest, then the rest."""
    sizes = np.random.default_rng(seed).integers(0, largest, 400, endpoint=True)
    return np.split(samples, np.minimum(sizes.cumsum(), len(samples)))


def compare(samples: NDArray[np.float32], origin: float, target: float) -> None:
    """Hold a signal against libsamplerate's, which Essentia cuts by the sample at its end."""
    samplerate = pytest.importorskip("samplerate")
    ratio = float(np.float32(target) / np.float32(origin))
    peer = samplerate.Resampler("sinc_medium", channels=1)
    behind = np.zeros(math.ceil(100 * max(1, 1 / ratio)), np.float32)  # or it ends too early
    expected = peer.process(np.concatenate([samples, behind]), ratio)
    found = whole(resampling(origin, target), [samples])
    assert len(found) == math.ceil(len(samples) * ratio) - 1
    np.testing.assert_allclose(found, expected[: len(found)], rtol=0, atol=2e-6)


@pytest.mark.parametrize(("origin", "target"), [*PAIRS, *ODD])
def test_the_samples_are_those_of_libsamplerate(origin: float, target: float) -> None:
    compare(NOISE[: min(max(500, int(origin) // 4), 50_000)], origin, target)


@pytest.mark.slow
@pytest.mark.parametrize(("origin", "target"), DRIFTING)
def test_a_minute_of_noise_does_not_drift(origin: int, target: int) -> None:
    compare(np.random.default_rng(1).normal(0, 0.1, 60 * origin).astype(np.float32), origin, target)


@settings(deadline=None, max_examples=40)
@given(
    length=st.integers(1, 20_000),
    largest=st.sampled_from([1, 2, 50, 1000, 100_000]),
    seed=st.integers(0, 9999),
    rates=st.sampled_from([*PAIRS, *ODD, (16000, 16000)]),
)
def test_the_samples_do_not_depend_on_the_blocks(
    length: int, largest: int, seed: int, rates: tuple[float, float]
) -> None:
    found = whole(resampling(*rates), divided(NOISE[:length], largest, seed))
    expected = whole(resampling(*rates), [NOISE[:length]])
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-7)


def test_rates_that_repeat_are_resampled_as_if_they_did_not() -> None:
    """Over several blocks, within which the weights change in proportion."""
    found, expected = (
        whole(signal, [NOISE]) for signal in (resampling(22050, 16000), Aperiodic(22050, 16000))
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-8)


def test_weights_are_the_response_at_any_distance() -> None:
    phases = np.random.default_rng(0).uniform(-25_000, 25_000, (2, 500))
    np.testing.assert_allclose(
        weights(phases, 0.4), 0.4 * response(phases / PHASES), rtol=0, atol=2e-6
    )


def test_a_signal_without_samples_gives_none() -> None:
    assert len(whole(resampling(44100, 16000), [])) == 0
    assert len(whole(resampling(44100, 16000), [NOISE[:0], NOISE[:1]])) == 0


def test_what_was_heard_is_not_kept() -> None:
    signal = resampling(48000, 16000)
    signal.feed(NOISE)
    assert len(vars(signal)["_held"]) < 1500


def test_rates_that_are_too_far_apart_are_refused() -> None:
    with pytest.raises(AudioError, match="257000 Hz cannot be resampled to 1000 Hz"):
        resampling(257_000, 1000)


@pytest.mark.parametrize(("origin", "target"), [(44100, 16000), (22050, 16000), (32000, 44100)])
def test_sections_follow_each_other_without_a_seam(
    origin: int, target: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever way the weights drift; a section takes minutes, so here it ends sooner."""
    monkeypatch.setattr(Rows, "section", property(lambda rows: 3 * rows.block))
    _lines.cache_clear()
    found, expected = (
        whole(signal, [NOISE]) for signal in (resampling(origin, target), Aperiodic(origin, target))
    )
    _lines.cache_clear()
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7)
    assert np.mean(found == expected) > 0.7


@pytest.mark.parametrize(("origin", "target"), [(44100, 16000), (11025, 16000), (32000, 44100)])
def test_weights_are_still_right_at_the_end_of_a_section(origin: int, target: int) -> None:
    """Where hundreds of steps have moved them."""
    rows: Rows = vars(resampling(origin, target))["_rows"]
    drifting = Drifting(rows, 0)
    inputs = NOISE[: rows.groups * rows.width].reshape(rows.groups, 1, -1).astype(np.float64)
    for block in range(LASTING):
        drifting.multiply(inputs, block * rows.block)
    last = rows.section - 1
    found = drifting.multiply(inputs, last)[:, 0]
    numbers = last * rows.outputs + np.arange(found.size).reshape(found.shape)
    before, behind = sinc_medium.places(numbers, rows.ratio)
    before -= (drifting.starts + last * rows.inputs)[:, None]
    distances = sinc_medium.distances(before, np.rint(behind), rows.width, rows.scale)
    expected = np.einsum("gow,grw->go", weights(distances, rows.scale), inputs)
    apart = abs(found - expected)
    assert apart.max() < 1e-7
    assert np.median(apart) < 3e-9
