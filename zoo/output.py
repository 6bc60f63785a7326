"""What the command writes: data on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

quiet = False


def _be_quiet(value: bool) -> bool:
    global quiet
    quiet = quiet or value
    return value


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_be_quiet, help="Only results and errors.")
]


def document(content: object) -> None:
    """Print one JSON document on stdout."""
    # ASCII, so that every terminal, pipe and file name can be written.
    print(json.dumps(content, indent=2), flush=True)


def give_up_stdout() -> None:
    """Write to nowhere from now on: nobody reads, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Tell the user something on stderr, unless ``-q`` was given."""
    if not quiet:
        print(text, file=sys.stderr)


def warn(text: str) -> None:
    """Tell the user something on stderr that ``-q`` does not silence."""
    print(text, file=sys.stderr)


def table(rows: Iterable[Sequence[str]], headers: Sequence[str]) -> None:
    """Print aligned columns on stdout, with headers on a terminal only."""
    lines = [list(headers), *map(list, rows)] if sys.stdout.isatty() else [*map(list, rows)]
    widths = [max(map(len, column), default=0) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())


def size(count: int | None) -> str:
    """Say a number of bytes in words, decimal units."""
    if count is None:
        return "?"
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def progress(*columns: ProgressColumn | str) -> Progress:
    """A progress display on stderr that shows itself on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(
        *columns,
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # else what is printed would go to stderr
    )


def failure(error: Any, as_json: bool) -> int:
    """Report an error in at most three lines, or as JSON; return the exit code."""
    code: int = error.exit_code
    if as_json:
        said = {"message": error.message, "why": error.why or None, "hint": error.hint or None}
        try:
            document({"error": {"code": code, "type": type(error).__name__, **said}})
        except OSError:
            give_up_stdout()
        else:
            return code
    red, plain = ("\033[31m", "\033[0m") if _colors() else ("", "")
    print(f"{red}error:{plain} {error.message}", file=sys.stderr)
    for line in filter(None, (error.why, error.hint)):
        print(f"  {line}", file=sys.stderr)
    return code


def _colors() -> bool:
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ
