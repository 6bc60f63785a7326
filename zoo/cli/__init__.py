"""The command ``zoo``: one file a command group, heavy imports inside the functions."""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from catalog.errors import (
    InterruptedByUserError,
    NotFoundError,
    StorageError,
    UsageError,
    ZooError,
    bug,
)
from zoo import __version__, output
from zoo.cli import (
    catalog,
    catalogs,
    doctor,
    export,
    freeze,
    inspect,
    listen,
    predict,
    publish,
    serve,
    store,
    validate,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "ls": catalog.ls,
    "search": catalog.search,
    "info": catalog.info,
    "doctor": doctor.doctor,
    "predict": predict.predict,
    "listen": listen.listen,
    "freeze": freeze.freeze,
    "export": export.export,
    "pull": store.pull,
    "path": store.path,
    "verify": store.verify,
    "rm": store.rm,
    "lock": store.lock,
    "publish": publish.publish,
    "serve": serve.serve,
    "inspect": inspect.inspect,
    "validate": validate.validate,
}

# typer keeps its command-line errors in a private module; this is their public handle.
_CommandLineError = cast(type[Exception], typer.BadParameter.__mro__[2])


def _version(value: bool) -> None:
    if value:
        print(f"zoo {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command and leave with the exit code that the error tree gives."""
    # NumPy's products are small here: its threads would only wait for each other, and wait busily.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # OpenVINO's converter is imported with it, takes longer than all the rest, and is not needed.
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
    output.stand_in_for_closed_streams()
    sys.exit(run())


def run() -> int:
    """Run the command line in ``sys.argv``; return its exit code."""
    as_json = "--json" in sys.argv
    _listen_to_notes()
    output.escape_names()
    try:
        words = sys.argv[1:] or ["--help"]
        code = int(_command(words[0])(words, standalone_mode=False) or 0)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        output.give_up_stdout()
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("ZOO_DEBUG"):
            traceback.print_exc()
        return output.failure(_explained(error), as_json)
    if code == InterruptedByUserError.exit_code:  # typer's answer to Ctrl-C
        return output.failure(InterruptedByUserError("Interrupted."), as_json)
    return code


@cache
def _listen_to_notes() -> None:
    """Write on stderr what the rooms have to say while they work."""
    log = logging.getLogger("zoo")
    log.addHandler(output.Notes())
    log.setLevel(logging.DEBUG)


@cache
def _command(word: str) -> Callable[..., Any]:
    """The command line for a first word; of all commands, typer would take long to make it."""
    app = typer.Typer(
        name="zoo",
        help="The package manager and conversion toolchain for audio models.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in [word] if word in COMMANDS else COMMANDS:
        app.command(name)(COMMANDS[name])
    if word not in COMMANDS:
        app.add_typer(catalogs.app, name="catalog")
    return typer.main.get_command(app)


def _explained(error: BaseException) -> ZooError:
    """Bring any error into the one tree."""
    if isinstance(error, ZooError):
        return error
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return InterruptedByUserError("Interrupted.")
    if isinstance(error, _CommandLineError):
        command = " ".join(
            ["zoo", *[word for word in sys.argv[1:2] if word in (*COMMANDS, "catalog")]]
        )
        wrong = error.format_message()  # type: ignore[attr-defined]
        return UsageError(wrong, hint=f"See: {command} --help")
    if isinstance(error, OSError) and error.errno:
        return _refused(error)
    return bug(error)


def _refused(error: OSError) -> ZooError:
    """What the system refuses, where no room said it better."""
    if error.errno == errno.ENAMETOOLONG:
        return NotFoundError("There is no such file.", why="The name is too long.")
    try:
        Path.cwd()
    except OSError:
        return NotFoundError("The current folder does not exist any more.", hint="cd")
    what = (
        f"{error.filename} cannot be used." if error.filename else "The output cannot be written."
    )
    return StorageError(what, why=error.strerror or "")
