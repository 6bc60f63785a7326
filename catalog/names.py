"""What a name can mean among models: identities, older names, beginnings, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from catalog.record import Record

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


def _version(model: Record) -> int:
    versioned = _VERSIONED.fullmatch(model.id)
    return int(versioned[2]) if versioned else 0


def _newest(models: Iterable[Record]) -> list[Record]:
    """Of models that differ in the version number only, the newest."""
    newest: dict[tuple[str, str | None], Record] = {}
    for model in sorted(models, key=_version):
        newest[base(model), model.catalog] = model
    return list(newest.values())
