"""From labelled files to a trained model, its record and its report."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, MissingExtraError, UsageError
from catalog.record import Record
from freeze.formats import gaia
from predictors.prediction import require_picture
from zoo.predicting.locks import locked
from zoo.training.files import Files
from zoo.training.trained_model import TrainedModel
from zoo.training.writing import written

if TYPE_CHECKING:
    from training.labels import Labels
    from training.learners import Name
    from training.problem import Problem
    from training.record import Origin
    from training.report import Report
    from zoo.training.described import Described
    from zoo.training.examples import Examples

log = logging.getLogger("zoo")

FOLDS = 5


def train(
    data: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    on: str | Path | None = None,
    learner: Name | None = None,
    preprocessing: str | None = None,
    grid: str = "quick",
    folds: int = FOLDS,
    labels: str | Path | None = None,
    groups: str | None = None,
    pool: bool | None = None,
    seed: int = 1,
    license: str | None = None,
    plot: str | Path | None = None,
    force: bool = False,
) -> TrainedModel:
    """Train a classifier, a tagger or a regression on the embeddings of a model.

    Parameters
    ----------
    data : str, Path or sequence of these
        A folder with a folder per class; a table with the columns ``file`` and ``label``; Gaia's
        ground truth and list of files; or stored embeddings of files, an ``.npz`` or a data set.
        The files are audio, or descriptors of Essentia's music extractor.
    output : str or Path
        The ``.pb`` to write, of descriptors also a ``.history``; its record, its report and its
        embeddings stand beside it.
    on : str or Path, optional
        The extractor: a name in the catalog, or a model's file.
    learner : {"mlp", "svm", "linear"}, optional
        A perceptron with one hidden layer if not given.
    preprocessing : str, optional
        The only one to try: ``none``, ``standardised``, ``normalised`` or ``gaussianised``; of
        descriptors ``basic``, ``lowlevel``, ``nobands``, ``normalized``, ``gaussianized`` or
        ``mfcc``.
    grid : str
        ``quick``, ``gaia`` or a YAML file: the combinations to try.
    folds : int
        Of the cross-validation.
    labels : str or Path, optional
        A table with the labels of stored embeddings.
    groups : str, optional
        The column of the table that names what must not be on both sides of a fold.
    pool : bool, optional
        Whether to learn from the mean of each file and not from its patches; by default only
        a support vector machine does.
    seed : int
    license : str, optional
        SPDX id.
    plot : str or Path, optional
        Takes the picture of the report: ``.png``, ``.svg`` or ``.pdf``.
    force : bool
        Whether to compute the embeddings anew.

    Raises
    ------
    NotFoundError, UsageError, IntegrityError
        The data are missing, not understood, or too few.
    MissingExtraError
        scikit-learn is not installed.
    StorageError

    Examples
    --------
    >>> zoo.train("sounds", "sounds-1.pb", on="tiny.pb", learner="linear", folds=2)
    <TrainedModel sounds-1.pb: 2 classes, 8 files, accuracy ...>
    """
    _require_scikit_learn()
    from training.grids import grid as combinations
    from zoo.training.described import described, is_described
    from zoo.training.examples import examples

    words = [Path(each) for each in ([data] if isinstance(data, str | Path) else data)]
    alone = on is None and is_described(words, groups)
    files = Files.of(output, (".pb", gaia.ENDING) if alone else (".pb",))
    if plot:
        require_picture(Path(plot))
    if folds < 2:
        raise UsageError("Cross-validation needs at least two folds.", hint="--folds 5")
    name: Name = learner or ("svm" if alone or grid == "gaia" else "mlp")
    table = Path(labels) if labels else None
    if alone:
        _require_plain(name, table, pool)

    def tried_on(wanted: Labels) -> list[dict[str, Any]]:
        return combinations(grid, name, wanted.task, preprocessing, descriptors=alone)

    def check(wanted: Labels) -> None:
        tried_on(wanted)
        _require_learnable(wanted, name, folds)

    with locked(files.output, files.search):
        found: Examples | Described
        if alone:
            found = described(words, groups, check)
        else:
            found = examples(words, on, table, groups, files.embeddings, check, force=force)
        problem = _problem(found, name, folds, pool, seed)
        tried = tried_on(problem.labels)
        origin = _origin(files, words, on or found.source, labels, groups, problem)
        report = _searched(files, found, problem, tried)
        return written(files, report, found, origin, license, plot)


def retrain(report: str | Path, rank: int, output: str | Path) -> TrainedModel:
    """Train a model with the settings of a row of a report, on all data.

    Parameters
    ----------
    report : str or Path
        A ``.report.csv`` whose record stands beside it.
    rank : int
    output : str or Path
        The ``.pb`` to write.
    """
    _require_scikit_learn()
    from training.report import chosen
    from zoo.training.described import described
    from zoo.training.examples import examples

    path = Path(report)
    learner, settings = chosen(path, rank)
    before = Files(path.with_name(f"{path.name.removesuffix('.report.csv')}.pb"))
    record = Record.load(before.record)
    made = record.zoo.get("training")
    if not made:
        raise IntegrityError(f"{before.record} does not say what the model was trained on.")
    words = [path.parent / each for each in made["data"]]
    table = path.parent / made["labels"] if made.get("labels") else None
    groups, on = made.get("groups"), made.get("on")
    to = Files.of(output, (".pb",) if on else (".pb", gaia.ENDING))
    with locked(to.output, to.search), locked(before.output, before.search):
        found: Examples | Described
        if on:
            on = path.parent / on if on.endswith((".pb", ".onnx")) else on
            found = examples(words, on, table, groups, before.embeddings, lambda labels: None)
        else:
            found = described(words, groups, lambda labels: None)
        problem = _problem(found, learner, made["folds"], made["pooled"], made["seed"])
        if problem.labels.digest(path.parent) != made["files_sha256"]:
            log.warning("The files or their labels have changed since %s was written.", path)
        origin = _origin(to, words, on, table, groups, problem)
        searched = _searched(before, found, problem, [settings], to.output.stem)
        return written(to, searched, found, origin, record.license, None, path)


def _require_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise MissingExtraError.of("train", "Training needs scikit-learn.") from None


def _require_plain(learner: Name, labels: Path | None, pool: bool | None) -> None:
    """Refuse what is not done with descriptors."""
    if learner != "svm":
        raise UsageError("Of descriptors, support vector machines learn.", hint="--learner svm")
    if labels or pool is not None:
        raise UsageError(
            f"Descriptors are trained on without --{'labels' if labels else 'pool'}.",
            why="Their files are labelled by folders, or by the table that names them."
            if labels
            else "There is one row for each file.",
        )


def _problem(
    found: Examples | Described, learner: Name, count: int, pool: bool | None, seed: int
) -> Problem:
    from training.folds import folds
    from training.problem import Problem
    from zoo.training.examples import Examples

    labels = found.labels
    _require_learnable(labels, learner, count)
    if not labels.groups:
        log.info(
            "No groups are given: pieces of one artist or album may be on both sides of a fold, "
            "and the scores are then better than the truth. To keep them together: --groups COLUMN"
        )
    if not isinstance(found, Examples):
        return found.problem(count, seed)
    pooled = learner == "svm" if pool is None else pool
    dealt = folds(labels, count, seed)
    return Problem(labels, found.embeddings, learner, dealt, pooled, seed)


def _require_learnable(labels: Labels, learner: Name, count: int) -> None:
    """Refuse labels that a learner does not learn, or that are too few to be judged.

    Raises
    ------
    UsageError
    """
    from training.folds import require_enough

    require_enough(labels, count)
    if learner == "svm" and labels.task != "classification":
        raise UsageError(
            f"A support vector machine does not learn {labels.task} here.",
            why="It learns one class for each file.",
            hint="Choose another one: --learner mlp",
        )


def _origin(
    files: Files,
    words: Sequence[Path],
    on: str | Path | None,
    labels: str | Path | None,
    groups: str | None,
    problem: Problem,
) -> Origin:
    from training.record import Origin

    folder = files.output.parent

    def there(path: str | Path) -> str:
        return Path(os.path.relpath(path, folder)).as_posix()

    return Origin(
        dataset=words[0].absolute().stem,
        data=tuple(map(there, words)),
        on=None if on is None else there(on) if str(on).endswith((".pb", ".onnx")) else str(on),
        labels=there(labels) if labels else None,
        groups=groups,
        files_sha256=problem.labels.digest(folder),
    )


def _searched(
    files: Files,
    found: Examples | Described,
    problem: Problem,
    tried: Sequence[dict[str, Any]],
    name: str = "",
) -> Report:
    from training.finished import Finished
    from training.report import Report
    from training.search import search

    ranking = search(problem, tried, Finished(files.search, problem.digest))
    predicted = problem.predicted(ranking[0].settings)
    id = name or files.output.stem
    return Report(id, problem, ranking, predicted, found.left_out, found.told)
