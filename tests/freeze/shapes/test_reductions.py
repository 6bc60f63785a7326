"""Shapes of reductions, and of questions about shapes."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.shapes.propagation import infer
from tests.support import network_writer


@pytest.fixture
def net() -> Any:
    network = network_writer.Network()
    network.placeholder("x", [2, None, 4])
    network.integers("axis", 1)
    return network


def _shape(net: Any, name: str) -> Any:
    return infer(net.graph)[name][0]


def test_the_place_of_the_largest_drops_its_axis(net: Any) -> None:
    net.add("y", "ArgMax", "x", "axis")
    assert _shape(net, "y") == (2, 4)


@pytest.mark.parametrize(
    ("axis", "expected"), [(-1, (2, None, 4, 7)), (0, (7, 2, None, 4)), (1, (2, 7, None, 4))]
)
def test_one_hot_vectors_get_an_axis_of_their_depth(net: Any, axis: int, expected: Any) -> None:
    net.add("y", "OneHot", "x", net.integers("depth", 7), "axis", "axis", axis=axis)
    assert _shape(net, "y") == expected


def test_rank_and_product_become_sizes(net: Any) -> None:
    net.add("rank", "Rank", "x")
    net.add("product", "Prod", net.integers("v", [3, 5]), net.integers("zero", [0]))
    net.add("size", "Pack", "rank", "product")
    net.add("y", "Fill", "size", net.weights("one"))
    assert _shape(net, "y") == (3, 15)


@pytest.mark.parametrize(("length", "bins"), [(512, 257), (5, 3)])
def test_a_spectrum_has_one_bin_more_than_half_its_length(net: Any, length: int, bins: int) -> None:
    net.add("y", "RFFT", "x", net.integers("length", [length]))
    assert _shape(net, "y") == (2, None, bins)
