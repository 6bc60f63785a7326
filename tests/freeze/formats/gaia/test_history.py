"""Histories of Gaia: read to the last byte, written back as they were, refused where damaged."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import IntegrityError, WrongKindError
from freeze.formats.gaia import history, layout
from freeze.formats.gaia.history import Transformation
from freeze.formats.gaia.layout import Descriptor, Layout
from freeze.formats.gaia.stream import MOST_VALUES, Reader, Writer
from tests.support import SHARED, fuzzing, histories

LAYOUT = Layout({".x": Descriptor("real")})

WHOLE = history.serialize(histories.chain())

REAL = sorted(
    str(path.relative_to(SHARED))
    for pattern in ("models/svm/*", "goldens/gaia/*/*.history*")
    for path in SHARED.glob(pattern)
)


def parsed(**params: Any) -> Any:
    """The parameters of a step, written and read again."""
    data = history.serialize([Transformation("any", params, LAYOUT)])
    return history.parse(data, "x")[0].params


def test_what_was_written_is_read() -> None:
    assert history.parse(WHOLE, "x.history") == tuple(histories.chain())


def test_a_history_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.history"
    path.write_bytes(WHOLE)
    assert history.read(path) == tuple(histories.chain())


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_histories_are_written_back_byte_for_byte(name: str, shared: Path) -> None:
    data = (shared / name).read_bytes()
    data = gzip.decompress(data) if name.endswith(".gz") else data
    assert history.serialize(history.parse(data, name)) == data


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 7, -7, 0.1, "", "é𝄞", b"", b"\0\1", (), ("a", ""), [], [1, [2.0, "x"]], {}),
        *({"b": 1, "a": {"c": (1 + 2j)}}, np.uint32(5), np.int64(-5), np.uint64(5)),
        np.float32(0.1),
    ],
)
def test_a_value_keeps_its_type(value: Any) -> None:
    found = parsed(key=value)["key"]
    assert found == value and type(found) is type(value)


def test_maps_are_written_with_the_last_key_first() -> None:
    writer = Writer()
    writer.map({"a": 1, "é": 2, "b": 3}, lambda value: writer.number("I", value))
    reader = Reader(bytes(writer.data))
    assert list(reader.map(lambda: reader.number("I")).items()) == [("é", 2), ("b", 3), ("a", 1)]


def test_the_places_of_values_are_counted_for_each_type_in_the_order_of_the_names() -> None:
    descriptors = {
        ".b": Descriptor("real", 2),
        ".a.y": Descriptor("real", 3),
        ".a.x": Descriptor("string"),
        ".a-": Descriptor("real", 1),
    }
    data = history.serialize([Transformation("any", {}, Layout(descriptors))])
    places = [
        "a", 0, 1, 0, 1, 2,
        "x", 2, 1, 0, 1, 0,
        "y", 1, 0, 1, 4, 0,
        "a-", 1, 0, 0, 1, 0,
        "b", 1, 0, 4, 6, 0,
    ]  # fmt: skip
    writer = Writer()
    for each in places:
        writer.text(each) if isinstance(each, str) else writer.number("i", each)
    assert bytes(writer.data) in data


def test_every_cut_history_is_refused_with_a_sentence() -> None:
    for size in range(4, len(WHOLE), 13):
        with pytest.raises(IntegrityError, match="is damaged"):
            history.parse(WHOLE[:size], "x.history")


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(IntegrityError) as raised:
        history.parse(WHOLE + b"\0", "x.history")
    assert "1 bytes follow the end" in raised.value.why


def test_line_ends_changed_to_those_of_windows_are_named() -> None:
    with pytest.raises(IntegrityError) as raised:
        history.parse(WHOLE.replace(b"\n", b"\r\n"), "x.history")
    assert "line ends" in raised.value.why and "binary" in raised.value.hint


def test_other_files_and_older_histories_are_told_apart() -> None:
    with pytest.raises(WrongKindError, match="is not a history"):
        history.parse(b"\x0a\x05graph", "x.history")
    with pytest.raises(WrongKindError, match=r"before 2\.3"):
        history.parse(WHOLE[:7] + b"\x65" + WHOLE[8:], "x.history")
    with pytest.raises(IntegrityError):
        history.parse(WHOLE[:7] + b"\x67" + WHOLE[8:], "x.history")


LIST = b"\0\0\0\x09\0" + b"\0\0\0\x01"
"""The beginning of a list of one value."""


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda w: w.data.extend(LIST * 10_000), "nested too deep"),
        (lambda w: w.number("IBI", 9, 0, 2**31), "do not fit"),
        (lambda w: (w.number("IBI", 10, 0, 3), w.data.extend(b"abc")), "not UTF-16"),
        (lambda w: (w.number("IBI", 10, 0, 2), w.data.extend(b"\xd8\0")), "not UTF-16"),
        (lambda w: w.variant("\x1b[2J"), "steer a terminal"),
        (lambda w: w.number("IBI", 12, 0, 2**31 - 1), "are announced"),
        (lambda w: w.number("IBI", 77, 0, 0), "type 77"),
        (lambda w: w.number("IBB", 1, 0, 2), "must be"),
        (lambda w: w.number("IBI", 10, 0, 2**32 - 1), "text is missing"),
        (lambda w: w.number("IBI", 12, 0, 2**32 - 1), "bytes are missing"),
    ],
)
def test_hostile_values_are_refused(damage: Any, why: str) -> None:
    writer = Writer()
    damage(writer)
    with pytest.raises(ValueError, match=why):
        Reader(bytes(writer.data)).variant()


def test_more_values_than_any_history_has_are_refused() -> None:
    data = b"\0\0\0\x0b\0" + MOST_VALUES.to_bytes(4, "big") + bytes(4 * MOST_VALUES)
    with pytest.raises(ValueError, match="more values"):
        Reader(data).variant()


def _node(*children: bytes, name: str = "x", kind: int = 1) -> bytes:
    writer = Writer()
    writer.text(name)
    writer.number("iiiiI", kind, 0, 0, 1, len(children))
    return bytes(writer.data) + b"".join(children)


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        (_node(_node(), _node(), name="", kind=0), "twice"),
        (_node(_node(name="a.b"), name="", kind=0), "no part"),
        (_node(_node(kind=7), name="", kind=0), "no type"),
        (_node(_node(kind=0), name="", kind=0), "no type"),
        (_node(_node(_node(), kind=1), name="", kind=0), "no type"),
    ],
)
def test_hostile_layouts_are_refused(tree: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        layout.read(Reader(tree + bytes(8)))


def test_a_layout_without_end_is_refused() -> None:
    node = b""
    for _ in range(5000):
        node = _node(node, kind=0) if node else _node()
    with pytest.raises(ValueError, match="too many parts"):
        layout.read(Reader(node + bytes(8)))


@fuzzing.examples(50)
@given(data=st.data())
def test_a_damaged_history_is_read_or_refused(data: st.DataObject) -> None:
    changed = data.draw(fuzzing.damaged(WHOLE))
    try:
        found = history.parse(changed, "x.history")
    except IntegrityError:
        return
    again = history.serialize(found)
    assert history.serialize(history.parse(again, "x.history")) == again
