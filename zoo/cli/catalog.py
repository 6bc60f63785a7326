"""``zoo ls``, ``search`` and ``info``: what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import fill, indent
from typing import Annotated, Any

import typer

from catalog.errors import NotFoundError, UsageError
from catalog.index import Catalog, catalog, reason
from catalog.manifest import Manifest, is_listed, main_file
from catalog.record import Record
from catalog.store import Store
from zoo import display, output
from zoo.card import card
from zoo.display import WIDTH

Filter = Callable[[Record], str | None]


def ls(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN…", help="Names; * and ? match many. All if absent."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Such as auto-tagging or tempo.")] = None,
    family: Annotated[str | None, typer.Option(help="Such as musicnn or vggish.")] = None,
    kind: Annotated[str | None, typer.Option(help="extractor, head, end-to-end or svm.")] = None,
    installed: Annotated[
        bool, typer.Option("--installed", help="Only those in the store.")
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """List models."""
    index, there = catalog(), _installed()
    models = _matched(index, patterns) if patterns else list(index.models)
    filters: tuple[tuple[str, Filter, str | None], ...] = (
        ("task", lambda model: model.task, task),
        ("family", lambda model: model.family, family),
        ("kind", lambda model: model.kind, kind),
    )
    for name, value, wanted in filters:
        if wanted is not None:
            _require_known(name, wanted, map(value, index.models))
            models = [model for model in models if value(model) == wanted]
    if installed:
        models = [model for model in models if _manifest(model, there)]
    if as_json:
        output.document({"models": [_row(model, there) for model in models]})
        return
    rows = [_row(model, there) for model in models]
    output.table(
        [
            (
                model.full_name,
                row["task"] or "",
                display.size(row["size"]),
                "*" * row["installed"],
            )
            for model, row in zip(models, rows, strict=True)
        ],
        ("model", "task", "size", "installed"),
    )
    count = len({row["id"] for row in rows if row["installed"]})  # one file may be in two catalogs
    plural = "" if len(models) == 1 else "s"
    output.say(f"{len(models)} model{plural}, {count} installed (*). More on one: zoo info NAME")


def search(
    text: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Words to look for.")],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Find models by name, task, class or description, the best first."""
    wanted, there = " ".join(text), _installed()
    models = catalog().search(wanted)
    if as_json:
        output.document({"models": [_row(model, there) for model in models]})
        return
    for model in models:
        marks = [word for word, true in _marks(model, there).items() if true]
        print(model.full_name + (f"  ({', '.join(marks)})" if marks else ""))
        why = fill(reason(model, wanted), WIDTH - 4, max_lines=2, placeholder=" …")
        print(indent(why, "    "))
    if not models:
        output.say(f"No model knows {wanted!r}. Fewer words, or their beginnings, find more.")


def info(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model.")],
    field: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="One field of the record: schema.outputs.0.name"),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Show a model's card."""
    store = Store.default()
    model = catalog().find(name)
    manifest = store.manifest_of(model)
    model = store.record(model)
    if note := catalog().note(name):
        output.say(note)
    if field is not None:
        value = _field(model, field)
        if isinstance(value, str) and not as_json:
            print(value)
        else:
            output.document(value)
    elif as_json:
        output.document(
            {
                "id": model.id,
                "record": model.document,
                "installed": manifest is not None,
                "path": str(store.path(model.id)) if manifest else None,
                "source": manifest.source if manifest else None,
                "sha256": manifest.main.sha256 if manifest else None,
                **({"catalog": model.catalog} if model.catalog else {}),
            }
        )
    else:
        print(card(model, manifest))


def _installed() -> dict[str, Manifest]:
    return {manifest.id: manifest for manifest in Store.default().installed()}


def _matched(index: Catalog, patterns: list[str]) -> list[Record]:
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
            why=f"There are: {', '.join(known)}.",
            hint=f"Look for it: zoo search {wanted}",
        )


def _row(model: Record, there: dict[str, Manifest]) -> dict[str, Any]:
    file, manifest = main_file(model), _manifest(model, there)
    return {
        "id": model.id,
        "names": list(model.names),
        "task": model.task,
        "family": model.family,
        "kind": model.kind,
        "license": manifest.license if manifest else model.license,
        "size": manifest.main.size if manifest else file.size if file else None,
        "installed": manifest is not None,
        **({"catalog": model.catalog} if model.catalog else {}),
    }


def _manifest(model: Record, there: dict[str, Manifest]) -> Manifest | None:
    """The manifest of a model, if it is installed; see `Store.manifest_of`."""
    manifest = there.get(model.id)
    return manifest if manifest and (not model.catalog or is_listed(model, manifest)) else None


def _marks(model: Record, there: dict[str, Manifest]) -> dict[str, bool]:
    return {"installed": _manifest(model, there) is not None, "legacy": model.status == "legacy"}


def _field(model: Record, path: str) -> Any:
    """The value at a dotted path of the record."""
    value: Any = model.document
    gone = ""
    for step in path.split("."):
        if isinstance(value, list):
            there = {str(number): each for number, each in enumerate(value)}
        else:
            there = value if isinstance(value, dict) else {}
        if step not in there:
            raise NotFoundError(
                f"{model.id} has no field {path}.",
                why=f"{gone or 'The record'} has {', '.join(there) or 'no fields'}.",
                hint=f"See it whole: zoo info {model.id} --json",
            )
        value = there[step]
        gone = f"{gone}.{step}".lstrip(".")
    return value
