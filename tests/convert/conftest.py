"""What the tests of conversion share."""

from __future__ import annotations

import pytest


@pytest.fixture(
    params=[
        *("msd-musicnn-1", "genre_dortmund_musicnn_msd", "small_vggish_init", "deeptemp_k16"),
        *("crepe-tiny-1", "emomusic-msd-musicnn-1", "vgg4"),
    ]
)
def small_model(request: pytest.FixtureRequest) -> str:
    """The name of each small model."""
    return str(request.param)
