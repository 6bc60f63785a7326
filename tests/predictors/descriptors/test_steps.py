"""What the steps of a history do to a point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from catalog.errors import DescriptorError
from freeze.formats.gaia.history import Transformation
from freeze.formats.gaia.layout import Descriptor, Layout
from predictors.descriptors.point import Point
from predictors.descriptors.reading import read_steps
from predictors.descriptors.steps import applied, needed

REAL, FOUR, TEXT = Descriptor("real"), Descriptor("real", 4), Descriptor("string")
LAYOUT = Layout({".a.x": FOUR, ".a.y": REAL, ".key": TEXT})
POINT = Point(
    {
        ".a.x": np.array([0.5, 1, 1.5, 2], np.float32),
        ".a.y": np.array([3], np.float32),
        ".key": ("C",),
    },
    LAYOUT.descriptors,
)


def made(applier: str, layout: Layout = LAYOUT, **params: Any) -> Transformation:
    return Transformation(applier, params, layout, "analyzer")


def after(*history: Transformation, point: Point = POINT) -> Point:
    return applied(read_steps(history), point)


def values(point: Point) -> dict[str, Any]:
    """The values of a point, as Python's."""
    return {
        name: list(value) if isinstance(value, tuple) else value.tolist()
        for name, value in point.values.items()
    }


def test_descriptors_are_removed_and_selected_by_one_name_or_several() -> None:
    assert after(made("removedesc", descriptorNames=".a.x")).values.keys() == {".a.y", ".key"}
    assert after(made("SelectDesc", descriptorNames=(".a.x",))).values.keys() == {".a.x"}
    assert after(made("removedesc", descriptorNames=())).values.keys() == POINT.values.keys()


def test_a_name_is_also_found_by_its_end() -> None:
    assert after(made("removedesc", descriptorNames="x")).values.keys() == {".a.y", ".key"}


def test_sizes_are_fixed_to_those_of_the_values() -> None:
    fixed = after(made("fixlengthapplier", descriptorNames=(".a.y", ".key")))
    assert fixed.types == {
        ".a.x": FOUR,
        ".a.y": Descriptor("real", 1),
        ".key": Descriptor("string", 1),
    }


def test_another_size_than_the_history_was_made_with_is_refused_by_name() -> None:
    fixed = made("fixlengthapplier", descriptorNames=".a.y")
    sized = Layout({**LAYOUT.descriptors, ".a.y": Descriptor("real", 2)})
    with pytest.raises(DescriptorError, match=r"a\.y has 1 values, but the model takes 2 values"):
        after(fixed, made("removedesc", sized, descriptorNames=()))


def test_numbers_are_scaled_with_two_roundings_to_single_precision() -> None:
    scale, offset = 0.1, 0.7
    scaled = after(made("dotproduct", coeffs={".a.y": {"a": [scale], "b": offset}}))
    once = np.float32(3) * np.float32(scale)
    assert scaled.values[".a.y"] == once + np.float32(offset)
    assert values(scaled)[".a.x"] == [0.5, 1, 1.5, 2]


def test_scaled_numbers_are_clipped_only_where_that_is_wanted() -> None:
    coefficients = {".a.x": {"a": [1.0, -1.0, 1.0, 1.0], "b": [0.0, 0.0, 0.0, -1.5]}}
    clipped = made("dotproduct", coeffs=coefficients, applyClipping=True)
    assert values(after(clipped))[".a.x"] == [0.5, 0, 1, 0.5]
    assert values(after(made("dotproduct", coeffs=coefficients)))[".a.x"] == [0.5, -1, 1.5, 0.5]


@pytest.mark.parametrize(
    ("x", "rank"), [(-9, 1), (0, 1), (1, 2), (1.5, 2), (2, 4), (3, 5), (4.9, 5), (5, 5), (9, 5)]
)
def test_numbers_get_a_normal_distribution_by_their_ranks(x: float, rank: int) -> None:
    samples = [0.0, 1.0, 2.0, 2.0, 3.0, 5.0]  # of equals, the rank is the last one's
    point = POINT.adding({".a.y": np.array([x], np.float32)}, LAYOUT.descriptors)
    for form in (samples, np.array(samples, "<f4").tobytes()):
        (found,) = after(made("distribute", distribution={".a.y[0]": form}), point=point).values[
            ".a.y"
        ]
        assert math.erf(found) == pytest.approx(2 * rank / 6 - 1, abs=1e-6)


def test_descriptors_are_added_with_their_defaults() -> None:
    added = after(
        made(
            "addfieldapplier",
            real=("n.x", "n.y"),
            string="n.s",
            size={"n.x": 2},
            default={"n.x": [1.5, 2.5], "n.s": "hi"},
        )
    )
    assert {name: values(added)[name] for name in (".n.x", ".n.y", ".n.s")} == {
        ".n.x": [1.5, 2.5],
        ".n.y": [0],
        ".n.s": ["hi"],
    }
    assert added.types[".n.x"].size == 2 and added.types[".n.y"].size is None


