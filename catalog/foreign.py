"""JSON that somebody else wrote: what no document may hold is refused in this one place."""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

DEEPEST = 60
"""Levels of a document; TensorFlow.js models have some twelve."""

LARGEST_NUMBER = 1 << 63

_CONTROL = re.compile(
    rb"\\u(?:00(?:0[0-8b-f]|1.|7f|[89].)|20(?:2[a-e]|6[6-9]))"
    rb"|\x7f|\xc2[\x80-\x9f]|\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])",
    re.IGNORECASE,
)
"""Control characters, and those that turn the direction of text: escaped in JSON, or in UTF-8."""

_SURROGATE = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)


def parse(data: bytes) -> Any:
    """Read JSON that can be written again, shown on a terminal and computed with.

    Raises
    ------
    ValueError
        It is no JSON in a Unicode encoding, is nested too deeply, or holds numbers that are
        not finite or do not fit 64 bits, text that is no text (halves of surrogate pairs), or
        characters that could steer a terminal.
    """
    text = data.decode(json.detect_encoding(data))
    data = text.encode()
    try:
        with _no_collection():
            document = json.loads(
                text,
                parse_constant=_number,
                parse_float=_number,
                parse_int=_integer,
            )
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if data.count(b"[") + data.count(b"{") > DEEPEST:
        _require_flat(document)
    if _SURROGATE.search(data) and not _is_text(document):
        raise ValueError("It contains half of a surrogate pair, which is not a character.")
    if escape := _unprintable(data):
        raise ValueError(f"It contains terminal control characters ({escape}).")
    return document


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let no garbage be collected: at the limit of recursion, what it finalizes would fail."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def parse_object(data: bytes) -> dict[str, Any]:
    """Read JSON as `parse` does, that is an object.

    Raises
    ------
    ValueError
    """
    document = parse(data)
    if not isinstance(document, dict):
        raise ValueError("It does not hold a JSON object.")
    return document


def require_text(document: Mapping[str, Any], *keys: str, optional: Sequence[str] = ()) -> None:
    """Require text under the keys of an object; under optional ones, text, null or nothing.

    Raises
    ------
    KeyError, TypeError
    """
    for key in (*keys, *optional):
        value = document.get(key) if key in optional else document[key]
        if not (isinstance(value, str) or (value is None and key in optional)):
            raise TypeError(f"{key} is no text")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a number.")
    return value


def _integer(text: str) -> int:
    value = int(text) if len(text) < 20 else LARGEST_NUMBER
    if not -LARGEST_NUMBER <= value < LARGEST_NUMBER:
        raise ValueError(f"{text[:20]}… is too large a number.")
    return value


def _is_text(document: Any) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _require_flat(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [item for items in inner for item in items if isinstance(item, dict | list)]
        if not level:
            return
    raise ValueError("It is nested too deeply.")


def _unprintable(data: bytes) -> str:
    """The first control character that JSON text spells out, if there is one.

    New lines and tabs are none; unescaped ones are no JSON.
    """
    found = _CONTROL.search(data)
    return ascii(found[0].decode()).strip("'") if found else ""
