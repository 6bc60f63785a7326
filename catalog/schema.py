"""The schema of records, and where a document differs from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_HARMLESS = ("additionalProperties", "minItems", "minLength", "not")

MOST = 100
"""Differences, after which no more are looked for."""


def differences(document: object) -> list[ValidationError]:
    """Find where a document differs from the schema of records, in the order of its keys.

    Raises
    ------
    IntegrityError
        It is nested too deeply to be looked through.
    """
    return _differences(document, "schema.json")


def differences_of_listing(document: object) -> list[ValidationError]:
    """Find where a document differs from the schema of published catalogs, and its records.

    Raises
    ------
    IntegrityError
        It is nested too deeply to be looked through.
    """
    found = _differences(document, "listing.json")
    if found or not isinstance(document, dict):
        return found
    for index, listed in enumerate(document["models"]):
        for error in differences(listed["record"]):
            error.path.extendleft(["record", index, "models"])
            return [error]
    return []


def differences_of_lock(document: object) -> list[ValidationError]:
    """Find where a document differs from the schema of locks; their records are not looked at.

    Raises
    ------
    IntegrityError
        It is nested too deeply to be looked through.
    """
    return _differences(document, "lock.json")


def require_readable(document: object, name: str, hint: str = "") -> None:
    """Refuse a record that whoever reads it would stumble over; other differences may be.

    Raises
    ------
    IntegrityError
    """
    found = differences(document)
    if is_misshapen(found):
        error = next(filter(is_grave, found), found[0])
        raise IntegrityError(f"{name} is not a model record.", why=told(error), hint=hint)


def is_misshapen(found: Sequence[ValidationError]) -> bool:
    """Whether there are grave differences, or so many that not all were looked for."""
    return len(found) >= MOST or any(map(is_grave, found))


def is_grave(error: ValidationError) -> bool:
    """Whether readers would stumble over a difference: a wrong type, a part without its name."""
    path = error.json_path
    if path.startswith("$.classes"):
        names = error.instance
        return not isinstance(names, list) or not all(isinstance(name, str) for name in names)
    match error.validator:
        case "required":
            nameless = "'name'" in error.message and path.startswith("$.schema.")
            return nameless or path.startswith("$.zoo.")
        case "anyOf":
            ways: dict[object, bool] = {}
            for inner in error.context or ():
                way = inner.schema_path[0]
                ways[way] = ways.get(way, False) or is_grave(inner)
            return all(ways.values())
        case "enum":
            return not isinstance(error.instance, str)
        case "pattern":
            return path.startswith("$.zoo.")  # identities and files, which become paths
        case "minimum":
            return not path.startswith("$.schema.")
    return error.validator not in _HARMLESS


def told(error: ValidationError) -> str:
    """One difference, short, as a sentence."""
    text = error.message if len(error.message) < 200 else f"not of type {error.validator}"
    return f"{error.json_path}: {text}"


def _differences(document: object, schema: str) -> list[ValidationError]:
    try:
        found = list(islice(_validator(schema).iter_errors(document), MOST))
    except RecursionError:
        raise IntegrityError(
            "This is not a model record.", why="It is nested too deeply."
        ) from None
    return sorted(found, key=lambda error: error.json_path)


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    schema = json.loads(Path(__file__).with_name(name).read_bytes())
    quick = {"uniqueItems": _distinct, "items": _items}
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    return extend(Draft202012Validator, quick, type_checker=types)(schema)  # type: ignore[no-untyped-call]


def _is_integer(checker: Any, value: object) -> bool:
    """Whether a number is an int of Python's; JSON Schema takes 1.0 for one, too."""
    return isinstance(value, int) and not isinstance(value, bool)


def _distinct(validator: Any, wanted: bool, items: object, _: object) -> Iterator[ValidationError]:
    """Find texts that occur twice; jsonschema compares every pair where types are mixed."""
    from jsonschema.exceptions import ValidationError

    texts = [item for item in items if isinstance(item, str)] if isinstance(items, list) else []
    if wanted and len(set(texts)) < len(texts):
        yield ValidationError("has repeated elements")


def _items(validator: Any, schema: object, items: object, _: object) -> Iterator[ValidationError]:
    """Look at the items of an array until enough of them are wrong."""
    wrong = 0
    for index, item in enumerate(items if isinstance(items, list) else ()):
        for error in validator.descend(item, schema, path=index):
            yield error
            wrong += 1
        if wrong >= MOST:
            return
