"""``zoo serve``: a published zoo on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import NotFoundError
from zoo import output


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder made by `zoo publish`.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8000,
    quiet: output.Quiet = False,
) -> None:
    """Serve a published zoo, for browsers on this machine only."""
    from zoo.publishing.webserver import WebServer

    if not (folder / "index.html").is_file():
        raise NotFoundError(
            f"{folder} is not a published zoo.",
            why=f"There is no file {folder / 'index.html'}.",
            hint=f"To create one: zoo publish NAME --to {folder}",
        )
    with WebServer(folder, port) as server:
        print(server.address, flush=True)
        output.say("Press Ctrl-C to stop.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:  # the way to end it
            output.say("")
