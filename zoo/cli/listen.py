"""``zoo listen``: what a model says about sound while it goes on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import UsageError
from zoo import output
from zoo.cli import completion

if TYPE_CHECKING:
    from zoo.listening.live import Tally
    from zoo.listening.sound import Sound
    from zoo.predicting.results import Result


def listen(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A model's name, or the path of a network.",
            autocompletion=completion.models,
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="Play a file through the model in real time instead."
        ),
    ] = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Listen to raw samples (s16le) on stdin.")
    ] = False,
    rate: Annotated[
        int | None,
        typer.Option(min=1, metavar="HZ", help="Sample rate of --stdin. [default: 44100]"),
    ] = None,
    channels: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Channels of --stdin. [default: 1]")
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="Number of classes to show.")] = 5,
    patch_hop: Annotated[
        int | None,
        typer.Option(
            metavar="FRAMES", help="Frames from one patch to the next. [default: the model's own]"
        ),
    ] = None,
    runtime: Annotated[
        Literal["openvino", "tensorflow", "onnxruntime"],
        typer.Option(help="What runs the network."),
    ] = "openvino",
    resampler: output.Resampler = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run a model on the microphone, live.

    On a terminal the top classes of now are bars, elsewhere each prediction is a line that
    begins with the time of its patch. At the end the mean of all is shown; with --json it is
    the one document that is printed.

    Ctrl-C ends listening: with code 0 to the microphone, which has no other end, and with
    code 130 to a file or stdin before it is over.
    """
    from zoo import api
    from zoo.cli.live_view import view
    from zoo.listening.live import Tally, conclude, hear

    sound = choose(model, file, stdin, rate, channels)
    predictor = api.load(model, runtime=runtime)
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        stream = predictor.stream(sound.sample_rate, patch_hop=patch_hop)
    for note in (each for each in notes if each.category is UserWarning):
        output.say(f"note: {note.message}")
    tally = Tally()
    try:
        with view(f"{predictor.record.id}, {sound.name}", stream.span, top, as_json) as shown:
            hear(sound, stream, tally, shown.show)
    except KeyboardInterrupt:
        if not sound.endless:
            raise
    report(conclude(sound, predictor.record.id, stream.span, tally, top), tally, as_json)


def choose(
    model: str, file: Path | None, stdin: bool, rate: int | None, channels: int | None
) -> Sound:
    """Find out what to listen to.

    Raises
    ------
    UsageError
        More than one thing, or --rate or --channels of something else than --stdin.
    """
    from zoo.listening import sound

    if stdin:
        if file:
            raise UsageError(f"Listen to stdin or to {file}?", hint="Name one of them.")
        return sound.pipe(rate or 44100, channels or 1)
    if rate or channels:
        raise UsageError(
            "--rate and --channels apply to --stdin only: files and microphones have their own.",
            hint=f"zoo listen {model} {file or ''}".rstrip(),
        )
    if file:
        return sound.played(file)
    return sound.microphone(f"Listen to a file instead: zoo listen {model} song.mp3")


def report(result: Result, tally: Tally, as_json: bool) -> None:
    """Print the mean of all that was said, and how fast it was."""
    from zoo.cli.bars import show

    if as_json:
        output.document({"results": [result.to_json()], **tally.to_json()})
        return
    show([result])
    output.say(
        f"  latency {1000 * tally.waited / len(tally.times):.0f} ms, "
        f"{1000 * tally.slowest:.0f} ms at most; real-time factor {tally.real_time_factor:.3f}"
    )
