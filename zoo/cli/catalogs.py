"""``zoo catalog``: the catalogs that others publish."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import listed
from catalog.store import Store
from zoo import output

if TYPE_CHECKING:
    from catalog.catalogs import AddedCatalog, Catalogs

Name = Annotated[str, typer.Argument(metavar="NAME", help="Your name for the catalog.")]

app = typer.Typer(help="Manage catalogs published by others.", no_args_is_help=True)


@app.command()
def add(
    name: Name,
    address: Annotated[
        str, typer.Argument(metavar="URL|DIR", help="A folder made by `zoo publish`.")
    ],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Add a published catalog, so that its models are listed."""
    from catalog.index import catalog

    added = _catalogs().add(name, address)
    own = {model.id for model in catalog().models if model.catalog is None}
    taken = [model.id for model in added.models if model.id in own]
    _report([added], as_json)
    output.say(f"Its models are called {name}/…; see them: zoo ls '{name}/*'")
    if taken:
        output.warn(
            f"note: {listed(taken, 3)} are also names of zoo's own models, which take precedence. "
            f"For the others, add the catalog's name: {name}/{taken[0]}"
        )


@app.command()
def ls(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """List the catalogs that were added."""
    _report(_catalogs().all(), as_json)


@app.command()
def update(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Catalogs. [default: all]")
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Refresh catalogs."""
    catalogs = _catalogs()
    _report([catalogs.update(name) for name in names or catalogs.names()], as_json)


@app.command()
def rm(name: Name, quiet: output.Quiet = False) -> None:
    """Remove a catalog; models pulled from it stay installed."""
    _catalogs().remove(name)
    output.say(f"Removed {name}. Its installed models stay: zoo ls --installed")


def _catalogs() -> Catalogs:
    from catalog.catalogs import Catalogs

    return Catalogs(Store.default())


def _report(catalogs: Iterable[AddedCatalog], as_json: bool) -> None:
    added = list(catalogs)
    if as_json:
        rows = [
            {
                "name": each.name,
                "address": each.address,
                "title": each.listing.title,
                "models": len(each.models),
                "updated": each.time,
            }
            for each in added
        ]
        output.document({"catalogs": rows})
        return
    output.table(
        [(each.name, str(len(each.models)), each.address, each.listing.title) for each in added],
        ("name", "models", "address", "title"),
    )
