"""``zoo doctor``: is this installation whole."""

from __future__ import annotations

import typer

from zoo import output, rooms


def doctor() -> None:
    """Look for what commonly goes wrong with an installation."""
    claims = rooms.claims()
    for claim in claims:
        print(
            f"warning: {claim.distribution} also ships the top-level package `{claim.room}` "
            f"({claim.path}). Zoo's own is in place now, but upgrading or removing either one "
            "breaks the other. Keep them in separate environments."
        )
    if claims:
        raise typer.Exit(1)
    output.say("Everything is in its place.")
