"""What JSON of others may hold, and which records readers would stumble over."""

from __future__ import annotations

import gc
import json
from copy import deepcopy
from typing import Any

import pytest

from catalog.errors import IntegrityError
from catalog.foreign import DEEPEST, parse, parse_object, require_text
from catalog.index import catalog
from catalog.schema import MOST, require_readable


def test_what_others_write_is_read_as_it_is() -> None:
    document = {"a": [1, -2.5, True, None, "é\n\t😀"], "b": {"c": 2**63 - 1}}
    for text in (json.dumps(document), json.dumps(document, ensure_ascii=False)):
        assert parse(text.encode()) == document
        assert parse(b"\xef\xbb\xbf" + text.encode()) == document


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested too deeply"),
        ('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), "nested too deeply"),
        ("NaN", "not a number"),
        ("-Infinity", "not a number"),
        ("1e400", "not a number"),
        (str(2**63), "too large a number"),
        ("9" * 5000, "too large a number"),
        (r'"\ud800"', "surrogate"),
        (r'{"\udfff": 1}', "surrogate"),
        (r'"\u001b[31m"', "terminal control"),
        ("", "Expecting value"),
    ],
)
def test_what_no_document_may_hold_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text.encode())


def test_a_document_may_be_deep_but_not_too_deep() -> None:
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST)
    assert parse(json.dumps([[]] * 1000).encode()) == [[]] * 1000
    assert parse(rb'"\ud83d\ude00"') == "😀"


def test_a_list_is_no_object() -> None:
    with pytest.raises(ValueError, match="not hold a JSON object"):
        parse_object(b"[]")


def test_text_is_required_where_text_is_read() -> None:
    require_text({"a": "", "b": None}, "a", optional=["b", "c"])
    for document in ({"a": {}}, {"a": None}, {"a": "", "b": 1}):
        with pytest.raises(TypeError, match="is no text"):
            require_text(document, "a", optional=["b"])
    with pytest.raises(KeyError):
        require_text({}, "a")


def _changed(*keys: Any, value: Any) -> dict[str, Any]:
    """A record of the catalog, with another value at a place."""
    document = deepcopy(catalog().find("emomusic-msd-musicnn-2").document)
    place: Any = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return document


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("zoo",), ""),
        (("zoo",), []),
        (("inference",), [{"a": 1}]),
        (("inference", "sample_rate"), "16000"),
        (("inference", "sample_rate"), 16000.0),
        (("inference", "sample_rate"), True),
        (("inference", "sample_rate"), 0),
        (("classes",), [1, 2]),
        (("classes",), "rock"),
        (("schema",), []),
        (("schema", "inputs"), {"name": "x"}),
        (("schema", "inputs", 0), {"shape": [1]}),
        (("schema", "inputs", 0, "shape"), [187, ["a"]]),
        (("schema", "inputs", 0, "name"), 7),
        (("zoo", "id"), "../elsewhere"),
        (("zoo", "kind"), ["head"]),
        (("zoo", "extractor"), "msd-musicnn-1"),
        (("zoo", "extractor"), {"layer": "x"}),
        (("zoo", "patch"), {"frames": 187, "hop": 93}),
        (("zoo", "patch"), {"frames": 187, "hop": 0, "bands": 96}),
        (("zoo", "files"), [{"kind": "pb", "sha256": 7}]),
        (("zoo", "names"), [None]),
        (("dataset",), "none"),
    ],
)
def test_a_record_over_which_readers_stumble_is_refused(keys: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(IntegrityError) as caught:
        require_readable(_changed(*keys, value=value), "x.json")
    assert keys[0] in caught.value.why and "\n" not in caught.value.why


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("more",), 1),
        (("name",), ""),
        (("email",), "nobody"),
        (("schema", "inputs", 0, "shape"), [-1, 200]),
        (("zoo", "patch"), {"frames": 187, "hop": 93, "bands": 96, "id": 187}),
        (("classes",), ["a", "a"]),
    ],
)
def test_a_record_that_is_only_not_as_it_should_be_is_read(
    keys: tuple[Any, ...], value: Any
) -> None:
    document = _changed(*keys, value=value)
    require_readable(document, "x.json")


def test_a_grave_difference_does_not_hide_behind_many_harmless_ones() -> None:
    layers: list[Any] = [{"name": "x", "shape": [-1]} for _ in range(MOST)]
    with pytest.raises(IntegrityError):
        require_readable(_changed("schema", "inputs", value=[*layers, 7]), "x.json")


@pytest.mark.shared
def test_essentias_own_metadata_are_read(shared: Any) -> None:
    paths = list((shared / "facts" / "metadata-examples").rglob("*.json"))
    assert paths
    for path in paths:
        require_readable(parse_object(path.read_bytes()), path.name)


def test_garbage_waits_until_a_document_is_read() -> None:
    """What is collected at the limit of recursion is finalized in vain."""
    left: list[int] = []

    def dig(depth: int) -> int:
        try:
            return dig(depth + 1)
        except RecursionError:
            return depth

    def measure(phase: str, _: object) -> None:
        if phase == "start":
            left.append(dig(0))

    free, threshold = dig(0), gc.get_threshold()
    gc.callbacks.append(measure)
    gc.set_threshold(50)
    try:
        with pytest.raises(ValueError, match="nested too deeply"):
            parse(b"[" * 100_000)
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(measure)
    assert gc.isenabled()
    assert left and min(left) > free - 50
