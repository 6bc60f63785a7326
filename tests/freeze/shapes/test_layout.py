"""Shapes of what is rearranged, joined and cut: NumPy's, and values that become shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from freeze.shapes.propagation import infer
from tests.support import network_writer

SIZES = (2, 3, 4, 5)
ELLIPSIS, NEW = Ellipsis, np.newaxis


@pytest.fixture
def net() -> Any:
    """A graph with ``x`` of known size, and a vector of numbers ``v``."""
    network = network_writer.Network()
    network.placeholder("x", SIZES)
    network.integers("v", [7, 8, 9])
    return network


def _all(net: Any, name: str) -> Any:
    return infer(net.graph)[name]


def _value(net: Any, name: str) -> Any:
    """The shape that a tensor becomes: what is known of its content."""
    net.weights("one")
    net.add("filled", "Fill", name, "one")
    return infer(net.graph)["filled"][0]


def _strided_slice(net: Any, read: str, index: tuple[Any, ...]) -> str:
    """Write NumPy's index as TensorFlow's StridedSlice."""
    masks = dict.fromkeys(("begin", "end", "shrink_axis", "new_axis", "ellipsis"), 0)
    rows = []
    for place, item in enumerate(index):
        if isinstance(item, slice):
            rows.append((item.start or 0, item.stop or 0, item.step or 1))
            masks["begin"] |= (item.start is None) << place
            masks["end"] |= (item.stop is None) << place
        elif isinstance(item, int):
            rows.append((item, item + 1, 1))
            masks["shrink_axis"] |= 1 << place
        else:
            rows.append((0, 0, 1))
            masks["ellipsis" if item is ELLIPSIS else "new_axis"] |= 1 << place
    given = [net.integers(f"row{i}", list(row)) for i, row in enumerate(zip(*rows, strict=True))]
    attributes = {f"{name}_mask": mask for name, mask in masks.items()}
    return str(net.add("y", "StridedSlice", read, *given, **attributes))


@pytest.mark.parametrize(
    "index",
    [
        (ELLIPSIS, NEW),
        (NEW, ELLIPSIS),
        (ELLIPSIS, NEW, 1),
        (NEW, ELLIPSIS, 1),
        (NEW, 0, ELLIPSIS, NEW, slice(1, 3)),
        (ELLIPSIS, NEW, NEW, slice(None, 2)),
        (0, slice(None), NEW, 2),
        (slice(None), slice(1, None), slice(None, -1)),
        (slice(None, None, 2), slice(None, None, -1), slice(3, 0, -2)),
        (1, slice(1, 3)),
        (ELLIPSIS,),
    ],
)
def test_a_strided_slice_has_the_shape_that_numpy_gives_it(
    net: Any, index: tuple[Any, ...]
) -> None:
    y = _strided_slice(net, "x", index)
    assert _all(net, y) == [np.zeros(SIZES)[index].shape]


@pytest.mark.parametrize(
    "index", [(slice(1, None),), (slice(None, 2),), (slice(None, None, -1),), (slice(2, 0, -1),)]
)
def test_a_strided_slice_of_numbers_keeps_those_that_numpy_keeps(
    net: Any, index: tuple[Any, ...]
) -> None:
    assert _value(net, _strided_slice(net, "v", index)) == tuple(np.array([7, 8, 9])[index])


def test_a_slice_of_minus_one_goes_to_the_end(net: Any) -> None:
    begin, size = net.integers("begin", [0, 1, 2, 0]), net.integers("size", [1, -1, 2, -1])
    net.add("y", "Slice", "x", begin, size)
    assert _all(net, "y") == [(1, 2, 2, 5)]


def test_a_split_of_minus_one_takes_the_rest(net: Any) -> None:
    net.add("y", "SplitV", "x", net.integers("sizes", [1, -1, 2]), net.integers("axis", -1))
    assert _all(net, "y") == [(2, 3, 4, 1), (2, 3, 4, 2), (2, 3, 4, 2)]


def test_the_parts_of_a_shape_are_known(net: Any) -> None:
    net.add("shape", "Shape", "x")
    net.add("y", "SplitV", "shape", net.integers("sizes", [1, 2, -1, 0]), net.integers("axis", 0))
    for index, expected in enumerate([(2,), (3, 4), (5,), ()]):
        net.add(f"part{index}", "Identity", f"y:{index}")
        assert _value(net, f"part{index}") == expected


@pytest.mark.parametrize("axes", [[], [-1], [1], [1, -1]])
def test_a_squeeze_drops_its_axes_or_all_of_one(net: Any, axes: list[int]) -> None:
    net.placeholder("thin", [2, 1, 5, 1])
    net.add("y", "Squeeze", "thin", squeeze_dims=axes)
    assert _all(net, "y") == [np.zeros((2, 1, 5, 1)).squeeze(tuple(axes) or None).shape]


def test_tiles_and_gathered_rows_have_their_sizes(net: Any) -> None:
    net.add("tiled", "Tile", "x", net.integers("times", [1, 2, 3, 1]))
    net.add("rows", "GatherV2", "x", net.integers("which", [[0, 1, 1]]), net.integers("axis", 2))
    assert _all(net, "tiled") == [(2, 6, 12, 5)]
    assert _all(net, "rows") == [(2, 3, 1, 3, 5)]


def test_gathered_numbers_become_a_shape(net: Any) -> None:
    net.add("y", "GatherV2", "v", net.integers("which", [2, 0]), net.integers("axis", 0))
    assert _value(net, "y") == (9, 7)


def test_a_constant_that_repeats_its_last_number_becomes_a_shape(net: Any) -> None:
    net.integers("same", [4, 4, 4])
    tensor = net.graph.node[-1].attr["value"].tensor
    del tensor.int_val[2:]
    assert _value(net, "same") == (4, 4, 4)


def test_a_range_becomes_a_shape(net: Any) -> None:
    net.add("y", "Range", *(net.integers(f"n{number}", number) for number in (2, 9, 3)))
    assert _value(net, "y") == (2, 5, 8)


def test_margins_that_are_computed_are_known(net: Any) -> None:
    """As those are by which a signal is filled up to whole frames."""
    net.integers("six", -6)
    net.add("missing", "Neg", "six")
    net.integers("two", 2)
    net.add("first", "Pack", "two", "missing", N=2)
    net.add("rows", "Pack", "first", N=1)
    net.integers("rank", [3, 2])
    net.integers("zero", 0)
    net.add("rest", "Fill", "rank", "zero")
    net.integers("axis", 0)
    net.add("margins", "ConcatV2", "rows", "rest", "axis", N=2)
    assert _all(net, net.add("y", "Pad", "x", "margins")) == [(10, 3, 4, 5)]


def test_rows_of_numbers_are_no_numbers_of_their_own(net: Any) -> None:
    net.integers("table", [[1, 2], [3, 4]])
    net.add("rows", "Unpack", "table", num=2)
    assert _all(net, "rows") == [(2,), (2,)]
    net.integers("sizes", [1, 1])
    net.integers("axis", 1)
    net.add("columns", "SplitV", "table", "sizes", "axis", num_split=2)
    assert _value(net, net.add("column", "Squeeze", "columns")) == (None, None)
