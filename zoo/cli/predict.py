"""``zoo predict``: what models say about audio."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import MissingExtraError, NotFoundError, UsageError
from zoo import output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zoo.predicting.results import Result


def predict(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL… AUDIO…", help="Models, then files or folders of audio."),
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A file of audio, where it could be taken for a model."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Classes to show; 5 if absent.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Show the classes with at least this score.")
    ] = None,
    layer: Annotated[
        str, typer.Option(help="predictions, logits, embeddings, or a node of the graph.")
    ] = "predictions",
    patch_hop: Annotated[
        int | None, typer.Option(metavar="FRAMES", help="Distance of the patches.")
    ] = None,
    last_patch: Annotated[
        Literal["discard", "repeat", "pad"],
        typer.Option(help="What becomes of the frames that fill no patch."),
    ] = "discard",
    resampler: Annotated[
        Literal["essentia", "soxr"], typer.Option(help="With Essentia's numbers, or faster.")
    ] = "essentia",
    runtime: Annotated[
        Literal["openvino", "tensorflow", "onnxruntime"], typer.Option(help="Runs the network.")
    ] = "openvino",
    to: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            help="Keep activations over time: .npz, .csv, .json, or a folder for .npz files. "
            "Of many files, keep a table: .csv, .jsonl, .parquet.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Draw activations over time: .png, .svg or .pdf, or a folder for a picture a "
            "file. Of many files' embeddings, draw how alike they are.",
        ),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run models over audio and show the top classes.

    Audio may be files, folders and patterns; models may be patterns too. A run that was
    interrupted goes on where it stopped when the same command is given again.
    """
    from zoo import api
    from zoo.predicting import stems
    from zoo.predicting.collection import audio_files, model_names
    from zoo.predicting.pool import answers
    from zoo.predicting.request import Request
    from zoo.predicting.results import show
    from zoo.predicting.writer import OutputWriter

    names, sounds = split(words or [], audio or [])
    names, files = model_names(names), audio_files(sounds)
    if stems.wanted(names):
        if not stems.separate(names, files, to, runtime, resampler, as_json=as_json):
            raise typer.Exit(1)
        return
    settings = {"patch_hop": patch_hop, "last_patch": last_patch, "resampler": resampler}
    writer = OutputWriter.checked(files, names, layer, settings, to, plot)
    ensemble = api.load_many(names, runtime=runtime, resampler=resampler)
    models = [predictor.record.id for predictor in ensemble.predictors]
    missing = writer.missing(files, models, layer)
    rows = list(writer.earlier(files, models, layer)) if as_json else []
    if count := len(files) - len(missing):
        output.say(f"note: {count} of {len(files)} files were done before.")
    request = Request(layer, patch_hop, last_patch, top, threshold)
    named = {each.record.id: len(each.record.classes) for each in ensemble.predictors}
    failed = False
    for results in tracked(answers(request, ensemble, missing), len(missing)):
        tell(results, alone=len(files) == 1)
        tell_misfits(results, named)
        writer.keep(results)
        failed |= any(result.error for result in results)
        if as_json:
            rows += [result.to_json() for result in results]
        else:
            show(results)
    writer.finish(files, models, layer)
    if as_json:
        output.document({"results": rows})
    if failed:
        raise typer.Exit(1)


def tracked(found: Iterable[list[Result]], count: int) -> Iterator[list[Result]]:
    """Show the progress over the files: how many, how fast, how long to go."""
    if output.quiet or not sys.stderr.isatty():  # nothing to import for
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


def tell(results: Sequence[Result], alone: bool) -> None:
    """Say once what is wrong with a file.

    Raises
    ------
    MissingExtraError
        It is the only file, and an extra is all that it needs.
    """
    if results[0].silent:
        output.say(f"note: {results[0].file} is silent, so what is said of it means nothing.")
    errors = {str(result.error): result.error for result in results if result.error}
    for error in errors.values():
        if alone and isinstance(error, MissingExtraError):
            raise error
        output.failure(error, as_json=False)


def tell_misfits(results: Iterable[Result], named: dict[str, int]) -> None:
    """Say once of each model that its record names more classes, or fewer, than it has.

    Parameters
    ----------
    results : iterable of Result
    named : dict of str to int
        How many classes the records of the models name of which nothing was said yet.
    """
    for result in results:
        if result.prediction and (count := named.pop(result.model, 0)):
            width = len(result.prediction.classes)
            if result.layer in ("predictions", "logits") and count != width:
                output.warn(
                    f"warning: the record of {result.model} names {count} classes, and the "
                    f"network has {width}: they are numbered here."
                )


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
            why=f"{files[0]} is a file or folder here, and so taken for audio.",
            hint=f"Name a model before it; if it is one: zoo predict {files[0]} --audio FILE",
        )
    if not models:
        raise UsageError("Which model?", hint="zoo predict MODEL AUDIO")
    if not files:
        raise UsageError("Which audio?", hint=f"zoo predict {' '.join(models)} song.mp3")
    if len(files) == 1 and not matches(files[0]):
        raise NotFoundError(f"There is no file {files[0]}.")
    for word in models:
        if Path(word).suffix.lower() in ENDINGS:
            raise NotFoundError(f"There is no file {word}.", hint="See what is there: ls")
    return models, files
