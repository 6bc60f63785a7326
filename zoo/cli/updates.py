"""``zoo outdated``, ``update`` and ``gc``: newer versions come, old ones go."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from catalog import lock as locks
from catalog.errors import UsageError
from catalog.store import Store
from zoo import display, output

Installed = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME…]", help="Installed models. [default: all]")
]


def outdated(
    names: Installed = None, as_json: output.Json = False, quiet: output.Quiet = False
) -> None:
    """List installed models that their catalogs have newer versions of, or withdrew."""
    from zoo.pulling import newer

    found = newer.outdated(names or (), Store.default())
    if as_json:
        output.document({"models": [each.to_json() for each in found]})
        return
    output.table(
        [(each.id, each.reason, each.newer.id if each.newer else "", each.why) for each in found],
        ("model", "reason", "available", "why"),
    )
    if any(each.newer for each in found):
        output.say("To pull what is available: zoo update NAME")
    elif not found:
        output.say("All installed models are as their catalogs have them.")


def update(
    names: Installed = None, as_json: output.Json = False, quiet: output.Quiet = False
) -> None:
    """Pull newer versions beside the installed ones, and say what changed."""
    from zoo.pulling import newer

    done = []
    for each in newer.update(names or (), Store.default()):
        done.append(each)
        if each.status == "kept":
            output.say(f"{each.id} was withdrawn, and there is nothing newer. It stays.")
        elif each.id != each.old:
            output.say(f"{each.id} is installed beside {each.old}.")
        elif each.status == "installed":
            output.say(f"{each.id} has taken the place of the one before.")
        for line in each.changes:
            output.say(f"  {line}")
    if as_json:
        output.document({"models": [each.to_json() for each in done]})
        return
    output.table(
        [(each.id, each.status, display.size(each.size)) for each in done],
        ("model", "status", "size"),
    )


def gc(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Remove what nothing needs: old versions, extractors of heads that are gone, unfinished
    downloads, and networks that were kept compiled.

    What an installed head reads stays, and so does what the zoo.lock of this folder names.
    """
    from catalog.download import part
    from predictors.runtimes import kept
    from zoo.pulling import newer

    store = Store.default()
    locked = [each["id"] for each in locks.read(locks.LOCK)] if locks.LOCK.exists() else []
    old = newer.unneeded(store, locked)
    sizes = {each.id: sum(file.size for file in each.files) for each in store.installed()}
    parts, compiled = part.unfinished(store.parts), kept.size(store)
    for id, why in newer.unneeded(store, ()).items():
        if id in locked:
            output.say(f"{id} ({why}) stays: {locks.LOCK} names it.")
    rows = [(id, why, display.size(sizes[id])) for id, why in old.items()]
    if parts:
        rows.append((str(store.parts), "unfinished downloads", display.size(parts)))
    if compiled:
        rows.append((str(store.home / kept.FOLDER), "compiled networks", display.size(compiled)))
    if not rows:
        output.say("There is nothing to free.")
    elif not as_json:
        output.table(rows, ("what", "why", "size"))
    if rows and not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                "Not a terminal: use --yes",
                why=f"Removing {', '.join([*old, *(why for _, why, _ in rows[len(old) :])])} "
                "needs confirmation.",
                hint="To remove without asking: zoo gc --yes",
            )
        if not typer.confirm(
            f"Free {display.size(parts + compiled + sum(sizes[id] for id in old))}?", err=True
        ):
            raise typer.Exit(1)
    for id in old:
        store.remove(id)
    kept.discard(store)
    freed = part.discard_unfinished(store.parts) + compiled + sum(sizes[id] for id in old)
    if as_json:
        models = [
            {"id": id, "status": "removed" if id in old else "kept", "size": size}
            for id, size in sizes.items()
        ]
        output.document({"models": models, "freed": freed})
    elif rows:
        output.say(f"Freed {display.size(freed)}.")
