"""What a name can mean among models: identities, older names, beginnings, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from catalog.record import Record

_WORD = re.compile(r"[^\W_]+")
_VERSIONED = re.compile(r"(.+)-(\d+)")


def by_name(models: Iterable[Record]) -> dict[str, list[Record]]:
    """Models by identity and, where that is nobody's identity, by older names; small letters."""
    names: dict[str, list[Record]] = {}
    models = list(models)
    for model in models:
        names.setdefault(model.id.lower(), []).append(model)
    identities = set(names)
    for model in models:
        for name in {name.lower() for name in model.names} - identities:
            names.setdefault(name, []).append(model)
    return names


def whole(name: str, names: Mapping[str, list[Record]]) -> list[Record]:
    """The models of this name, or the newest of those that it names without their version."""
    based = [m for models in names.values() for m in models if base(m).lower() == name]
    return names.get(name) or _newest(based)


def begun(name: str, names: Mapping[str, list[Record]]) -> list[Record]:
    """The newest models whose names begin so."""
    fitting = [m for each, models in names.items() if each.startswith(name) for m in models]
    return _newest(fitting) if name else []


def base(model: Record) -> str:
    """The identity without its version number."""
    versioned = _VERSIONED.fullmatch(model.id)
    return versioned[1] if versioned else model.id


def succeeding(model: Record, there: Mapping[str, Record]) -> Record | None:
    """The newest version of a model, or of what its record calls its successor.

    Parameters
    ----------
    model : Record
    there : mapping of str to Record
        The models of the same catalog by identity; those withdrawn succeed nothing.
    """
    passed, current = {model.id}, model
    while True:
        family = [each for each in there.values() if base(each) == base(current)]
        better = [each for each in family if version(each) > version(current)]
        offered = [each for each in better if each.withdrawn is None]
        named = there.get(current.zoo.get("successor", ""))
        following = max(offered, key=version, default=named)
        if following is None or following.withdrawn or following.id in passed:
            return None if current is model else current
        passed.add(following.id)
        current = following


def is_pattern(name: str) -> bool:
    """Tell whether a name is a pattern that may match many."""
    return any(sign in name for sign in "*?[")


def version(model: Record) -> int:
    """The version number at the end of the identity; 0 if there is none."""
    versioned = _VERSIONED.fullmatch(model.id)
    return int(versioned[2]) if versioned else 0


def words(text: str) -> str:
    """Small letters and digits, a space before, between and after words."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _newest(models: Iterable[Record]) -> list[Record]:
    """Of models that differ in the version number only, the newest that is not withdrawn."""
    newest: dict[tuple[str, str | None], Record] = {}
    for model in sorted(models, key=lambda each: (each.withdrawn is None, version(each))):
        newest[base(model), model.catalog] = model
    return list(newest.values())
