"""``zoo publish``: models as a folder for any static server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import UsageError
from zoo import output

if TYPE_CHECKING:
    from zoo.publishing.publisher import Plan
    from zoo.publishing.site import Change


def publish(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|FILE.json…", help="Models, or records with their .pb beside them."
        ),
    ],
    to: Annotated[
        Path, typer.Option(metavar="DIR", help="A new folder, or one that was published before.")
    ],
    title: Annotated[str | None, typer.Option(help="What the zoo is called.")] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Leave the front-end out of the web models.")
    ] = False,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Also make pages that work from a disk.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove models that are not named this time.")
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Publish models: pages to try them on, and a catalog that `zoo pull` understands."""
    from zoo.predicting.collection import model_names
    from zoo.publishing import publisher

    if title is not None:
        _check_title(title, publisher.LONGEST_TITLE)
    if plain and single_file:
        raise UsageError(
            "--plain and --single-file exclude each other.",
            why="A web model without its front-end cannot be tried in a page.",
        )
    publications = []
    for word in model_names(what):
        _step(f"Looking at {word} …")
        publications.append(publisher.find(word))
    publisher.check(publications)
    plan = publisher.Plan(tuple(publications), title, plain, single_file, prune)
    for told in publisher.warnings(plan):
        output.warn(f"warning: {told}")
    change = publisher.publish(plan, to, output.say, lambda id: _step(f"Publishing {id} …"))
    _report(plan, to, change, as_json)


def _check_title(title: str, longest: int) -> None:
    if not (title.strip() and title.isprintable() and len(title) <= longest):
        raise UsageError(f"A title is a line of 1 to {longest} characters.")


def _step(text: str) -> None:
    """Show progress, on a terminal only; in lines, because downloads have bars of their own."""
    if sys.stderr.isatty():
        output.say(text)


def _report(plan: Plan, to: Path, change: Change, as_json: bool) -> None:
    ids = [publication.model.id for publication in plan.publications]
    if as_json:
        output.document(
            {
                "output": str(to),
                "models": ids,
                "written": change.written,
                "removed": change.removed,
            }
        )
        return
    for id in ids:
        print(f"{to}/models/{id}/index.html")
    if not change.written and not change.removed:
        output.say(f"{to} is as it was.")
        return
    output.say(f"Files written: {len(change.written)}, removed: {len(change.removed)}.")
    output.say(f"To see it: zoo serve {to}")
    output.say(f"To pull from it: zoo pull {ids[0]} --catalog {to}")
