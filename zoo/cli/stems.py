"""What ``zoo predict`` shows of models that separate sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from zoo import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.predicting.stems import Separated


def show_stems(found: Iterable[Separated], as_json: bool) -> None:
    """Tell where the stems of each file are.

    Raises
    ------
    typer.Exit
        With 1, if some audio failed.
    """
    done = [_shown(each, as_json) for each in found]
    if as_json:
        output.document({"results": [each.to_json() for each in done]})
    if any(each.error for each in done):
        raise typer.Exit(1)


def _shown(separated: Separated, as_json: bool) -> Separated:
    """Say where the stems of a file are, or why there are none."""
    if separated.error:
        output.failure(separated.error, as_json=False)
    elif not as_json:
        print(f"{separated.file}  {separated.duration:.1f} s, {separated.model}")
        for name, path in separated.stems.items():
            print(f"  {name:<14}{path}")
    return separated
