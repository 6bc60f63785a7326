"""The command ``zoo``: one file a command group, heavy imports inside the functions."""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from inspect import get_annotations
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
from zoo import output
from zoo.cli import (
    catalog,
    catalogs,
    collection,
    doctor,
    export,
    freeze,
    inspect,
    listen,
    predict,
    publish,
    serve,
    store,
    train,
    updates,
    validate,
)
from zoo.cli.groups import Group
from zoo.interrupts import spare_imports
from zoo.version import __version__

GROUPS: dict[str, dict[str, tuple[Callable[..., None], str]]] = {
    "Run models": {
        "predict": (predict.predict, "zoo predict msd-musicnn-1 music/ -o tags.csv"),
        "listen": (listen.listen, "zoo listen msd-musicnn-1"),
        "collect": (collection.collect, "zoo collect songs.parquet/ --to songs.npz"),
        "similar": (collection.similar, "zoo similar song.mp3 --in songs.parquet/"),
    },
    "Find and install models": {
        "ls": (catalog.ls, "zoo ls --task auto-tagging"),
        "search": (catalog.search, "zoo search danceability"),
        "info": (catalog.info, "zoo info msd-musicnn-1"),
        "pull": (store.pull, "zoo pull msd-musicnn-1"),
        "path": (store.path, "zoo path msd-musicnn-1"),
        "verify": (store.verify, "zoo verify msd-musicnn-1"),
        "rm": (store.rm, "zoo rm 'mood*'"),
        "lock": (store.lock, "zoo lock -o zoo.lock"),
        "outdated": (updates.outdated, "zoo outdated"),
        "update": (updates.update, "zoo update msd-musicnn-1"),
        "gc": (updates.gc, "zoo gc --yes"),
    },
    "Make models": {
        "inspect": (inspect.inspect, "zoo inspect tagger-1.pb --layers"),
        "train": (train.train, "zoo train music/ --on msd-musicnn-1 -o my-genres-1.pb"),
        "freeze": (freeze.freeze, "zoo freeze checkpoint/ -o tagger-1.pb --node model/Sigmoid"),
        "validate": (validate.validate, "zoo validate tagger-1.json"),
        "export": (export.export, "zoo export msd-musicnn-1 --to onnx"),
        "publish": (publish.publish, "zoo publish tagger-1.json --to site/"),
        "serve": (serve.serve, "zoo serve site/"),
    },
    "System": {
        "doctor": (doctor.doctor, "zoo doctor"),
    },
}
"""The commands as ``zoo --help`` lists them, each with an example."""
COMMANDS = {name for group in GROUPS.values() for name in group}

NEAR = 0.8
"""How like a word must be to be suggested: a wrong suggestion is worse than none."""

# typer keeps its command-line errors in a private module; this is their public handle.
_CommandLineError = cast(type[Exception], typer.BadParameter.__mro__[2])


def _version(context: typer.Context, value: bool) -> None:
    if value:
        print(f"zoo {__version__}")
        if context.params.get("verbose"):
            from zoo.diagnosis import versions

            output.table([(each.id, each.found or "-") for each in versions()][1:], ())
        raise typer.Exit


def _root(
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", is_eager=True, help="With --version: of what it runs with."
        ),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, help="Show the version.")
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
    spare_imports()
    _listen_to_notes()
    output.escape_names()
    try:
        words = sys.argv[1:] or ["--help"]
        command = _command(_completed() or words[0])
        code = int(command(words, prog_name="zoo", standalone_mode=False) or 0)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        output.give_up_stdout()
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if _completed():  # nobody reads it: the shell has its own line
            return 1
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


def _completed() -> str:
    """The command whose words the shell asks to complete; empty if it does not ask."""
    if "_ZOO_COMPLETE" not in os.environ:
        return ""
    typed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    return next(iter(typed.split()[1:2]), "")


@cache
def _command(word: str) -> Callable[..., Any]:
    """The command line for a first word; of all commands, typer would take long to make it."""
    app = typer.Typer(
        name="zoo",
        help="The package manager and conversion toolchain for audio models.",
        cls=Group,
        add_completion=word not in COMMANDS or "_ZOO_COMPLETE" in os.environ,
        suggest_commands=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for title, group in GROUPS.items():
        for name, (command, example) in group.items():
            if word == name or word not in COMMANDS:
                epilog = f"Example: {example}"
                # Read once: typer would read what is text at each of its many looks.
                command.__annotations__ = get_annotations(command, eval_str=True)
                app.command(name, epilog=epilog, rich_help_panel=title)(command)
    if word not in COMMANDS:
        title = "Find and install models"
        app.add_typer(catalogs.app, name="catalog", cls=Group, rich_help_panel=title)
    return typer.main.get_command(app)


def _explained(error: BaseException) -> ZooError:
    """Bring any error into the one tree."""
    if isinstance(error, ZooError):
        return error
    if isinstance(error, typer.Abort) and isinstance(error.__cause__, EOFError):
        return bug(error.__cause__)  # typer takes the end of any file for that of what is typed
    if isinstance(error, typer.Abort) or _is_interruption(error):
        return InterruptedByUserError("Interrupted.")
    if isinstance(error, _CommandLineError):
        return _misused(error)
    if isinstance(error, OSError) and error.errno:
        return _refused(error)
    return bug(error)


def _is_interruption(error: BaseException) -> bool:
    """Whether Ctrl-C is at the bottom of an error: Python 3.11 wraps it while it makes a class."""
    beneath = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt) or (
        beneath is not None and _is_interruption(beneath)
    )


def _misused(error: Any) -> UsageError:
    """What is wrong with a command line, with what was meant only if that is nearly sure."""
    word = next(iter(sys.argv[1:]), "")
    if word not in {*COMMANDS, "catalog"}:
        close = get_close_matches(word, COMMANDS, n=1, cutoff=NEAR)
        hint = f"Did you mean: zoo {close[0]}" if close else "See: zoo --help"
        return UsageError(error.format_message(), hint=hint)
    if possible := getattr(error, "possibilities", None):
        error.possibilities = get_close_matches(error.option_name, possible, n=1, cutoff=NEAR)
    return UsageError(error.format_message(), hint=f"See: zoo {word} --help")


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
