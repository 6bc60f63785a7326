"""``zoo validate``: does a file hold what its record says."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zoo import display, output
from zoo.cli import completion

if TYPE_CHECKING:
    from validate.report import Check
    from zoo.validating import Validation

_SHOWN: tuple[Literal["failed"], Literal["warned"]] = ("failed", "warned")
_INDENT = " " * 8


def validate(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|FILE…",
            help="Models, metadata (.json, and its network after it), networks (.pb, .onnx, "
            "the folder of a SavedModel, that of a TensorFlow.js model or its .zip), or folders "
            "of these.",
            autocompletion=completion.models,
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--catalog", help="Every record of the catalog, without files.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as failures.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow-op", metavar="OP", help="An operation to allow; repeatable."),
    ] = None,
    correct: Annotated[
        bool,
        typer.Option("--fix", help="Correct and complete the metadata by what the network tells."),
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Check records and networks: each alone, together, and by running them."""
    from zoo import validating

    found = validating.validate(
        *what or (), catalog=whole, strict=strict, allow_op=allow or (), fix=correct
    )
    for path, difference in found.fixes.items():
        if difference and not as_json:
            print(difference, end="")
        output.say(f"{path}: {'corrected' if difference else 'nothing to correct'}.")
    if as_json:
        output.document(found.to_json())
    else:
        _tell(found)
    if not found.ok:
        raise typer.Exit(1)


def _tell(found: Validation) -> None:
    """Show what failed, then what warned; like findings of several targets together."""
    from catalog.errors import listed

    for status in _SHOWN:
        groups: dict[Check, list[str]] = {}
        for report in found.reports:
            for check in report.having(status):
                groups.setdefault(check, []).append(report.target)
        for check, names in groups.items():
            _lines(f"{status}  {check.id}  ", listed(names, 3))
            _lines(f"{_INDENT}expected  ", check.expected)
            _lines(f"{_INDENT}found     ", check.found)
    unjudged = [report.target for report in found.reports if not report.is_judged]
    if unjudged and len(found.reports) > 1:
        _lines("failed  ", f"nothing could be judged ({listed(unjudged, 3)})")
    output.say(f"{found}.")


def _lines(head: str, text: str | None) -> None:
    indent = " " * len(head) if head.startswith(_INDENT) else _INDENT
    print(
        textwrap.fill(
            text or "",
            display.width(),
            initial_indent=head,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )
