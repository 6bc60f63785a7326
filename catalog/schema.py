"""The schema of records, and where a document differs from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

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
    return extend(Draft202012Validator, quick)(schema)  # type: ignore[no-untyped-call]


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
