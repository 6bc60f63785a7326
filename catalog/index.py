"""The index of all records: look up, match, search, suggest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from catalog.errors import (
    AmbiguousNameError,
    IntegrityError,
    NotFoundError,
    UnknownModelError,
)
from catalog.record import Model

HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+")
_VERSIONED = re.compile(r"(.+)-(\d+)")
_SHOWN = 8  # candidates in an error; the rest is counted


@cache
def catalog() -> Catalog:
    """The catalog that comes with zoo, and the records in the folders of ``ZOO_CATALOG``.

    Raises
    ------
    NotFoundError
        A folder of ``ZOO_CATALOG`` does not exist.
    IntegrityError
        A file in such a folder is not a record, or takes a name that is taken.
    """
    built_in = _catalog(map(Model.load, (HERE / "models").rglob("*.json")))
    folders = [Path(name) for name in os.environ.get("ZOO_CATALOG", "").split(os.pathsep) if name]
    return built_in.extended(folders) if folders else built_in


@dataclass(frozen=True)
class Catalog:
    """Model records and how to find them.

    Attributes
    ----------
    models : tuple of Model
        By identity.
    """

    models: tuple[Model, ...]

    @cached_property
    def _names(self) -> dict[str, Model]:
        """Every model by its identity and its older names, in small letters."""
        names = {name.lower(): model for model in self.models for name in model.names}
        return names | {model.id.lower(): model for model in self.models}

    def extended(self, folders: Iterable[Path]) -> Catalog:
        """Add the records of further folders; see ``catalog`` for what it raises."""
        taken = dict.fromkeys(self._names, "the catalog of zoo")
        further = []
        for path in _records(folders):
            model = _checked(path)
            for name in (model.id.lower(), *map(str.lower, model.names)):
                if name in taken:
                    raise IntegrityError(
                        f"{path} describes {name}, which {taken[name]} describes already.",
                        why="A name must mean one model, or nobody knows what is pulled.",
                        hint="Give the record another id and its file the same name.",
                    )
                taken[name] = str(path)
            further.append(model)
        return _catalog((*self.models, *further))

    def find(self, name: str) -> Model:
        """Find the one model that a name means.

        Parameters
        ----------
        name : str
            An identity, an older name, either without regard to case, an identity
            without its version number (the newest is meant), or a unique beginning.

        Raises
        ------
        AmbiguousNameError
            The beginning of several models.
        UnknownModelError
            No model, with the nearest names.
        """
        wanted = name.lower()
        if wanted in self._names:
            return self._names[wanted]
        begun = [model for each, model in self._names.items() if wanted and each.startswith(wanted)]
        exact = [model for model in begun if _base(model).lower() == wanted]
        candidates = _newest(exact or begun)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise AmbiguousNameError(
                f"{name} could mean {len(candidates)} models.",
                why=_listed(sorted(model.id for model in candidates)),
                hint=f"Write more of the name, or see them all: zoo ls '{name}*'",
            )
        raise self._unknown(name)

    def _unknown(self, name: str) -> UnknownModelError:
        from difflib import get_close_matches

        known = {each: model.id for each, model in self._names.items()}
        bases = {_base(model).lower(): model.id for model in self.models}
        close = get_close_matches(name.lower(), [*known, *bases], n=6, cutoff=0.7)
        near = list(dict.fromkeys((known | bases)[each] for each in close))[:3]
        return UnknownModelError(
            f"There is no model {name}.",
            why=f"The nearest names are {', '.join(near)}." if near else "",
            hint=f"Look for it: zoo search {_words(name).strip() or 'TEXT'}",
        )

    def note(self, name: str) -> str | None:
        """What a user of this name should know: that it is old, or once meant two models."""
        model = self.find(name)
        if homonym := model.homonym:
            return (
                f"{model.id} was once the name of two models: "
                f"this one, and one that is now called {homonym}."
            )
        if name.lower() in map(str.lower, model.names):
            return f"{name} is now called {model.id}."
        return None

    def match(self, pattern: str) -> list[Model]:
        """The models whose identity or older name fits a shell pattern, without regard to case."""
        wanted = pattern.lower()
        fitting = {m.id: m for name, m in self._names.items() if fnmatchcase(name, wanted)}
        return [fitting[id] for id in sorted(fitting)]

    def search(self, text: str) -> list[Model]:
        """The models that know every word of a text, the best first.

        A word may be the beginning of a longer one. Names count most, then task, family
        and classes, then the description. Current models stand before those replaced.
        """
        words = _words(text).split()
        ranked = []
        for model in self.models if words else ():
            ranks = [_rank(model, word) for word in words]
            if None not in ranks:
                legacy = model.status == "legacy"
                ranked.append((sum(cast("list[int]", ranks)), legacy, model.id, model))
        return [model for *_, model in sorted(ranked, key=lambda each: each[:3])]


def _catalog(models: Iterable[Model]) -> Catalog:
    return Catalog(tuple(sorted(models, key=lambda model: model.id)))


def reason(model: Model, text: str) -> str:
    """Why a search for a text found a model: its fitting classes, or else what it does."""
    starts = [f" {word}" for word in _words(text).split()]

    def fits(phrase: str) -> bool:
        return any(start in _words(phrase) for start in starts)

    if classes := list(filter(fits, model.classes)):
        return f"knows {', '.join(classes)}"
    sentences = model.description.split(". ")
    return next(filter(fits, sentences), sentences[0])


def _rank(model: Model, word: str) -> int | None:
    """How well a word fits, 0 the best; whole words before beginnings; None for not at all."""
    fields = (
        (model.id, *model.names, model.name),
        (model.task or "", model.family or "", model.kind or "", *model.classes),
        (model.description, str(model.document.get("dataset", {}).get("name", ""))),
    )
    for place, field in enumerate(fields):
        text = _words(" ".join(field))
        if f" {word}" in text:
            return 2 * place + (f" {word} " not in text)
    return None


def _words(text: str) -> str:
    """Small letters and digits, a space before, between and after words."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _base(model: Model) -> str:
    """The identity without its version number."""
    versioned = _VERSIONED.fullmatch(model.id)
    return versioned[1] if versioned else model.id


def _version(model: Model) -> int:
    versioned = _VERSIONED.fullmatch(model.id)
    return int(versioned[2]) if versioned else 0


def _newest(models: Iterable[Model]) -> list[Model]:
    """Of models that differ in the version number only, the newest."""
    newest: dict[str, Model] = {}
    for model in sorted(models, key=_version):
        newest[_base(model)] = model
    return list(newest.values())


def _listed(ids: list[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more." if more > 0 else ".")


def _records(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            raise NotFoundError(
                f"There is no folder {folder}.",
                why="ZOO_CATALOG names it as a place of further records.",
                hint=f"Make it, or take it out: ZOO_CATALOG={os.environ.get('ZOO_CATALOG', '')}",
            )
        yield from sorted(folder.rglob("*.json"))


def _checked(path: Path) -> Model:
    """Load a record that somebody else wrote."""
    from jsonschema.exceptions import best_match

    from catalog.schema import differences

    model = Model.load(path)
    error = best_match(differences(model.document))
    why = f"{error.json_path}: {error.message}" if error else ""
    if not why and model.id != path.stem:
        why = f"Its id is {model.id}, which must also be the name of the file."
    if why:
        raise IntegrityError(
            f"{path} is not a model record.",
            why=why,
            hint="Correct it, or take its folder out of ZOO_CATALOG.",
        )
    return model
