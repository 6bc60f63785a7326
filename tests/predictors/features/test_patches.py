from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from predictors.features.patches import LastPatch, cut, starts

FEATURES = np.arange(400 * 2, dtype=np.float32).reshape(400, 2)


@given(frames=st.integers(0, 60), size=st.integers(1, 20), data=st.data())
def test_patches_start_at_every_hop_while_they_fit(
    frames: int, size: int, data: st.DataObject
) -> None:
    hop = data.draw(st.integers(1, size))
    features = FEATURES[:frames]
    expected = [
        features[start : start + size] for start in range(0, frames, hop) if start + size <= frames
    ]
    found = cut(features, size, hop)
    assert found.shape == (len(expected), size, 2)
    assert all((one == other).all() for one, other in zip(found, expected, strict=True))


def test_the_rest_is_repeated_from_its_own_start() -> None:
    found = cut(FEATURES[:10], 8, 4, "repeat")
    assert found[1, :, 0].tolist() == [8, 10, 12, 14, 16, 18, 8, 10]


def test_the_rest_is_followed_by_zeros() -> None:
    found = cut(FEATURES[:10], 8, 4, "pad")
    assert found[1, :, 0].tolist() == [8, 10, 12, 14, 16, 18, 0, 0]


@pytest.mark.parametrize("last_patch", ["repeat", "pad"])
@pytest.mark.parametrize(("frames", "count"), [(187, 2), (80, 1), (1, 1), (0, 0)])
def test_what_starts_after_the_last_patch_makes_one_more(
    frames: int, count: int, last_patch: LastPatch
) -> None:
    assert len(cut(FEATURES[:frames], 187, 93, last_patch)) == count


def test_nothing_is_left_where_patches_do_not_overlap_and_fit() -> None:
    assert len(cut(FEATURES[:20], 10, 10, "repeat")) == 2


@pytest.mark.parametrize("hop", [-1, 0, 188])
def test_a_hop_that_is_no_distance_is_refused(hop: int) -> None:
    with pytest.raises(UsageError, match=f"hop of {hop} frames"):
        cut(FEATURES, 187, hop)


def test_another_word_for_the_last_patch_is_refused() -> None:
    with pytest.raises(UsageError, match="'mirror'"):
        cut(FEATURES, 187, 93, "mirror")  # type: ignore[arg-type]


def test_times_are_those_of_the_first_frames() -> None:
    times = starts(3, 93, 62.5)
    assert times.dtype == np.float64
    assert times.tolist() == [0, 1.488, 2.976]
