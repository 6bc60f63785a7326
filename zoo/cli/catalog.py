"""``zoo ls``, ``search`` and ``info``: what there is."""

from __future__ import annotations

from textwrap import fill, indent
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NotFoundError
from zoo import display, output
from zoo.cli import completion

if TYPE_CHECKING:
    from catalog.record import Record


def ls(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATTERN…",
            help="Names; * and ? are wildcards. [default: all models]",
            autocompletion=completion.models,
        ),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Such as auto-tagging or tempo.")] = None,
    family: Annotated[str | None, typer.Option(help="Such as musicnn or vggish.")] = None,
    kind: Annotated[str | None, typer.Option(help="extractor, head, end-to-end or svm.")] = None,
    installed: Annotated[bool, typer.Option("--installed", help="Only installed models.")] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """List models."""
    from zoo import listing

    models = listing.models(
        *patterns or (), task=task, family=family, kind=kind, installed=installed
    )
    if as_json:
        output.document({"models": [model.to_json() for model in models]})
        return
    output.table(models.rows(), ("model", "task", "size", "installed"))
    count = len({model.id for model in models if model.installed})  # one may be in two catalogs
    plural = "" if len(models) == 1 else "s"
    output.say(f"{len(models)} model{plural}, {count} installed (*). More on one: zoo info NAME")


def search(
    text: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Words to look for.")],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Find models by name, task, class or description, the best first."""
    from catalog.search import reason
    from zoo import listing

    wanted = " ".join(text)
    models = listing.search(*text)
    if as_json:
        output.document({"models": [model.to_json() for model in models]})
        return
    for model in models:
        legacy = model.record.status == "legacy"
        marks = ["installed"] * model.installed + ["legacy"] * legacy
        print(model.name + (f"  ({', '.join(marks)})" if marks else ""))
        why = fill(reason(model.record, wanted), display.width() - 4, max_lines=2, placeholder=" …")
        print(indent(why, "    "))
    if not models:
        output.say(f"No models match {wanted!r}. Try fewer words, or the beginnings of words.")


def info(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A model's name.", autocompletion=completion.models),
    ],
    field: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="Print one field of the record, such as schema.outputs.0.name"
        ),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Show a model's card."""
    from zoo import listing

    model = listing.info(name)
    manifest = model.manifest
    if model.note:
        output.say(model.note)
    if field is not None:
        value = _field(model.record, field)
        if isinstance(value, str) and not as_json:
            print(value)
        else:
            output.document(value)
    elif as_json:
        record = model.record
        output.document(
            {
                "id": model.name if record.archive else model.id,
                "record": record.document,
                "installed": model.installed,
                "path": str(model.path) if manifest else None,
                "source": manifest.source if manifest else None,
                "sha256": manifest.main.sha256 if manifest else None,
                **({"catalog": record.catalog} if record.catalog and not record.archive else {}),
            }
        )
    else:
        print(model)


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
                hint=f"See the whole record: zoo info {model.id} --json",
            )
        value = there[step]
        gone = f"{gone}.{step}".lstrip(".")
    return value
