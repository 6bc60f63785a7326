"""``zoo predict``: what models say about audio."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import InterruptedByUserError, NotFoundError, UsageError
from zoo import output
from zoo.cli import completion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zoo.collecting.listed import Listed
    from zoo.predicting.results import Result
    from zoo.predicting.run import Run


def predict(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL… AUDIO…",
            help="Models, then files or folders of audio (or of descriptors), or - for stdin.",
            autocompletion=completion.models,
        ),
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="An audio file that could be mistaken for a model."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Number of classes to show. [default: 5]")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE", help="Show only classes with at least this score. [default: none]"
        ),
    ] = None,
    layer: Annotated[
        str,
        typer.Option(
            metavar="LAYER",
            help="predictions, logits, embeddings, or a node of the graph.",
            autocompletion=completion.layers,
        ),
    ] = "predictions",
    patch_hop: Annotated[
        int | None,
        typer.Option(
            metavar="FRAMES", help="Frames from one patch to the next. [default: the model's own]"
        ),
    ] = None,
    last_patch: Annotated[
        Literal["discard", "repeat", "pad"],
        typer.Option(help="What to do with the frames at the end that do not fill a patch."),
    ] = "discard",
    runtime: Annotated[
        Literal["openvino", "tensorflow", "onnxruntime"],
        typer.Option(help="What runs the network."),
    ] = "openvino",
    to: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            help="Save activations over time: .npz, .csv, .json, or a folder for .npz files. "
            "For many files, a table: .csv, .jsonl, .parquet, .npz, .json. For a large "
            "collection, a data set: DIR.parquet/.",
        ),
    ] = None,
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files",
            metavar="LIST",
            help="Read the names of audio files from a text file, from - for stdin, or from a "
            "column: tracks.csv:COLUMN, tracks.parquet:COLUMN.",
        ),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="COLUMN", help="A column of that table to keep in the data set."
        ),
    ] = None,
    activations: Annotated[
        bool,
        typer.Option("--activations", help="Keep activations over time in the data set, too."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Start a table over, whatever is there.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Draw activations over time: .png, .svg or .pdf, or a folder for one picture per "
            "file. For embeddings of many files, draw their similarity.",
        ),
    ] = None,
    keep_descriptors: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Save the descriptors of audio, for models that read them."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate the hours of audio and of work, and stop.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="A Dask cluster that fills the data set: tcp://HOST:8786. [default: this machine]",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print every error, however many files failed.")
    ] = False,
    resampler: output.Resampler = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run models over audio and show the top classes.

    Audio may be files, folders and patterns; models may be patterns too. The same
    command run again computes only what is new, failed or changed.
    """
    from predictors.model import is_separation, reads_descriptors
    from zoo.addresses import is_dataset
    from zoo.cli.bars import show
    from zoo.finding import find
    from zoo.predicting.collection import audio_files, may_be_audio, model_names
    from zoo.predicting.request import Request
    from zoo.predicting.run import Run
    from zoo.predicting.summary import FEW, Summary

    if files_from and not audio and not any(map(may_be_audio, words or [])):
        names, sounds = words or [], list[str]()
    else:
        names, sounds = split(words or [], audio or [])
    models = [find(name) for name in model_names(names)]
    descriptors = any(reads_descriptors(each.record, each.file) for each in models)
    request = Request(layer, patch_hop, last_patch, top, threshold)
    files = audio_files(sounds, descriptors=descriptors) if sounds else {}
    named: Iterator[Listed] = iter(())
    if files_from:
        from zoo.collecting.listed import listed

        named = listed(files_from, id_column)
    if dry_run:
        from zoo.collecting.estimate import estimate

        every = chain(files, (each.file for each in named))
        told = estimate(models, every, request, runtime=runtime)
        if as_json:
            output.document(asdict(told))
        else:
            print(told)
        return
    if to and is_dataset(to):
        from zoo.cli.collection import collected
        from zoo.collecting.listed import Listed
        from zoo.collecting.run import Collection

        if as_json or plot:
            raise UsageError(
                f"{'--json' if as_json else '--plot'} shows single files, not a data set.",
                hint=f"Read it when it is written: zoo collect {to} --to table.csv",
            )
        collection = Collection.prepared(
            models, request, to,
            runtime=runtime,
            id_column=id_column, activations=activations, force=force,
        )  # fmt: skip
        collected(collection, chain(map(Listed, files), named), scheduler, verbose)
        return
    options = {"--id": id_column, "--activations": activations, "--scheduler": scheduler}
    if option := next((name for name, value in options.items() if value), None):
        raise UsageError(f"{option} is for data sets.", hint="Name one: --output DIR.parquet/")
    files |= {each.file: Path(Path(each.file).name) for each in named}
    path = Path(to) if to else None
    if any(is_separation(each.record) for each in models):
        from zoo.cli.stems import show_stems
        from zoo.predicting import stems

        show_stems(stems.separate(models, files, path, runtime), as_json)
        return
    run = Run.prepared(
        models, files, request,
        runtime=runtime, to=path, plot=plot, whole=as_json, force=force,
        keep_descriptors=keep_descriptors,
    )  # fmt: skip
    rows = run.earlier() if as_json else {}
    summary = Summary(len(files))
    with resumable(run):
        for results in tracked(run.results(), len(run.missing)):
            errors = {str(each.error): each.error for each in results if each.error}
            if errors:
                summary.add(results[0].file, next(iter(errors.values())))
            for error in errors.values() if verbose or len(files) <= FEW else ():
                output.failure(error, as_json=False)
            if as_json:
                rows[results[0].file] = [result.to_json() for result in results]
            else:
                show(results)
    if as_json:
        output.document({"results": [row for file in files for row in rows[file]]})
    if len(files) > FEW and not output.quiet:
        if summary.failed:
            output.failure(summary.error(), as_json=False)
        else:
            output.say(f"{len(files)} of {len(files)} files.")
    if summary.failed:
        raise typer.Exit(1)


