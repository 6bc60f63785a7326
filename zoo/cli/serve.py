"""``zoo serve``: a published zoo on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import NotFoundError
from zoo import output


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="That `zoo publish` made.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8000,
    quiet: output.Quiet = False,
) -> None:
    """Show a published zoo to this machine's browser, and to no other machine."""
    from zoo.publishing.webserver import WebServer

    if not (folder / "index.html").is_file():
        raise NotFoundError(
            f"There is no zoo in {folder}.",
            why=f"There is no file {folder / 'index.html'}.",
            hint=f"To make one: zoo publish NAME --to {folder}",
        )
    with WebServer(folder, port) as server:
        print(server.address, flush=True)
        output.say("Ctrl-C ends it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:  # the way to end it
            output.say("")
