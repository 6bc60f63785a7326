"""Files of descriptors, as Essentia's extractors write them: JSON or YAML, nested or flat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import DescriptorError, MissingExtraError, NoError
from catalog.foreign import DEEPEST, parse_object
from catalog.storage import reading

ENDINGS = (".json", ".yaml", ".yml", ".sig")

LARGEST = 32 << 20
LARGEST_YAML = 4 << 20
"""Bytes; an extractor's file has a tenth of a million. YAML takes its reader far longer."""

MOST_NAMES = 50_000

_NO_NUMBER = re.compile(rb"([:\[,]\s*)-?(?:nan|inf)\b")
"""What Essentia writes for values that are no numbers, and JSON does not know."""


def read(path: Path) -> dict[str, Any]:
    """Read a file of descriptors.

    Raises
    ------
    NotFoundError, DescriptorError, MissingExtraError
        See `parse`.
    """
    with reading(path), path.open("rb") as file:
        return parse(file.read(LARGEST + 1), str(path))


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Read descriptors.

    Parameters
    ----------
    data : bytes
        What begins with a brace is JSON, anything else YAML.
    name : str
        For messages.

    Returns
    -------
    dict of str to (number, text or list)
        By their names with dots: ``lowlevel.mfcc.mean``.

    Raises
    ------
    DescriptorError
        It holds no descriptors.
    MissingExtraError
        It is YAML, and PyYAML is not installed.
    """
    try:
        is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
        if len(data) > (LARGEST if is_json else LARGEST_YAML):
            raise ValueError("It is too large.")
        document = parse_object(_NO_NUMBER.sub(rb"\1null", data)) if is_json else _yaml(data)
        found = flat(document)
    except NoError:
        raise
    except ValueError as error:
        raise DescriptorError(f"{name} holds no descriptors.", why=str(error)) from None
    if not found:
        raise DescriptorError(f"{name} holds no descriptors.", why="It is empty.")
    return found


def flat(document: dict[str, Any]) -> dict[str, Any]:
    """Descriptors by their names with dots, however they are nested.

    Raises
    ------
    ValueError
        There are far too many.
    """
    found: dict[str, Any] = {}
    for name, value in _leaves(document, ""):
        found[name] = value
        if len(found) > MOST_NAMES:
            raise ValueError("It has far more names than any extractor gives.")
    return found


def _leaves(value: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        full = f"{above}.{name}" if above else str(name)
        if isinstance(inner, dict):
            yield from _leaves(inner, full)
        else:
            yield full, inner


def _yaml(data: bytes) -> dict[str, Any]:
    """Read YAML without references, which could stand for more than any memory holds."""
    try:
        import yaml
    except ImportError:
        raise MissingExtraError.of(
            "train", "Descriptors in YAML need PyYAML, which is not installed."
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text, deep = data.decode(), 0
        for event in yaml.parse(text, loader):
            deep += isinstance(event, yaml.CollectionStartEvent)
            deep -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or deep > DEEPEST:
                raise ValueError("It has references, or is nested too deeply.")
        document = yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise ValueError(f"As YAML, {str(error).splitlines()[0]}.") from None
    if not isinstance(document, dict):
        raise ValueError("It does not hold names and values.")
    return document
