"""The command ``zoo``: one file a command group, heavy imports inside the functions."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NoReturn, cast

import typer

from catalog.errors import (
    InterruptedByUserError,
    NotFoundError,
    StorageError,
    UsageError,
    ZooError,
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

app = typer.Typer(
    name="zoo",
    help="The package manager and conversion toolchain for audio models.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ls")(catalog.ls)
app.command("search")(catalog.search)
app.command("info")(catalog.info)
app.add_typer(catalogs.app, name="catalog")
app.command("doctor")(doctor.doctor)
app.command("predict")(predict.predict)
app.command("listen")(listen.listen)
app.command("freeze")(freeze.freeze)
app.command("export")(export.export)
app.command("pull")(store.pull)
app.command("path")(store.path)
app.command("verify")(store.verify)
app.command("rm")(store.rm)
app.command("lock")(store.lock)
app.command("publish")(publish.publish)
app.command("serve")(serve.serve)
app.command("inspect")(inspect.inspect)
app.command("validate")(validate.validate)

# typer keeps its command-line errors in a private module; this is their public handle.
_CommandLineError = cast(type[Exception], typer.BadParameter.__mro__[2])


def _version(value: bool) -> None:
    if value:
        print(f"zoo {__version__}")
        raise typer.Exit


@app.callback()
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
    sys.exit(run())


def run() -> int:
    """Run the command line in ``sys.argv``; return its exit code."""
    as_json = "--json" in sys.argv
    for stream in (sys.stdout, sys.stderr):  # a file's name may be in no alphabet at all
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = int(_command()(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
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
def _command() -> Callable[..., Any]:
    """The command that typer makes of the functions, which takes it some time."""
    return typer.main.get_command(app)


def _explained(error: BaseException) -> ZooError:
    """Bring any error into the one tree."""
    if isinstance(error, ZooError):
        return error
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return InterruptedByUserError("Interrupted.")
    if isinstance(error, _CommandLineError):
        command = " ".join(["zoo", *[word for word in sys.argv[1:2] if word.isalpha()]])
        wrong = error.format_message()  # type: ignore[attr-defined]
        return UsageError(wrong, hint=f"See: {command} --help")
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return NotFoundError("There is no such file.", why="Its name is too long for any.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return StorageError("The output cannot be written.", why=error.strerror or "")
    return ZooError(
        f"This is a bug in zoo: {type(error).__name__}: {error}",
        hint="Run the same command with ZOO_DEBUG=1 and report what it prints.",
    )
