"""``zoo train``: a classifier of one's own on the embeddings of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import InterruptedByUserError, UsageError
from zoo import output
from zoo.cli import completion

if TYPE_CHECKING:
    from zoo.training.trained_model import TrainedModel


def train(
    to: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="NAME.pb",
            help="The frozen graph to write; of descriptors also a NAME.history, as Gaia's.",
        ),
    ],
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DATA",
            help="A folder with a folder per class, a table (file, label), Gaia's groundtruth and "
            "filelist, or embeddings: an .npz or a data set. Files are audio, or descriptors of "
            "Essentia's extractor.",
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="The model whose embeddings are learned from.",
            autocompletion=completion.models,
        ),
    ] = None,
    learner: Annotated[
        Literal["mlp", "svm", "linear"] | None,
        typer.Option(
            help="A network with one hidden layer, a support vector machine, or a linear model. "
            "[default: mlp]"
        ),
    ] = None,
    preprocessing: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Try only this one: none, standardised, normalised or gaussianised; of "
            "descriptors basic, lowlevel, nobands, normalized, gaussianized or mfcc.",
        ),
    ] = None,
    grid: Annotated[
        str,
        typer.Option(metavar="quick|gaia|FILE.yaml", help="The combinations of settings to try."),
    ] = "quick",
    folds: Annotated[int, typer.Option(min=2, help="Of the cross-validation.")] = 5,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="The labels of the files of stored embeddings."),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column of the table whose values are never on both sides of a fold: artist.",
        ),
    ] = None,
    pool: Annotated[
        bool | None,
        typer.Option(
            "--pool/--no-pool",
            help="Learn from the mean of each file, not from its patches. [default: svm only]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and the learner.")] = 1,
    license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="The license of the model: CC-BY-4.0.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the confusion matrix: .png, .svg or .pdf."),
    ] = None,
    retrain: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT.csv", help="Train the model of a row of a report, on all data."
        ),
    ] = None,
    rank: Annotated[int, typer.Option(min=1, help="The row of the report.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Compute all embeddings anew.")] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Train a classifier on your own files, cross-validated, as a frozen graph.

    The same command run again after an interruption goes on where it stopped.
    """
    from zoo.training import trainer

    if bool(retrain) == bool(data):
        raise UsageError(
            "What to train on is named once.",
            why="There is a report, and data beside it." if data else "There are no data.",
            hint=f"zoo train music/ --on msd-musicnn-1 -o {to}",
        )
    try:
        if retrain:
            done = trainer.retrain(retrain, rank, to)
        else:
            done = trainer.train(
                data or [], to,
                on=on, learner=learner, preprocessing=preprocessing, grid=grid, folds=folds,
                labels=labels, groups=groups, pool=pool, seed=seed, license=license, plot=plot,
                force=force,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise InterruptedByUserError(
            "Interrupted.",
            why=f"What is done is kept beside {to}.",
            hint="Run the same command again to resume.",
        ) from None
    if as_json:
        output.document(done.to_json())
    else:
        _tell(done)


def _tell(done: TrainedModel) -> None:
    """Print how good the model is, and with which settings."""
    from training.details import settings_text
    from training.page import WORDS, measured
    from training.scores import MEASURES
    from training.search import Judged

    judged = Judged(done.settings, done.scores)
    known = done.scores.known()
    rows = [(WORDS[name], measured(judged, name)) for name in MEASURES if name in known]
    if done.baseline is not None:
        rows.append(("largest class", f"{100 * done.baseline:.1f} %"))
    rows += [("settings", f"{done.learner}, {settings_text(done.settings)}")]
    rows += [("files", f"{done.files}, {done.folds} folds")]
    output.table(rows, ("MEASURE", "VALUE"))
