"""The command ``zoo``: one file a command group, heavy imports inside the functions."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn, cast

import typer

from catalog.errors import InterruptedByUserError, UsageError, ZooError
from zoo import __version__, output
from zoo.cli import catalog, doctor, freeze, inspect, listen, predict, store, validate

app = typer.Typer(
    name="zoo",
    help="The package manager and conversion toolchain for audio models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("ls")(catalog.ls)
app.command("search")(catalog.search)
app.command("info")(catalog.info)
app.command("doctor")(doctor.doctor)
app.command("predict")(predict.predict)
app.command("listen")(listen.listen)
app.command("freeze")(freeze.freeze)
app.command("pull")(store.pull)
app.command("path")(store.path)
app.command("verify")(store.verify)
app.command("rm")(store.rm)
app.command("lock")(store.lock)
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
    sys.exit(run())


def run() -> int:
    """Run the command line in ``sys.argv``; return its exit code."""
    as_json = "--json" in sys.argv
    try:
        return int(app(standalone_mode=False) or 0)
    except ZooError as error:
        if os.environ.get("ZOO_DEBUG"):
            raise
        return output.failure(error, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return output.failure(InterruptedByUserError("Interrupted."), as_json)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _CommandLineError as error:
        wrong = UsageError(error.format_message(), hint="See: zoo --help")  # type: ignore[attr-defined]
        return output.failure(wrong, as_json)
    except Exception as error:
        if os.environ.get("ZOO_DEBUG"):
            raise
        bug = ZooError(
            f"This is a bug in zoo: {type(error).__name__}: {error}",
            hint="Run the same command with ZOO_DEBUG=1 and report what it prints.",
        )
        return output.failure(bug, as_json)
