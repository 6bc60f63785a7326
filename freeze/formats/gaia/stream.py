"""Qt's data stream, in which Gaia writes: big-endian numbers, texts in UTF-16, variants.

A variant says its type before its value. Python's types stand for those that Gaia uses, and
NumPy's for those of another width, so that what was read is written as it was:

=====  ============  ==================
Qt     what          here
=====  ============  ==================
0      invalid       None
1      bool          bool
2      int           int
3      unsigned int  `numpy.uint32`
4, 5   long long     `numpy.int64`, `numpy.uint64`
6      double        float
8      map           dict
9      list          list
10     text          str
11     list of text  tuple of str
12     bytes         bytes
26     point         complex
135    float         `numpy.float32`
=====  ============  ==================

Source: Qt 4, "Serializing Qt Data Types".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

NULL = 0xFFFFFFFF
"""The length of a text or of bytes that are not there."""

DEEPEST = 16
"""Lists and maps in each other; Gaia's own have four."""

MOST_VALUES = 500_000
"""Values and texts in one file; the largest known one has 17 thousand."""


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Reader:
    """Reads one value after the other.

    Parameters
    ----------
    data : bytes
    values : list of int, optional
        How many values were read, shared by the streams within a stream.

    Raises
    ------
    ValueError
        From every method: the data end too early, or are not what a stream can hold.
    """

    def __init__(self, data: bytes, values: list[int] | None = None) -> None:
        self.data = data
        self.at = 0
        self._values = values if values is not None else [0]

    def within(self, data: bytes) -> Reader:
        """A reader of a stream that is a value of this one."""
        return Reader(data, self._values)

    def refuse(self, why: str) -> ValueError:
        """What is wrong, and where."""
        return ValueError(f"At byte {self.at}, {why}.")

    def bytes_of(self, count: int) -> bytes:
        """The next so many bytes."""
        if count > len(self.data) - self.at:
            raise self.refuse(f"{count} bytes are announced, but {len(self.data) - self.at} follow")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> Any:
        """A number of a form of `struct`."""
        return struct.unpack(f">{form}", self.bytes_of(struct.calcsize(f">{form}")))[0]

    def count(self, least: int) -> int:
        """How many items follow, of at least so many bytes each."""
        found: int = self.number("I")
        if found * least > len(self.data) - self.at:
            raise self.refuse(f"{found} items are announced, which do not fit into what follows")
        self._values[0] += found + 1
        if self._values[0] > MOST_VALUES:
            raise self.refuse("there are more values than any history has")
        return found

    def flag(self) -> bool:
        """A truth value."""
        found = self.number("B")
        if found > 1:
            raise self.refuse(f"{found} stands where a 0 or a 1 must be")
        return bool(found)

    def text(self) -> str | None:
        """A text, or None where there is none."""
        size = self.number("I")
        if size == NULL:
            return None
        if size % 2:
            raise self.refuse(f"a text of {size} bytes is not UTF-16")
        try:
            found = self.bytes_of(size).decode("utf-16-be")
        except UnicodeDecodeError:
            raise self.refuse("a text is not UTF-16") from None
        if _CONTROL.search(found):
            raise self.refuse("a text has characters that steer a terminal")
        return found

    def words(self) -> str:
        """A text that must be there."""
        found = self.text()
        if found is None:
            raise self.refuse("a text is missing")
        return found

    def map(self, read: Callable[[], Any], key: Callable[[], Any] | None = None) -> dict[Any, Any]:
        """Keys and values; each key stands once."""
        key = key or self.words
        found = {}
        for _ in range(self.count(8)):
            name = key()
            if name in found:
                raise self.refuse(f"{name!r:.80} stands twice in a map")
            found[name] = read()
        return found

    def variant(self, deep: int = 0) -> Any:
        """A value that says its type."""
        if deep > DEEPEST:
            raise self.refuse("lists and maps are nested too deep")
        kind, _ = self.number("I"), self.flag()
        match kind:
            case 0:
                self.text()
                return None
            case 1:
                return self.flag()
            case 8:
                return self.map(lambda: self.variant(deep + 1))
            case 9:
                return [self.variant(deep + 1) for _ in range(self.count(5))]
            case 10:
                return self.words()
            case 11:
                return tuple(self.words() for _ in range(self.count(4)))
            case 12:
                return self.raw()
            case 26:
                return complex(self.number("d"), self.number("d"))
        if kind not in _NUMBERS:
            raise self.refuse(f"a value has the type {kind}, which Gaia does not write")
        form, made = _NUMBERS[kind]
        return made(self.number(form))

    def raw(self) -> bytes:
        """Bytes."""
        size = self.number("I")
        if size == NULL:
            raise self.refuse("bytes are missing")
        return self.bytes_of(size)

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.at < len(self.data):
            raise self.refuse(f"{len(self.data) - self.at} bytes follow the end")


_NUMBERS: dict[int, tuple[str, Callable[[Any], Any]]] = {
    2: ("i", int),
    3: ("I", np.uint32),
    4: ("q", np.int64),
    5: ("Q", np.uint64),
    6: ("d", float),
    135: ("f", np.float32),
}
_WRITTEN = {made: (kind, form) for kind, (form, made) in _NUMBERS.items()}


class Writer:
    """Writes one value after the other into `data`."""

    def __init__(self) -> None:
        self.data = bytearray()

    def number(self, form: str, *values: Any) -> None:
        """Numbers of a form of `struct`."""
        self.data += struct.pack(f">{form}", *values)

    def raw(self, value: bytes) -> None:
        """Bytes."""
        self.number("I", len(value))
        self.data += value

    def text(self, value: str | None) -> None:
        """A text, or that there is none."""
        if value is None:
            self.number("I", NULL)
        else:
            self.raw(value.encode("utf-16-be"))

    def map(
        self,
        items: Mapping[Any, Any],
        write: Callable[[Any], None],
        key: Callable[[Any], None] | None = None,
    ) -> None:
        """Keys and values, the last key first, as Qt writes them."""
        self.number("I", len(items))
        for name in sorted(items, key=_units, reverse=True):
            (key or self.text)(name)
            write(items[name])

    def variant(self, value: Any) -> None:
        """A value behind its type."""
        match value:
            case None:
                self._type(0, null=True)
                self.text(None)
            case bool():
                self._type(1)
                self.number("B", value)
            case dict():
                self._type(8)
                self.map(value, self.variant)
            case list():
                self._type(9)
                self.number("I", len(value))
                for each in value:
                    self.variant(each)
            case str():
                self._type(10)
                self.text(value)
            case tuple():
                self._type(11)
                self.number("I", len(value))
                for each in value:
                    self.text(each)
            case bytes():
                self._type(12)
                self.raw(value)
            case complex():
                self._type(26)
                self.number("dd", value.real, value.imag)
            case _:
                kind, form = _WRITTEN[type(value)]
                self._type(kind)
                self.number(form, value)

    def _type(self, kind: int, *, null: bool = False) -> None:
        self.number("I", kind)
        self.number("B", null)


def _units(key: str | int) -> bytes | int:
    """The order of Qt's maps: texts by their UTF-16 units."""
    return key.encode("utf-16-be") if isinstance(key, str) else key
