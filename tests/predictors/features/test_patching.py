from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.errors import UsageError
from predictors.features import normalizing
from predictors.features.analysis import features, framed
from predictors.features.families import FAMILIES, Family
from predictors.features.frontends import Frames
from predictors.features.patches import LastPatch, cut
from predictors.features.patching import Framing, Patching

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 300_000).astype(np.float32)


def divided(samples: NDArray[np.float32], largest: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Samples in blocks of any size up to the largest; a few hundred, then the rest."""
    sizes = np.random.default_rng(seed).integers(0, largest, 300, endpoint=True)
    yield from np.split(samples, np.minimum(sizes.cumsum(), len(samples)))


def at_once(
    family: Family, signal: NDArray[np.float32], hop: int, last_patch: LastPatch
) -> NDArray[np.float32]:
    """What the network is fed, computed from the whole signal."""
    if family.normalize:
        signal = signal - signal.mean()
        signal /= np.abs(signal).max() + np.float32(0.005)
    if not family.blocks:
        return family.arrange(
            cut(features(signal, family.frontend), family.frames, hop, last_patch)
        )
    blocks = framed(signal, replace(family.blocks, hop=family.blocks.hop * hop))
    if family.blocks is family.frontend:
        return family.arrange(blocks[:, None])
    return family.arrange(np.stack([features(block, family.frontend) for block in blocks]))


@settings(deadline=None)
@given(
    length=st.integers(1, 3000),
    half=st.integers(1, 30),
    filled=st.booleans(),
    hop=st.integers(1, 80),
    largest=st.sampled_from([1, 7, 100, 5000]),
    seed=st.integers(0, 9999),
)
def test_frames_do_not_depend_on_the_blocks(
    length: int, half: int, filled: bool, hop: int, largest: int, seed: int
) -> None:
    valid = half if filled else 1
    frames = Frames(name="any", sample_rate=1000, frame=2 * half, hop=hop, valid=valid)
    framing = Framing(frames)
    blocks = divided(NOISE[:length], largest, seed)
    found = [*(framing.feed(block).copy() for block in blocks), framing.finish()]
    np.testing.assert_array_equal(np.concatenate(found), framed(NOISE[:length], frames))


@pytest.mark.parametrize("family", FAMILIES, ids=str)
@settings(max_examples=6, deadline=None)
@given(
    seconds=st.floats(0.01, 2.5),
    largest=st.sampled_from([1, 300, 4096, 1_000_000]),
    last_patch=st.sampled_from(["discard", "repeat", "pad"]),
    seed=st.integers(0, 9999),
)
def test_patches_do_not_depend_on_the_blocks(
    family: Family, seconds: float, largest: int, last_patch: str, seed: int
) -> None:
    samples = NOISE[: int(seconds * family.frontend.sample_rate)]
    family = family if family.blocks else replace(family, frames=23)
    hop = min(family.hop, 15)
    patching = Patching(family, hop, last_patch)  # type: ignore[arg-type]
    blocks = divided(samples, largest, seed)
    found = np.concatenate([*(patching.feed(block) for block in blocks), *patching.finish()])
    expected = at_once(family, samples, hop, last_patch)  # type: ignore[arg-type]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("family", [*FAMILIES[:1], *FAMILIES[-1:]], ids=str)
def test_a_hop_without_meaning_is_refused_before_any_audio(family: Family) -> None:
    with pytest.raises(UsageError, match="hop of 0 frames"):
        Patching(family, 0)


def test_frames_are_there_as_soon_as_their_samples_are() -> None:
    framing = Framing(Frames(name="any", sample_rate=1000, frame=1024, hop=160))
    counts = [len(framing.feed(NOISE[:size])) for size in (511, 1, 159, 1, 159, 320)]
    assert counts == [0, 1, 0, 1, 0, 2]


def test_a_clip_that_memory_does_not_hold_is_normalised_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(normalizing, "IN_MEMORY", 1000)
    monkeypatch.setattr(normalizing, "BLOCK", 30_001)
    (family,) = (each for each in FAMILIES if each.normalize)
    samples = NOISE + np.float32(0.2)
    patching = Patching(family, family.hop)
    assert all(not len(patching.feed(block)) for block in divided(samples, 5000, 1))
    found = list(patching.finish())
    assert len(found) > 5
    expected = at_once(family, samples, family.hop, "discard")
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=0, atol=2e-5)
