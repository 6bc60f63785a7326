"""Descriptor files of many pieces of music as one data set."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from catalog.errors import DescriptorError
from training.gaia.merging import merged
from training.gaia.points import matching


def _file(number: float, **others: Any) -> dict[str, Any]:
    return {"a.vector": [number, 2.0], "b.text": f"text {number}", **others}


def _names(files: Any) -> list[str]:
    return list(merged(files)[0].layout.descriptors)


def test_numbers_stand_by_their_names_and_texts_apart() -> None:
    points, _ = merged([_file(3.5, a=1), _file(4.5, a=2)])
    np.testing.assert_array_equal(points.rows, [[1, 3.5, 2], [2, 4.5, 2]])
    assert points.places == {".a": slice(0, 1), ".a.vector": slice(1, 3)}
    assert points.texts == {".b.text": ("text 3.5", "text 4.5")}


def test_a_matrix_has_its_size_before_its_rows() -> None:
    points, _ = merged([_file(i, cov=[[i, 2, 3], [4, 5, 6]]) for i in range(2)])
    np.testing.assert_array_equal(points.rows[1][points.places[".cov"]], [2, 3, 1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize(
    "values",
    [([1.0], [1.0, 2.0]), (5.0, 5.0), (5.0, 5.0 + 5e-8), (1.0, None), (float("inf"), 1.0)],
    ids=["of several lengths", "constant", "nearly constant", "NaN", "infinite"],
)
def test_what_nothing_can_be_learned_from_is_left_out(values: Any) -> None:
    files = [_file(i, other=value) for i, value in enumerate(values)]
    assert _names(files) == [".a.vector", ".b.text"]
    _, (remove, fixlength) = merged(files)
    assert remove.params["descriptorNames"] == (".other",)
    assert ".other" in remove.layout.descriptors
    assert fixlength.params["descriptorNames"] == (".a.vector", ".b.text")


def test_a_constant_dimension_stays_with_the_others() -> None:
    assert ".a.vector" in _names([_file(1), _file(2)])


def test_tags_are_never_learned_from() -> None:
    assert _names([_file(i, **{"metadata.tags.bpm": i}) for i in range(2)]) == [
        ".a.vector",
        ".b.text",
    ]


def test_descriptors_that_not_every_file_has_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "zoo"):
        assert _names([_file(1), _file(2, more=1)]) == [".a.vector", ".b.text"]
    assert "not every file has it: more." in caplog.text


@pytest.mark.parametrize("value", ["text", [["a"], "b"], [[[1.0]]], {}, [1, "b"]])
def test_what_is_not_the_same_in_all_files_is_left_out(value: Any) -> None:
    assert _names([_file(1, other=1.0), _file(2, other=value)]) == [".a.vector", ".b.text"]


def test_files_without_numbers_are_refused() -> None:
    with pytest.raises(DescriptorError, match="no descriptors in common"):
        merged([{"a": "text"}, {"a": "other"}])


def test_patterns_match_as_gaias() -> None:
    names = [
        *(".lowlevel.barkbands.mean", ".lowlevel.barkbands_kurtosis.mean", ".lowlevel.mfcc.cov"),
        *(".metadata.version", ".rhythm.bpm_histogram", ".rhythm.bpm_histogram_peak"),
    ]
    assert matching(["barkbands*"], names) == names[:2]
    assert matching(["*cov"], names) == [".lowlevel.mfcc.cov"]
    assert matching(["rhythm.bpm_histogram"], names) == [".rhythm.bpm_histogram"]
    assert matching(["bands*"], names) == []
    assert matching(["mfcc.c?v"], names) == [".lowlevel.mfcc.cov"]