@contextmanager
def resumable(run: Run) -> Iterator[None]:
    """Tell what is kept, and how to go on, where Ctrl-C ends a run.

    Raises
    ------
    InterruptedByUserError
    """
    try:
        yield
    except KeyboardInterrupt:
        if not run.journal:
            raise
        done = len(run.files) - len(run.writer.missing())
        raise InterruptedByUserError(
            "Interrupted.",
            why=f"{done} of {len(run.files)} files are kept in {run.journal}.",
            hint="Run the same command again to resume.",
        ) from None


def tracked(found: Iterable[list[Result]], count: int) -> Iterator[list[Result]]:
    """Show the progress over the files: how many, how fast, how long to go."""
    if output.quiet or not output.is_screen(sys.stderr):  # nothing to import for
        yield from found
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]:.3g} files/s")
    columns = (BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with output.progress("Predicting", *columns) as progress:
        task = progress.add_task("", total=count, rate=0.0)
        start = perf_counter()
        for done, results in enumerate(found, start=1):
            yield results
            progress.update(task, completed=done, rate=done / (perf_counter() - start))


def split(words: list[str], audio: list[str]) -> tuple[list[str], list[str]]:
    """Tell models from audio: the first path (or pattern) of no model begins the audio.

    Raises
    ------
    UsageError
        Models or audio are missing.
    NotFoundError
        The only audio does not exist.
    """
    from predictors.audio.decoding import ENDINGS
    from zoo.predicting.collection import matches, may_be_audio

    is_audio = [may_be_audio(word) for word in words]
    first = is_audio.index(True) if True in is_audio else len(words)
    if audio and first == 0:  # a path of the model's name is here, hence the --audio
        first = len(words)
    models, files = words[:first], audio + words[first:]
    if not files and models and Path(models[-1]).suffix and not Path(models[-1]).exists():
        raise NotFoundError(f"There is no file {models[-1]}.")
    if not models and files:
        raise UsageError(
            "Which model?",
            why=f"{files[0]} is an existing file or folder, so it was taken for audio.",
            hint=f"Name a model before it; if it is a model: zoo predict {files[0]} --audio FILE",
        )
    if not models:
        raise UsageError("Which model?", hint="zoo predict MODEL AUDIO")
    if not files:
        raise UsageError("Which audio?", hint=f"zoo predict {' '.join(models)} song.mp3")
    if len(files) == 1 and not matches(files[0]):
        raise NotFoundError(f"There is no file {files[0]}.")
    for word in models:
        if Path(word).suffix.lower() in ENDINGS:
            raise NotFoundError(f"There is no file {word}.", hint="List the folder: ls")
    return models, files
