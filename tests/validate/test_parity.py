"""What counts as computing the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.errors import ParityError
from validate import parity


def _within(here: Any, there: Any, tolerance: float = parity.TOLERANCE) -> bool:
    reference, found = np.asarray(here, np.float32), np.asarray(there, np.float32)
    (difference,) = parity.compare({"layer": reference}, {"layer": found})
    return difference.within(tolerance)


def test_a_difference_is_judged_by_the_scale_of_its_layer() -> None:
    assert _within([1000.0, 0.0], [1000.0, 0.005])
    assert not _within([1.0, 0.0], [1.0, 0.005])
    assert not _within([1e-4, 0.0], [1e-4, 1e-5])


def test_equal_layers_agree_even_where_all_is_zero() -> None:
    assert _within([0.0, 0.0], [0.0, 0.0])
    assert not _within([0.0, 0.0], [0.0, 1e-9])


def test_infinite_values_must_be_the_same_in_both() -> None:
    nan, inf = np.nan, np.inf
    assert _within([1.0, nan, inf], [1.0, nan, inf])
    assert not _within([1.0, nan], [1.0, 0.0])
    assert not _within([1.0, 0.0], [1.0, nan])
    assert not _within([1.0, inf], [1.0, -inf])
    assert not _within([1.0, 2.0], [1.0, inf])


def test_layers_of_which_nothing_is_finite_prove_nothing() -> None:
    assert not _within([np.nan, np.nan], [np.nan, np.nan])
    assert not _within([], [])


def test_another_shape_is_a_difference() -> None:
    assert not _within([[1.0, 1.0]], [1.0, 1.0])


def test_a_disagreement_names_the_layer_and_by_how_much() -> None:
    differences = parity.compare(
        {"good": np.ones(2), "bad": np.array([0.0, 2.0])},
        {"good": np.ones(2), "bad": np.array([0.5, 2.0])},
    )
    with pytest.raises(ParityError) as refused:
        parity.require(differences, "The frozen graph")
    assert "bad differs by 0.5 where its values reach 2" in refused.value.why
    assert "good" not in refused.value.why


@pytest.mark.parametrize(
    ("shape", "filled"),
    [
        ((None, 187, 96), (2, 187, 96)),
        ((64, 128, 96), (64, 128, 96)),
        ((None, 40, None, 1), (2, 40, 256, 1)),
        ((None, None), (2, 256)),
        ((), ()),
    ],
)
def test_axes_of_any_size_are_filled(shape: Any, filled: tuple[int, ...]) -> None:
    values = parity.random_input("float32", shape)
    assert values.shape == filled and values.dtype == np.float32
    assert np.array_equal(values, parity.random_input("float32", shape))
    assert not shape or 0 <= values.min() < values.max() <= 1


def test_other_element_types_get_values_that_fit_them() -> None:
    assert not parity.random_input("bool", (4,)).any()
    assert set(np.unique(parity.random_input("int32", (50,)))) == {0, 1}
    assert parity.random_input("float64", (2,)).dtype == np.float64
