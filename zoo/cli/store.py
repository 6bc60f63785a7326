"""``zoo pull``, ``path``, ``verify``, ``rm`` and ``lock``: the local store."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog import lock as locks
from catalog.errors import InterruptedByUserError, NotFoundError, UsageError
from catalog.manifest import Manifest, file_name, main_file
from catalog.record import Record
from catalog.storage import save
from catalog.store import Store
from zoo import display, output

if TYPE_CHECKING:
    from zoo.pulling.puller import Pulled, Puller

Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Models; * and ? are wildcards.")]
Installed = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME…]", help="Installed models. [default: all]")
]


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…", help="Models; * and ? are wildcards. With --locked: the lock file."
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
        str | None, typer.Option(metavar="URL|DIR", help="Pull from this published catalog.")
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
    if locked and catalog:
        raise UsageError(
            "--locked and --catalog cannot be combined.", hint=f"zoo {words} without --catalog"
        )
    if locked and names and len(names) > 1:
        raise UsageError("--locked takes one lock.", hint=f"zoo pull --locked {names[0]}")
    if not names and not locked:
        raise UsageError(
            "Which model?", hint="Find names with zoo ls or zoo search; then: zoo pull NAME"
        )
    if locked:
        models = wanted.locked(Path(names[0]) if names else locks.LOCK)
    else:
        models = wanted.named(names or (), catalog)
    puller = Puller(Sources(store, mirror, require_checksum, locked), force, from_source)
    if dry_run:
        _plan(puller, models, as_json)
        return
    try:
        pulled = [puller.pull(model) for model in models]
    except KeyboardInterrupt:
        raise InterruptedByUserError(
            "Interrupted.",
            why=f"What was downloaded so far is kept in {store.parts}",
            hint=f"To continue: zoo {words}",
        ) from None
    _report(pulled, as_json)


def path(name: Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")]) -> None:
    """Print the path of an installed model's network."""
    store = Store.default()
    print(store.path(_manifest(name, store).id))


def verify(
    names: Installed = None, as_json: output.Json = False, quiet: output.Quiet = False
) -> None:
    """Re-hash installed models and compare them with their checksums."""
    store = Store.default()
    ids = _folders(names, store) if names else store.names()
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
    store = Store.default()
    ids = _folders(names, store)
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
    to: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = locks.LOCK,
    quiet: output.Quiet = False,
) -> None:
    """Pin exactly which models are installed, for `zoo pull --locked`."""
    from catalog.catalogs import INSTALLED
    from catalog.index import catalog
    from zoo.pulling.puller import with_extractors

    store = Store.default()
    if names:
        wanted = with_extractors(catalog().find(_manifest(name, store).id) for name in names)
        manifests = [_manifest(model.id, store) for model in wanted]
    else:
        known = {model.id: model for model in catalog().models if model.catalog != INSTALLED}
        manifests = [manifest for manifest in store.installed() if manifest.id in known]
        wanted = [known[manifest.id] for manifest in manifests]
        for manifest in store.installed():
            if manifest.id not in known:
                output.warn(f"warning: {manifest.id} is left out: no catalog lists it any more.")
    if to.exists():
        locks.read(to)  # raises for what is no lock: another file is not overwritten
    entries = map(locks.entry, manifests, wanted)
    save(to, locks.to_json(entries))
    output.say(f"Models in {to}: {len(manifests)}. To install them: zoo pull --locked {to}")


def _plan(puller: Puller, models: list[Record], as_json: bool) -> None:
    """Say what would come, without asking anybody."""
    rows = [(model, puller.installed(model), *_expected(puller, model)) for model in models]
    if as_json:
        output.document(
            {
                "models": [
                    {
                        "id": model.id,
                        "path": str(puller.sources.store.path(model.id)),
                        "source": manifest.source if manifest else source,
                        "sha256": manifest.main.sha256 if manifest else sha256,
                        "size": manifest.main.size if manifest else size,
                        "status": "already" if manifest else "planned",
                    }
                    for model, manifest, source, sha256, size in rows
                ]
            }
        )
        return
    output.table(
        (
            (model.id, "already", manifest.source, display.size(manifest.main.size))
            if manifest
            else (model.id, "planned", source, display.size(size))
            for model, manifest, source, _, size in rows
        ),
        ("model", "status", "source", "size"),
    )


def _expected(puller: Puller, model: Record) -> tuple[str, str | None, int | None]:
    """Source, digest and size that pulling a model would have, where known."""
    file = main_file(model)
    if model.recipe and (puller.from_source or file is None or not file.urls):
        return "recipe", model.recipe.sha256, model.recipe.size
    if file is None:
        return "official", None, None
    file_name(model, file)  # raises for an impossible name
    source = next(iter(puller.sources.addresses(model, file).values()), "official")
    return source, next(iter(file.sha256), None), file.size


def _report(pulled: list[Pulled], as_json: bool) -> None:
    if as_json:
        output.document({"models": [each.to_json() for each in pulled]})
        return
    output.table(
        (
            (each.model.id, each.status, each.source, display.size(each.size), str(each.path))
            for each in pulled
        ),
        ("model", "status", "source", "size", "path"),
    )


def _id(name: str, store: Store) -> str:
    """The identity that a name means; what is in the store needs no catalog."""
    if name in store.names():
        return name
    from catalog.index import catalog

    return catalog().find(name).id


def _folders(names: list[str], store: Store) -> list[str]:
    """The identities in the store that names and patterns mean, each once."""
    from fnmatch import filter as matching

    from zoo.pulling.wanted import is_pattern

    ids, found = store.names(), []
    for name in names:
        meant = matching(ids, name) if is_pattern(name) else [_id(name, store)]
        if not meant or meant[0] not in ids:
            raise _not_installed(name)
        found += meant
    return list(dict.fromkeys(found))


def _manifest(name: str, store: Store) -> Manifest:
    manifest = store.manifest(_id(name, store))
    if manifest is None:
        raise _not_installed(name)
    return manifest


def _not_installed(name: str) -> NotFoundError:
    return NotFoundError(f"{name} is not installed.", hint=f"zoo pull {shlex.quote(name)}")
