"""``zoo doctor``: is this installation whole, and what is it made of."""

from __future__ import annotations

from dataclasses import asdict

import typer

from zoo import output


def doctor(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Check the installation: versions, runtimes, environment, catalog, store.

    With -q only what is wrong is printed. Reports of bugs are asked for what --json prints.
    """
    from zoo.diagnosis import diagnose

    checks = diagnose()
    troubles = [each for each in checks if each.status == "failed"]
    if as_json:
        output.document({"ok": not troubles, "checks": [asdict(each) for each in checks]})
    else:
        if not output.quiet:
            shown = [each for each in checks if each.status != "failed"]
            output.table([(each.id, each.found or "-", each.hint or "") for each in shown], ())
        for each in troubles:
            print(f"warning: {each.id}: {each.found} {each.hint or ''}".rstrip())
    if troubles:
        raise typer.Exit(1)
    output.say("No problems found.")
