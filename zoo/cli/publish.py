"""``zoo publish``: models as a folder for any static server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo import output
from zoo.cli import completion


def publish(
    to: Annotated[Path, typer.Option(metavar="DIR", help="A new folder, or one published before.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|FILE.json…",
            help="Models, or records with their .pb beside them.",
            autocompletion=completion.models,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The title of the pages.")] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Leave the front-end out of the web models.")
    ] = False,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Also make pages that work from a disk.")
    ] = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Remove published models that are not named now, and replaced files."
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Let another model take a name, and say what breaks."),
    ] = False,
    withdraw: Annotated[
        str | None, typer.Option(metavar="NAME", help="Stop offering a published model.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="TEXT", help="With --withdraw: the reason, one line.")
    ] = None,
    cards: Annotated[
        bool,
        typer.Option("--cards", help="Pages of models without their files; of all, if none named."),
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Publish models: pages to try them on, and a catalog that `zoo pull` understands."""
    from zoo.publishing import publisher

    done = publisher.publish(
        *what or (),
        to=to,
        title=title,
        plain=plain,
        single_file=single_file,
        prune=prune,
        replace=replace,
        withdraw=withdraw,
        why=why,
        cards=cards,
    )
    if as_json:
        output.document(
            {
                "output": str(to),
                "models": list(done.models),
                "written": list(done.written),
                "removed": list(done.removed),
            }
        )
        return
    for id in done.models if not cards else ():
        print(f"{to}/models/{id}/index.html")
    if not done.written and not done.removed:
        output.say(f"{to} is up to date.")
        return
    output.say(f"Files written: {len(done.written)}, removed: {len(done.removed)}.")
    output.say(f"To see it: zoo serve {to}")
    if done.models and not cards:
        output.say(f"To pull from it: zoo pull {done.models[0]} --catalog {to}")