def test_a_matrix_multiplies_fixed_sizes_before_variable_ones() -> None:
    matrix = [2, 5, *map(float, range(10))]
    projected = after(
        made("matmult", matrix=matrix, descriptorNames=(".a.y", ".a.x"), resultName="p")
    )
    assert values(projected) == {".p": [0.5 * 0 + 1 + 1.5 * 2 + 2 * 3 + 3 * 4, 62]}
    unnamed = after(made("matmult", matrix=matrix, descriptorNames=(".a.y", ".a.x")))
    assert list(unnamed.values) == [".analyzer 2 (_a_y, _a_x)"]


def test_descriptors_are_joined() -> None:
    joined = after(made("mergeregionapplier", resultName="all", descriptorNames=(".a.y", ".a.x")))
    assert values(joined) == {".all": [0.5, 1, 1.5, 2, 3]}
    assert joined.types[".all"].size is None


def test_single_values_are_extracted_beside_the_others() -> None:
    extracted = after(made("extractapplier", dimensions=(".a.x[2]",)))
    assert values(extracted)[".a.x[2]"] == [1.5]
    assert extracted.values.keys() == {*POINT.values, ".a.x[2]"}


def test_a_descriptor_is_renamed() -> None:
    renamed = after(made("renameapplier", fullName=".a.y", newName="b"))
    assert values(renamed) == {".a.x": [0.5, 1, 1.5, 2], ".key": ["C"], ".b": [3]}


def _nested(*history: Transformation) -> list[Any]:
    """A history as the parameter of a step."""
    from freeze.formats.gaia.layout import write
    from freeze.formats.gaia.stream import Writer

    found = []
    for step in history:
        writer = Writer()
        write(step.layout, writer)
        found.append([bytes(writer.data), "", "", step.applier, {}, dict(step.params), {}])
    return found


def test_two_histories_are_merged_and_must_not_give_the_same() -> None:
    one = _nested(made("selectdesc", descriptorNames=".a.x"))
    other = _nested(made("selectdesc", descriptorNames=(".a.y",)))
    assert after(made("merge", history1=one, history2=other)).values.keys() == {".a.x", ".a.y"}
    with pytest.raises(ValueError, match="both give"):
        after(made("merge", history1=one, history2=one))


def test_texts_are_numbered_by_the_table_in_force_and_unknown_ones_get_the_next_number() -> None:
    numbered = Layout({**LAYOUT.descriptors, ".key": Descriptor("enum")}, {".key": ("A", "C")})
    enumerated = after(
        made("enumerateapplier", descriptorNames=".key"),
        made("removedesc", numbered, descriptorNames=()),
    )
    assert enumerated.numbers([".key", ".a.y"])[0].tolist() == [1, 3]
    other = after(
        made("enumerateapplier", descriptorNames=".key"),
        made("removedesc", numbered, descriptorNames=()),
        point=POINT.adding({".key": ("Bb",)}, LAYOUT.descriptors),
    )
    numbers, unknown = other.numbers([".key"])
    assert (numbers.tolist(), unknown) == ([2], {"key": "Bb"})
    assert other.numbers([".key"])[0].tolist() == [2], "a table remembers nothing"


def test_only_what_reaches_the_end_is_needed() -> None:
    steps = read_steps(
        [
            made("removedesc", descriptorNames=()),
            made("extractapplier", dimensions=(".a.x[2]",)),
            made("renameapplier", fullName=".a.x[2]", newName="second"),
            made("addfieldapplier", real="n"),
        ]
    )
    assert needed(steps, frozenset({".second", ".n"})) == {".a.x"}
    joined = read_steps([made("mergeregionapplier", resultName="all", descriptorNames=(".a.y",))])
    assert needed(joined, frozenset({".all"})) == {".a.y"}


@pytest.mark.parametrize(
    ("applier", "params"),
    [
        ("nothing", {}),
        ("removedesc", {}),
        ("removedesc", {"descriptorNames": [1]}),
        ("removedesc", {"descriptorNames": 1}),
        ("dotproduct", {"coeffs": []}),
        ("dotproduct", {"coeffs": {".a.x": {"a": [1.0]}}}),
        ("dotproduct", {"coeffs": {".a.x": {"a": [1.0], "b": [1.0, 2.0]}}}),
        ("distribute", {"distribution": {".a.x": [1.0, 2.0]}}),
        ("distribute", {"distribution": {".a.x[0]": [1.0]}}),
        ("distribute", {"distribution": {".a.x[0]": [2.0, 1.0]}}),
        ("distribute", {"distribution": {".a.x[0]": b"abc"}}),
        ("addfieldapplier", {"real": "n", "size": {"n": 2**31 - 1}}),
        ("matmult", {"matrix": [2, 3, 1.0], "descriptorNames": ".a.x"}),
        ("matmult", {"matrix": [], "descriptorNames": ".a.x"}),
        ("matmult", {"matrix": [10**9, 10**9, 1.0], "descriptorNames": ".a.x"}),
        ("extractapplier", {"dimensions": ".a.x"}),
        ("merge", {"history1": [], "history2": [[]]}),
        ("merge", {"history1": 7, "history2": []}),
        ("svmpredict", {"className": "x", "classMapping": ("a",), "descriptorNames": ".a.x"}),
    ],
)
def test_parameters_that_gaia_does_not_write_are_refused(
    applier: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"Step 1, {applier}"):
        read_steps([made(applier, **params)])
