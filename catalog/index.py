"""The index of all records: look up, match, suggest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from glob import escape
from pathlib import Path

from catalog.archives import is_archive, with_members
from catalog.errors import AmbiguousNameError, IntegrityError, UnknownModelError, ZooError, listed
from catalog.manifest import MANIFEST
from catalog.names import base, begun, by_name, whole, words
from catalog.record import Record
from catalog.store import Store

HERE = Path(__file__).parent


def catalog() -> Catalog:
    """All records: those of zoo and of ``ZOO_CATALOG``, of added catalogs, and of the store.

    Raises
    ------
    NotFoundError
        A folder of ``ZOO_CATALOG`` does not exist.
    IntegrityError
        A file in such a folder is not a record, or takes a name that is taken; or what is
        kept of an added catalog is damaged.
    """
    folders = [Path(name) for name in os.environ.get("ZOO_CATALOG", "").split(os.pathsep) if name]
    store = Store.default()
    paths = sorted((store.home / "catalogs").glob("*.json"))
    if folders:
        from catalog.folders import records

        paths += records(folders)
    in_store = frozenset(store.names())
    archives = in_store & _built_in().archives
    if not paths and not archives and in_store <= _built_in().ids:
        return _built_in()
    further = in_store - _built_in().ids | archives
    paths += [store.models / id / MANIFEST for id in sorted(further)]
    return _composed(tuple(folders), store, in_store, tuple(map(_stamp, paths)))


def _stamp(path: Path) -> tuple[Path, int, int]:
    """What changes when a file is written again; another process may have removed it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size


def found(name: str) -> Record:
    """What `Catalog.find` finds in all records, of which the others are not read if need not be."""
    own = _own(name) if "ZOO_CATALOG" not in os.environ and Path(name).name == name else None
    return own or catalog().find(name)


def in_catalog(id: str) -> Record | None:
    """The catalog's record of exactly this identity."""
    try:
        record = found(id)
    except ZooError:
        return None
    return record if record.id == id else None


@cache
def _own(id: str) -> Record | None:
    """The record of an own model, of which all others are left unread."""
    for path in (HERE / "models").rglob(f"{escape(id)}.json"):
        if (record := Record(json.loads(path.read_bytes()))).id == id:
            return record
    return None


@cache
def _built_in() -> Catalog:
    own = (HERE / "models").rglob("*.json")  # which nobody else wrote: to be read, not judged
    return _catalog(with_members(Record(json.loads(path.read_bytes())) for path in own))


@lru_cache(maxsize=4)
def _composed(
    folders: tuple[Path, ...], store: Store, in_store: frozenset[str], stamps: object
) -> Catalog:
    """Compose a catalog, once while nothing changes of what it is read from."""
    from catalog.catalogs import Catalogs, installed

    own = _built_in().extended(folders) if folders else _built_in()
    further = (model for each in Catalogs(store).all() for model in each.models)
    listed = _catalog((*own.models, *further))
    models = [*listed.models, *installed(store, in_store - listed.ids)]
    plain = [model for model in models if model.archive is None]
    manifests = (store.manifest(id) for id in in_store)
    return _catalog(with_members(plain, filter(None, manifests)))


