"""JSON text in which values change while all else stays as somebody laid it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_INDENTED = re.compile(r"\n([ \t]+)\S")
_DECODER = json.JSONDecoder()

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""


def edited(text: str, values: Mapping[Place, Any]) -> str:
    """Replace values in JSON text, add those of new keys, and leave all else as it is.

    Parameters
    ----------
    text : str
    values : mapping of tuple to object
        Places of which not even the object around them is there are passed over.

    Examples
    --------
    >>> edited('{"a": 1}', {("a",): 2, ("b",): 3})
    '{"a": 2, "b": 3}'
    """
    edits: list[tuple[int, int, str]] = []
    added: dict[Place, dict[str, Any]] = {}
    for place, value in values.items():
        if span := _span(text, place):
            edits.append((*span, _replacing(text, *span, value)))
        elif isinstance(place[-1], str):
            added.setdefault(place[:-1], {})[place[-1]] = value
    for place, members in added.items():
        around = _span(text, place)
        if around and text[around[0]] == "{":
            edits.append(_adding(text, around[0], members))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _replacing(text: str, start: int, end: int, value: Any) -> str:
    """A value as text, in one line if what it replaces fills just one."""
    one_line = end - start > 2 and text[start] in "{[" and "\n" not in text[start:end]
    return _dumped(value, None if one_line else _unit(text), _break(text, start))


def _adding(text: str, start: int, members: Mapping[str, Any]) -> tuple[int, int, str]:
    """Where and how new members enter an object."""
    ends = [end for _, _, end in _members(text, start)]
    unit, newline = _unit(text), _break(text, start)
    if ends and "\n" not in text[start : ends[-1]]:
        unit = None
    inner = f"{newline}{unit}" if unit else ""
    new = (f"{inner}{json.dumps(key)}: {_dumped(v, unit, inner)}" for key, v in members.items())
    joined = ("," if unit else ", ").join(new)
    if ends:
        return ends[-1], ends[-1], f",{'' if unit else ' '}{joined}"
    return start + 1, start + 1, f"{joined}{newline if unit else ''}"


def _dumped(value: Any, unit: str | None, newline: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=unit).replace("\n", newline)


def _unit(text: str) -> str | None:
    """By what the text indents; None if it is all one line."""
    found = _INDENTED.search(text)
    return found[1] if found else None


def _break(text: str, at: int) -> str:
    """A new line as deep as the line of a place."""
    line = text[text.rfind("\n", 0, at) + 1 :]
    return ("\r\n" if "\r\n" in text else "\n") + line[: len(line) - len(line.lstrip(" \t"))]


def _span(text: str, place: Place) -> tuple[int, int] | None:
    """Where in JSON text a value stands."""
    start = _after_space(text, text.startswith("\ufeff"))
    end = len(text)
    for wanted in place:
        if text[start] not in "{[":
            return None
        found = [(at, to) for key, at, to in _members(text, start) if key == wanted]
        if not found:
            return None
        start, end = found[-1]  # of equal keys the last one counts
    return start, end


def _members(text: str, start: int) -> Iterator[tuple[str | int, int, int]]:
    """Keys or indices of an object's or array's values, with their places."""
    at, index = _after_space(text, start + 1), 0
    while text[at] not in "}]":
        key: str | int = index
        if text[start] == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, at, end
        at, index = _after_space(text, end), index + 1
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
