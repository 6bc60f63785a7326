"""What a record says of layers, beside what others say of them."""

from __future__ import annotations

import pytest

from validate.record import shapes_agree


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        ((187, 96), (None, 187, 96), True),
        ((187, 96), (None, 187, 48), False),
        ((187, 96), (None, 128, 96), False),
        ((-1, 96), (187, 96), True),
        ((187, -1), (187, 96), True),
        ((187, 96), (187, -1), True),
        ((-1, 96), (187, 48), False),
        (("batch_size", 50), (64, 50), True),
        ((1, 50), (64, 50), True),
        ((64, 50), (1, 50), True),
        ((2, 50), (64, 50), False),
        ((187, 1), (187, 96), False),
        ((1,), (96,), False),
        ((None, None), (187, 96), True),
    ],
)
def test_shapes_agree_where_no_size_differs_but_that_of_the_batch(
    ours: tuple[int | str | None, ...], theirs: tuple[int | str | None, ...], agree: bool
) -> None:
    assert shapes_agree(ours, theirs) is agree
    assert shapes_agree(theirs, ours) is agree
