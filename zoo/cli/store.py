"""``zoo pull``, ``path``, ``verify``, ``rm`` and ``lock``: the local store."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog import lock as locks
from catalog.errors import InterruptedByUserError, UsageError
from catalog.store import Store
from zoo import display, output
from zoo.cli import completion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Names = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME…", help="Models; * and ? are wildcards.", autocompletion=completion.installed
    ),
]
Installed = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME…]",
        help="Installed models. [default: all]",
        autocompletion=completion.installed,
    ),
]


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…",
            help="Models; * and ? are wildcards. With --locked: the lock file.",
            autocompletion=completion.models,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be downloaded.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Re-download.")] = False,
    from_source: Annotated[
        bool, typer.Option("--from-source", help="Build from the authors' own release.")
    ] = False,
    require_checksum: Annotated[
        bool, typer.Option("--require-checksum", help="Refuse files without a published digest.")
    ] = False,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="URL|DIR", help="Download from here instead of the official address."),
    ] = None,
    catalog: Annotated[
        str | None,
        typer.Option(
            metavar="URL|DIR",
            help="Pull from this published catalog. With --locked: where it is now.",
        ),
    ] = None,
    locked: Annotated[
        bool,
        typer.Option("--locked", help="Install exactly what is pinned in zoo.lock, or in NAME."),
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Download models, with the extractors that they need, and verify them."""
    from zoo.pulling import wanted
    from zoo.pulling.added_catalogs import Sources
    from zoo.pulling.puller import Puller

    words = shlex.join(sys.argv[1:])
    store = Store.default()
    if locked and from_source:
        raise UsageError(
            "--locked and --from-source cannot be combined.",
            why="The lock says where each model comes from.",
            hint="Run it without --from-source.",
        )
    if locked and names and len(names) > 1:
        raise UsageError("--locked takes one lock.", hint=f"zoo pull --locked {names[0]}")
    if not names and not locked:
        raise UsageError(
            "Which model?", hint="Find names with zoo ls or zoo search; then: zoo pull NAME"
        )
    moved = None
    if locked:
        models = wanted.locked(Path(names[0]) if names else locks.LOCK)
        moved = wanted.base(catalog) if catalog else None
    else:
        models = wanted.named(names or (), catalog)
    puller = Puller(Sources(store, mirror, require_checksum, locked, moved), force, from_source)
    if dry_run:
        _report([puller.planned(model) for model in models], as_json, with_paths=False)
        return
    try:
        pulled = [puller.pull(model) for model in models]
    except KeyboardInterrupt:
        raise InterruptedByUserError(
            "Interrupted.",
            why=f"What was downloaded so far is kept in {store.parts}",
            hint=f"To continue: zoo {words}",
        ) from None
    _report([each.to_json() for each in pulled], as_json)


def path(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A model's name.", autocompletion=completion.installed),
    ],
) -> None:
    """Print the path of an installed model's network."""
    from zoo.pulling import installed

    store = Store.default()
    print(installed.path(name, store))


def verify(
    names: Installed = None, as_json: output.Json = False, quiet: output.Quiet = False
) -> None:
    """Re-hash installed models and compare them with their checksums."""
    from zoo.pulling import installed

    store = Store.default()
    ids = installed.ids(names, store) if names else store.names()
    states = {id: store.verify(id) for id in ids}
    wrong = [
        (id, state.status, state.path)
        for id, files in states.items()
        for state in files
        if state.status != "ok"
    ]
    if as_json:
        models = [
            {"id": id, "files": [asdict(state) for state in files]} for id, files in states.items()
        ]
        output.document({"ok": not wrong, "models": models})
    else:
        if wrong:
            output.table(wrong, ("model", "status", "file"))
        count = f"{len(ids)} model{'' if len(ids) == 1 else 's'}"
        files = f"{len(wrong)} file{'' if len(wrong) == 1 else 's'} not as recorded"
        output.say(f"Verified {count}: {files if wrong else 'OK'}")
        for id in dict.fromkeys(id for id, *_ in wrong):
            output.say(f"  To repair: zoo rm -y {id} && zoo pull {id}")
    if wrong:
        raise typer.Exit(1)


def rm(
    names: Names,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    quiet: output.Quiet = False,
) -> None:
    """Remove installed models."""
    from zoo.pulling import installed

    store = Store.default()
    store.tidy()
    ids = installed.ids(names, store, store.halves())
    for name in names:
        if "/" in name and name.partition("/")[0] in ids:
            raise UsageError(
                f"{name} is part of an archive.",
                hint=f"Remove all of it: zoo rm {name.partition('/')[0]}",
            )
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                "Not a terminal: use --yes",
                why=f"Removing {', '.join(ids)} needs confirmation.",
                hint=f"To remove without asking: zoo rm --yes {shlex.join(names)}",
            )
        if not typer.confirm(f"Remove {', '.join(ids)}?", err=True):
            raise typer.Exit(1)
    for id in ids:
        store.remove(id)
        output.say(f"Removed {id}.")


def lock(
    names: Installed = None,
    to: Annotated[Path, typer.Option("--output", "-o", help="The lock.")] = locks.LOCK,
    check: Annotated[
        bool, typer.Option("--check", help="Compare what is installed with the lock instead.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Renew NAME in the lock, and nothing else.")
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Pin exactly which models are installed, for `zoo pull --locked`."""
    from zoo.pulling import locking

    store = Store.default()
    if check and (update or names):
        raise UsageError("--check takes the whole lock.", hint=f"zoo lock --check -o {to}")
    if update and not names:
        raise UsageError("Which model?", hint="zoo lock --update NAME")
    if check:
        _report_check(locking.check(to, store), to, as_json)
        return
    entries = locking.lock(names or (), to, store, update=update)
    if as_json:
        models = [{"id": each["id"], "status": "locked"} for each in entries]
        output.document({"ok": True, "models": models})
    output.say(f"Models in {to}: {len(entries)}. To install them: zoo pull --locked {to}")


def _report_check(states: Mapping[str, str], path: Path, as_json: bool) -> None:
    """Say how installed models compare with a lock; exit with 1 unless all of it is there."""
    wrong = [id for id, status in states.items() if status in ("changed", "missing")]
    if as_json:
        models = [{"id": id, "status": status} for id, status in states.items()]
        output.document({"ok": not wrong, "models": models})
    else:
        told = [(id, status) for id, status in states.items() if status != "locked"]
        output.table(told, ("model", "status"))
        locked = sum(status != "extra" for status in states.values())
        output.say(f"As locked in {path}: {locked - len(wrong)} of {locked}.")
        if wrong:
            output.say(f"  To install what is locked: zoo pull --locked {path}")
    if wrong:
        raise typer.Exit(1)


def _report(rows: Iterable[Mapping[str, Any]], as_json: bool, with_paths: bool = True) -> None:
    """Show the rows of a pull, or of its plan."""
    if as_json:
        output.document({"models": list(rows)})
        return
    headers = ("model", "status", "source", "size", "path")
    shown = 5 if with_paths else 4
    table = [
        (row["id"], row["status"], row["source"], display.size(row["size"]), row["path"])[:shown]
        for row in rows
    ]
    output.table(table, headers[:shown])
