"""``zoo predict`` into a data set, ``zoo collect`` and ``zoo similar``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import InterruptedByUserError
from zoo import output

if TYPE_CHECKING:
    from zoo.collecting.listed import Listed
    from zoo.collecting.run import Collection, Recorded

Where = Annotated[str, typer.Argument(metavar="DIR.parquet/", help="A data set, or its address.")]


def collected(
    collection: Collection, files: Iterable[Listed], scheduler: str | None, verbose: bool
) -> None:
    """Run a collection, tell its progress, and what it came to.

    Raises
    ------
    InterruptedByUserError
    typer.Exit
        With 1, if some audio failed.
    """
    from zoo.predicting.summary import Summary

    summary = Summary(0)
    with _resumable(collection):
        for recorded in _tracked(collection.rows(files, scheduler)):
            if recorded.errors:
                summary.add(recorded.file, recorded.errors[0])
            for error in recorded.errors if verbose else ():
                output.failure(error, as_json=False)
    summary.files = collection.files
    already = f", {collection.already} were there already" if collection.already else ""
    output.say(f"{collection.files - summary.failed} of {collection.files} files{already}.")
    output.say(f"Wrote {collection.dataset.folder}")
    if summary.failed:
        output.failure(summary.error(), as_json=False)
        raise typer.Exit(1)


@contextmanager
def _resumable(collection: Collection) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedByUserError(
            "Interrupted.",
            why=f"What was computed is kept in {collection.dataset.folder}.",
            hint="Run the same command again to resume.",
        ) from None


def _tracked(found: Iterator[Recorded]) -> Iterator[Recorded]:
    """Show how many files were heard, and how fast: nobody knows how many there are."""
    if output.quiet or not output.is_screen(sys.stderr):
        yield from found
        return
    from time import perf_counter

    from rich.progress import SpinnerColumn, TextColumn

    told = TextColumn("{task.completed:,.0f} files, {task.fields[rate]:.3g} files/s")
    with output.progress("Predicting", SpinnerColumn(), told) as progress:
        task = progress.add_task("", total=None, rate=0.0)
        start = perf_counter()
        for done, recorded in enumerate(found, start=1):
            yield recorded
            progress.update(task, completed=done, rate=done / (perf_counter() - start))


def collect(
    dataset: Where,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="A .csv, .jsonl, .npz or .parquet.")
    ],
    quiet: output.Quiet = False,
) -> None:
    """Write a data set as one table."""
    from zoo.collecting import collect

    collect.collect(dataset, to)
    output.say(f"Wrote {to}")


def similar(
    song: Annotated[str, typer.Argument(metavar="SONG", help="A file of the data set.")],
    dataset: Annotated[
        str, typer.Option("--in", metavar="DIR.parquet/", help="A data set, or its address.")
    ],
    model: Annotated[
        str | None, typer.Option(metavar="ID", help="Which model, if the data set holds several.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="Number of files to show.")] = 10,
    as_json: output.Json = False,
) -> None:
    """Show the files of a data set that are most like a song."""
    from zoo.collecting.collect import similar

    found = similar(song, dataset, model, top)
    if as_json:
        output.document({"results": [each._asdict() for each in found]})
    else:
        output.table([(f"{each.score:.4f}", each.file) for each in found], ("SCORE", "FILE"))
