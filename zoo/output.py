"""What the command writes: data on stdout, everything else on stderr."""

from __future__ import annotations

import codecs
import io
import json
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from zoo.display import columns

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

quiet = False


def _be_quiet(value: bool) -> bool:
    global quiet
    quiet = quiet or value
    return value


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_be_quiet, help="Print only results and errors.")
]


def _note_resampler(value: str | None) -> None:
    if value is not None:
        warn("note: --resampler is ignored: all audio is resampled as Essentia does, and faster.")


Resampler = Annotated[  # goes with version 0.3
    str | None, typer.Option("--resampler", hidden=True, callback=_note_resampler)
]


def stand_in_for_closed_streams() -> None:
    """Give what was started without stdin, stdout or stderr an empty one of each.

    Else the next file that is opened would take its number, and what some library prints
    would go into that file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # by their numbers
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 (for ever)


def document(content: object) -> None:
    """Print one JSON document on stdout."""
    # ASCII, so that every terminal, pipe and file name can be written.
    print(json.dumps(content, indent=2), flush=True)


def escape_names() -> None:
    r"""Write whatever the terminal cannot show escaped, the bytes of a file's name as ``\xNN``."""
    codecs.register_error("escaped", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escaped")


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """Escape the bytes that Python holds as surrogates, and else do as Python does."""
    assert isinstance(error, UnicodeEncodeError)
    found = error.object[error.start : error.end]
    try:
        name = found.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return codecs.backslashreplace_errors(error)
    return name.decode("ascii", "backslashreplace"), error.end


def give_up_stdout() -> None:
    """Write to nowhere from now on: nobody reads, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Tell the user something on stderr, unless ``-q`` was given."""
    if not quiet:
        warn(text)


def warn(text: str) -> None:
    """Tell the user something on stderr that ``-q`` does not silence."""
    with suppress(OSError):  # a full disk or a closed pipe there is no reason to stop the work
        print(text, file=sys.stderr)


def table(rows: Iterable[Sequence[str]], headers: Sequence[str]) -> None:
    """Print aligned columns on stdout, with headers on a terminal only."""
    lines = [list(headers), *map(list, rows)] if sys.stdout.isatty() else [*map(list, rows)]
    for line in columns(lines):
        print(line)


class Notes(logging.Handler):
    """Writes what the rooms log on stderr: warnings, notes unless ``-q``, progress on a terminal.

    Progress is what is logged as `logging.DEBUG`: a line, or, where the record has the
    attributes ``done`` and ``total``, a bar that is there until ``done`` is None.
    """

    def __init__(self) -> None:
        super().__init__()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            warn(f"warning: {text}")
        elif record.levelno >= logging.INFO:
            say(text)
        elif is_screen(sys.stderr) and not quiet:
            if hasattr(record, "done"):
                self._draw(text, record.done, getattr(record, "total", None))
            else:
                say(text)

    def _draw(self, name: str, done: int | None, total: int | None) -> None:
        if self._bars is None:
            self._bars = progress()
            self._bars.start()
        if done is None:
            if (task := self._tasks.pop(name, None)) is not None:
                self._bars.remove_task(task)
            if not self._tasks:
                self._bars.stop()
                self._bars = None
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done, total=total)


def progress(*columns: ProgressColumn | str) -> Progress:
    """A progress display on stderr that shows itself on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(
        *columns,
        console=console,
        transient=True,
        disable=quiet or not is_screen(sys.stderr),
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
    red, plain = ("\033[31m", "\033[0m") if colors(sys.stderr) else ("", "")
    warn(f"{red}error:{plain} {error.message}")
    for line in filter(None, (error.why, error.hint)):
        warn(f"  {line}")
    return code


def colors(stream: IO[str]) -> bool:
    """Tell whether a stream is a terminal that may be coloured."""
    return is_screen(stream) and "NO_COLOR" not in os.environ


def is_screen(stream: IO[str]) -> bool:
    """Tell whether a stream is a terminal on which one may draw, not a dumb one."""
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
