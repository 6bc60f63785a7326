"""Values that change in JSON text whose layout stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.json_text import Place, edited


def test_of_equal_keys_the_last_one_is_edited_because_it_is_the_one_that_counts() -> None:
    assert edited('{"a": 1, "b": [0, {"a": 2}], "a": 3}', {("a",): 4}) == (
        '{"a": 1, "b": [0, {"a": 2}], "a": 4}'
    )


def test_places_without_an_object_around_them_are_passed_over() -> None:
    text = '{"a": [], "b": {}, "c": "}]"}'
    values = {("a", 0): 1, ("b", "x", "y"): 1, ("c", 0): 1, ("c", "d"): 1}
    assert edited(text, values) == text


@pytest.mark.parametrize(
    "layout",
    [
        lambda document: json.dumps(document),
        lambda document: json.dumps(document, indent=4, ensure_ascii=False) + "\n",
        lambda document: json.dumps(document, indent="\t", ensure_ascii=False),
        lambda document: json.dumps(document, indent=1).replace("\n", "\r\n"),
        lambda document: "\ufeff" + json.dumps(document, indent=2),
    ],
    ids=["one line", "four spaces", "tabs", "carriage returns", "byte order mark"],
)
def test_new_keys_come_last_and_are_laid_out_like_the_others(layout: Any) -> None:
    before = {"a": 1, "b": {"c": [1]}}
    after = {"a": [1, {"x": "y"}], "b": {"c": [1], "d": {"e": [2, 3]}, "f": None}, "g": "h"}
    values: dict[Place, Any] = {
        ("a",): [1, {"x": "y"}],
        ("b", "d"): {"e": [2, 3]},
        ("b", "f"): None,
        ("g",): "h",
    }
    assert edited(layout(before), values) == layout(after)


def test_an_empty_object_is_filled() -> None:
    assert edited("{}", {("a",): 1, ("b",): [2]}) == '{"a": 1, "b": [2]}'
    assert edited('{\n  "a": {}\n}', {("a", "b"): 1}) == '{\n  "a": {\n    "b": 1\n  }\n}'


def test_a_list_in_a_line_stays_in_a_line() -> None:
    text = '{\n  "shape": [1, 2],\n  "classes": []\n}'
    after = '{\n  "shape": [3],\n  "classes": [\n    "é"\n  ]\n}'
    assert edited(text, {("shape",): [3], ("classes",): ["é"]}) == after
