"""From labelled files to a trained model, its record and its report."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, MissingExtraError, UsageError
from catalog.record import Record
from catalog.storage import save
from predictors.prediction import require_picture
from zoo.predicting.locks import locked
from zoo.training.trained_model import TrainedModel

if TYPE_CHECKING:
    from training.labels import Labels
    from training.learners import Name
    from training.preprocessing import Preprocessing
    from training.problem import Problem
    from training.record import Origin
    from training.report import Report
    from zoo.training.examples import Examples

log = logging.getLogger("zoo")

FOLDS = 5


@dataclass(frozen=True)
class Files:
    """The files beside a trained model, by its own."""

    output: Path

    def beside(self, ending: str) -> Path:
        return self.output.with_name(f"{self.output.stem}{ending}")

    @property
    def record(self) -> Path:
        return self.beside(".json")

    @property
    def table(self) -> Path:
        return self.beside(".report.csv")

    @property
    def page(self) -> Path:
        return self.beside(".report.html")

    @property
    def embeddings(self) -> Path:
        return self.beside(".embeddings")

    @property
    def search(self) -> Path:
        return self.beside(".search.jsonl")


def train(
    data: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    on: str | Path | None = None,
    learner: Name | None = None,
    preprocessing: Preprocessing | None = None,
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
    output : str or Path
        The ``.pb`` to write; its record, its report and its embeddings stand beside it.
    on : str or Path, optional
        The extractor: a name in the catalog, or a model's file.
    learner : {"mlp", "svm", "linear"}, optional
        A perceptron with one hidden layer if not given.
    preprocessing : {"none", "standardised", "normalised", "gaussianised"}, optional
        The only one to try.
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
    from zoo.training.examples import examples

    files = Files(_checked(output))
    if plot:
        require_picture(Path(plot))
    if folds < 2:
        raise UsageError("Cross-validation needs at least two folds.", hint="--folds 5")
    name: Name = learner or ("svm" if grid == "gaia" else "mlp")
    words = [Path(each) for each in ([data] if isinstance(data, str | Path) else data)]
    table = Path(labels) if labels else None

    def check(wanted: Labels) -> None:
        combinations(grid, name, wanted.task, preprocessing)
        _require_learnable(wanted, name, folds)

    with locked(files.output, files.search):
        found = examples(words, on, table, groups, files.embeddings, check, force=force)
        problem = _problem(found, name, folds, pool, seed)
        tried = combinations(grid, name, problem.labels.task, preprocessing)
        origin = _origin(files, words, on or found.extractor.id, labels, groups, problem)
        report = _searched(files, found, problem, tried)
        return _written(files, report, found, origin, license, plot)


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
    from zoo.training.examples import examples

    path, to = Path(report), Files(_checked(output))
    learner, settings = chosen(path, rank)
    before = Files(path.with_name(f"{path.name.removesuffix('.report.csv')}.pb"))
    record = Record.load(before.record)
    made = record.zoo.get("training")
    if not made:
        raise IntegrityError(f"{before.record} does not say what the model was trained on.")
    words = [path.parent / each for each in made["data"]]
    table = path.parent / made["labels"] if made.get("labels") else None
    groups, on = made.get("groups"), made["on"]
    on = path.parent / on if on.endswith((".pb", ".onnx")) else on
    with locked(to.output, to.search), locked(before.output, before.search):
        found = examples(words, on, table, groups, before.embeddings, lambda labels: None)
        problem = _problem(found, learner, made["folds"], made["pooled"], made["seed"])
        if problem.labels.digest(path.parent) != made["files_sha256"]:
            log.warning("The files or their labels have changed since %s was written.", path)
        origin = _origin(to, words, on, table, groups, problem)
        searched = _searched(before, found, problem, [settings], to.output.stem)
        return _written(to, searched, found, origin, record.license, None, path)


def _require_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise MissingExtraError.of("train", "Training needs scikit-learn.") from None


def _checked(output: str | Path) -> Path:
    to = Path(output)
    if to.suffix != ".pb" or to.is_dir():
        raise UsageError(
            "The output must end in .pb.", why=f"It was {to}.", hint=f"-o {to.with_suffix('')}.pb"
        )
    return to


def _problem(found: Examples, learner: Name, count: int, pool: bool | None, seed: int) -> Problem:
    from training.folds import folds
    from training.problem import Problem

    labels = found.labels
    _require_learnable(labels, learner, count)
    if not labels.groups:
        log.info(
            "No groups are given: pieces of one artist or album may be on both sides of a fold, "
            "and the scores are then better than the truth. To keep them together: --groups COLUMN"
        )
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
    on: str | Path,
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
        on=there(on) if str(on).endswith((".pb", ".onnx")) else str(on),
        labels=there(labels) if labels else None,
        groups=groups,
        files_sha256=problem.labels.digest(folder),
    )


def _searched(
    files: Files,
    found: Examples,
    problem: Problem,
    tried: Sequence[dict[str, Any]],
    name: str = "",
) -> Report:
    from training.finished import Finished
    from training.report import Report
    from training.search import search

    ranking = search(problem, tried, Finished(files.search, problem.digest))
    predicted = problem.predicted(ranking[0].settings)
    extractor = found.extractor.id
    id = name or files.output.stem
    return Report(id, problem, ranking, predicted, found.left_out, extractor)


def _written(
    files: Files,
    report: Report,
    found: Examples,
    origin: Origin,
    license: str | None,
    plot: str | Path | None,
    of: Path | None = None,
) -> TrainedModel:
    """Train the winner on all data, prove its graph, and write everything."""
    from freeze.formats.graphdef import serialize
    from training.page import page
    from training.pictures import draw
    from training.record import record
    from zoo.training.proof import require_same

    problem, winner = report.problem, report.winner
    steps, model = problem.trained(winner.settings)
    graph = serialize(model.graph(steps))
    earlier = _earlier(files.record)
    document = record(
        report.name, graph, problem, winner, found.extractor, origin, license, earlier
    )
    require_same(graph, document, model, steps, problem.embeddings.rows)
    contents = {files.output: graph, files.record: Record(document).to_json().encode()}
    if of is None:
        contents |= {files.table: report.csv(), files.page: page(report)}
    if plot:
        picture = draw(problem.labels, report.predicted, report.name, Path(plot).suffix)
        contents[Path(plot)] = picture
    for path, content in contents.items():
        save(path, content)
        log.info("Wrote %s", path)
    labels = problem.labels
    return TrainedModel(
        *(files.output, labels.task, problem.learner, winner.settings, winner.scores),
        *(labels.baseline, int(problem.folds.max()) + 1, labels.classes, len(labels)),
        *(of or files.table, hashlib.sha256(graph).hexdigest()),
    )


def _earlier(path: Path) -> dict[str, Any]:
    """The record that an earlier training wrote there, with what people have written into it.

    Raises
    ------
    UsageError
        It is another model's.
    """
    if not path.exists():
        return {}
    document = Record.load(path).document
    if "training" not in document.get("zoo", {}):
        raise UsageError(
            f"{path} was not changed.",
            why="It is the record of a model that was not trained here.",
            hint="Choose another name: --output NAME.pb",
        )
    return document