@dataclass(frozen=True)
class Catalog:
    """Model records and how to find them.

    Attributes
    ----------
    models : tuple of Record
        By identity.
    """

    models: tuple[Record, ...]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The identities of all models."""
        return frozenset(model.id for model in self.models)

    @cached_property
    def archives(self) -> frozenset[str]:
        """The identities of archives, each of which holds several models."""
        return frozenset(model.id for model in self.models if is_archive(model))

    def archive(self, member: Record) -> Record:
        """The archive that a model is in."""
        return next(model for model in self.models if model.full_name == member.catalog)

    @cached_property
    def _names(self) -> dict[str, Record]:
        """Every own model by its identity and its older names, in small letters."""
        own = [model for model in self.models if model.catalog is None]
        return {name: models[0] for name, models in by_name(own).items()}

    @cached_property
    def _further_names(self) -> dict[str, list[Record]]:
        """The models of further catalogs, in the same way; a name may have several."""
        return by_name(model for model in self.models if model.catalog is not None)

    def extended(self, folders: Iterable[Path]) -> Catalog:
        """Add the records of further folders; see ``catalog`` for what it raises."""
        from catalog.folders import checked, records

        taken = dict.fromkeys(self._names, "the catalog of zoo")
        further = []
        for path in records(folders):
            model = checked(path)
            for name in (model.id.lower(), *map(str.lower, model.names)):
                if name in taken:
                    raise IntegrityError(
                        f"{path} describes {name}, which {taken[name]} describes already.",
                        why="A name must belong to one model only.",
                        hint="Give the record another id and its file the same name.",
                    )
                taken[name] = str(path)
            further.append(model)
        return _catalog((*self.models, *further))

    def find(self, name: str) -> Record:
        """Find the one model that a name means.

        A whole name means zoo's own model before those of further catalogs.

        Parameters
        ----------
        name : str
            An identity, an older name, either without regard to case, an identity
            without its version number (the newest is meant), or a unique beginning;
            behind ``CATALOG/``, in that further catalog.

        Raises
        ------
        AmbiguousNameError
            The beginning of several models.
        UnknownModelError, listed
            No model, with the nearest names.
        """
        candidates = self._candidates(name)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise AmbiguousNameError(
                f"{name} matches {len(candidates)} models.",
                why=f"{listed(sorted(model.full_name for model in candidates))}.",
                hint=f"Use a longer name, or list them all: zoo ls '{name}*'",
            )
        raise self._unknown(name)

    def _candidates(self, name: str) -> list[Record]:
        """The models that a name can mean."""
        of, slash, rest = name.rpartition("/")
        if slash:
            there = by_name(model for model in self.models if model.catalog == of)
            return whole(rest.lower(), there) or begun(rest.lower(), there)
        own = {each: [model] for each, model in self._names.items()}
        further = self._further_names
        exactly = whole(name.lower(), own) or whole(name.lower(), further)
        return exactly or begun(name.lower(), {**further, **own})

    def is_further(self, word: str) -> bool:
        """Whether a word is ``CATALOG/NAME``, and no path."""
        return word.partition("/")[0] in {model.catalog for model in self.models}

    def extractor(self, head: Record, id: str) -> Record:
        """The model whose embeddings a head reads: of the head's catalog, if that has it.

        Raises
        ------
        UnknownModelError, listed
        """
        same = [each for each in self.models if (each.id, each.catalog) == (id, head.catalog)]
        return same[0] if same else self.find(id)

    def extractors(self, width: int) -> list[Record]:
        """The extractors whose embeddings have so many values, the current ones first."""
        sources = [model for model in self.models if model.kind == "extractor"]
        found = [
            model
            for model in sources
            for layer in model.outputs
            if layer.purpose == "embeddings" and layer.shape and layer.shape[-1] == width
        ]
        return sorted(found, key=lambda model: model.status not in (None, "documented"))

    def _unknown(self, name: str) -> UnknownModelError:
        from difflib import get_close_matches

        known = {each: models[0].full_name for each, models in self._further_names.items()}
        known |= {each: model.id for each, model in self._names.items()}
        bases = {base(model).lower(): model.full_name for model in self.models}
        close = get_close_matches(name.lower(), [*known, *bases], n=6, cutoff=0.7)
        near = list(dict.fromkeys((known | bases)[each] for each in close))[:3]
        return UnknownModelError(
            f"There is no model {name}.",
            why=f"The nearest names are {', '.join(near)}." if near else "",
            hint=f"Look for it: zoo search {words(name).strip() or 'TEXT'}",
        )

    def note(self, name: str) -> str | None:
        """What a user of this name should know: it is old, or could mean another model."""
        model = self.find(name)
        if homonym := model.homonym:
            return (
                f"{model.id} was once the name of two models: "
                f"this one, and one that is now called {homonym}."
            )
        if model.catalog and "/" not in name:
            return f"{name} is {model.full_name}."
        others = [each.full_name for each in self._further_names.get(model.id.lower(), ())]
        if model.catalog is None and others:
            return f"{model.id} is zoo's own; there is also {', '.join(others)}."
        if name.lower() in map(str.lower, model.names):
            return f"{name} is now called {model.id}."
        return None

    def match(self, pattern: str) -> list[Record]:
        """The models whose identity or older name fits a shell pattern, without regard to case.

        A pattern with a slash is one of names behind ``CATALOG/``; others mean models of
        further catalogs only where no own model has the name.
        """
        wanted = pattern.lower()
        if "/" in pattern:
            names = [(model.full_name.lower(), model) for model in self.models if model.catalog]
        else:
            further = self._further_names.items()
            names = [(each, m) for each, models in further for m in models if not self._hides(m)]
            names += self._names.items()
        fitting = {model.full_name: model for name, model in names if fnmatchcase(name, wanted)}
        return sorted(fitting.values(), key=_place)

    def _hides(self, model: Record) -> bool:
        """Whether an own model has the name of one of a further catalog."""
        return model.id.lower() in self._names

    def search(self, text: str) -> list[Record]:
        """The models that know every word of a text, the best first; see `catalog.search`."""
        from catalog.search import search

        return search(self.models, text)


def _catalog(models: Iterable[Record]) -> Catalog:
    return Catalog(tuple(sorted(models, key=_place)))


def _place(model: Record) -> tuple[str, str]:
    """The place in a list: own models before those of further catalogs."""
    return model.id, model.catalog or ""
