"""The models that there are: listed, searched, looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.index import Catalog, catalog
from catalog.manifest import Manifest, is_of, main_file
from catalog.record import Record
from catalog.store import Store
from zoo import display


@dataclass(frozen=True, repr=False)
class ModelInfo:
    """A model of the catalog, and what is installed of it; ``print`` shows its card.

    Attributes
    ----------
    record : Record
    manifest : Manifest or None
        Of the installed model.
    note : str
        What should be known of the name that was asked for.
    """

    record: Record
    manifest: Manifest | None = None
    note: str = ""

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def name(self) -> str:
        """The name with the catalog before it, if that is not zoo's own."""
        return self.record.full_name

    @property
    def installed(self) -> bool:
        return self.manifest is not None

    @property
    def size(self) -> int | None:
        """In bytes."""
        file = main_file(self.record)
        return self.manifest.main.size if self.manifest else file.size if file else None

    @property
    def license(self) -> str | None:
        return self.manifest.license if self.manifest else self.record.license

    @property
    def path(self) -> Path | None:
        """The network, if it is installed."""
        return Store.default().network(self.record) if self.manifest else None

    def to_json(self) -> dict[str, Any]:
        """A row of the document that ``zoo ls --json`` prints."""
        record = self.record
        return {
            "id": record.full_name if record.archive else record.id,
            "names": list(record.names),
            "task": record.task,
            "family": record.family,
            "kind": record.kind,
            "license": self.license,
            "size": self.size,
            "installed": self.installed,
            **({"catalog": record.catalog} if record.catalog and not record.archive else {}),
        }

    def __repr__(self) -> str:
        state = "installed" if self.installed else "not installed"
        told = filter(None, (self.record.task, display.size(self.size), state))
        return f"<ModelInfo {self.name}: {', '.join(told)}>"

    def __str__(self) -> str:
        from zoo.card import card

        return card(self.record, self.manifest)


class ModelList(tuple[ModelInfo, ...]):
    """Models, shown as a table."""

    __slots__ = ()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Name, task, size and whether it is installed, as people read them."""
        return [
            (each.name, each.record.task or "", display.size(each.size), "*" * each.installed)
            for each in self
        ]

    def __repr__(self) -> str:
        return "\n".join(display.columns(self.rows())) or "no models"


def models(
    *patterns: str,
    task: str | None = None,
    family: str | None = None,
    kind: str | None = None,
    installed: bool = False,
) -> ModelList:
    """List models.

    Parameters
    ----------
    *patterns : str
        Names, where ``*`` and ``?`` match many; all models if there are none.
    task, family, kind : str, optional
        Only those: of the task auto-tagging, the family musicnn, the kind ``extractor``,
        ``head``, ``end-to-end`` or ``svm``.
    installed : bool
        Only installed models.

    Raises
    ------
    UnknownModelError
        Nothing has such a name.
    UsageError
        No model has such a task, family or kind.

    Examples
    --------
    >>> zoo.models("msd-musicnn-*")
    msd-musicnn-1  auto-tagging  3.2 MB
    """
    index = catalog()
    found = _matched(index, patterns) if patterns else list(index.models)
    filters: tuple[tuple[str, Callable[[Record], str | None], str | None], ...] = (
        ("task", lambda model: model.task, task),
        ("family", lambda model: model.family, family),
        ("kind", lambda model: model.kind, kind),
    )
    for name, value, wanted in filters:
        if wanted is not None:
            _require_known(name, wanted, map(value, index.models))
            found = [model for model in found if value(model) == wanted]
    listed = _with_manifests(found)
    return ModelList(each for each in listed if each.installed or not installed)


def search(*words: str) -> ModelList:
    """Find models by name, task, class or description, the best first.

    Parameters
    ----------
    *words : str
        What to look for.

    Examples
    --------
    >>> zoo.search("tempo")[0]
    <ModelInfo ...: tempo..., not installed>
    """
    return ModelList(_with_manifests(catalog().search(" ".join(words))))


def info(name: str) -> ModelInfo:
    """Describe a model; ``print`` it to see its card.

    Parameters
    ----------
    name : str
        In the catalog.

    Raises
    ------
    UnknownModelError, AmbiguousNameError

    Examples
    --------
    >>> zoo.info("msd-musicnn-1")
    <ModelInfo msd-musicnn-1: auto-tagging, 3.2 MB, not installed>
    >>> zoo.info("msd-musicnn-1").record.classes[:2]
    ('rock', 'pop')
    """
    store, index = Store.default(), catalog()
    model = index.find(name)
    return ModelInfo(store.record(model), store.manifest_of(model), index.note(name) or "")


def _matched(index: Catalog, patterns: Iterable[str]) -> list[Record]:
    """The models that any of the patterns means; a name's beginning is enough."""
    found: dict[str, Record] = {}
    for pattern in patterns:
        fitting = index.match(pattern) or index.match(f"{pattern}*") or [index.find(pattern)]
        found |= {model.full_name: model for model in fitting}
    return sorted(found.values(), key=lambda model: (model.id, model.catalog or ""))


def _require_known(name: str, wanted: str, values: Iterable[str | None]) -> None:
    known = sorted({value for value in values if value})
    if wanted not in known:
        raise UsageError(
            f"No model has the {name} {wanted}.",
            why=f"Available: {', '.join(known)}.",
            hint=f"Look for it: zoo search {wanted}",
        )


def _with_manifests(records: Iterable[Record]) -> list[ModelInfo]:
    """Models with their manifests, if they are installed; see `Store.manifest_of`."""
    store = Store.default()
    there = {manifest.id: manifest for manifest in store.installed()}
    listed = []
    for record in records:
        manifest = store.manifest_of(record) if record.archive else there.get(record.id)
        other = manifest and not is_of(record, manifest)
        listed.append(ModelInfo(record, None if other else manifest))
    return listed
