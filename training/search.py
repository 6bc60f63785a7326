"""Cross-validation of many combinations of settings, on all cores, taken up again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import NoError
from catalog.leftovers import working_folder
from catalog.workers import available_cores, workers
from training.embeddings import Embeddings
from training.scores import Scores, scores

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from training.finished import Finished
    from training.learners import Name
    from training.problem import Problem

log = logging.getLogger("zoo")

CHUNK: Mapping[Name, int] = {"svm": 8, "linear": 4, "mlp": 1}
"""Combinations for which a fold is preprocessed once: many, where learning takes no longer."""

SECONDS = 4.0
"""Of work that make up for the time that processes need to begin."""

Settings = Mapping[str, Any]
Answer = tuple[int, Sequence[Settings], "list[NDArray[np.float32]]"]

_problem: Problem


@dataclass(frozen=True)
class Judged:
    """A combination of settings, and how good it is."""

    settings: Settings
    scores: Scores


def search(problem: Problem, combinations: Sequence[Settings], kept: Finished) -> list[Judged]:
    """Judge all combinations; those that an earlier run finished are not judged again.

    Notes
    -----
    Progress is logged as debug records with the attributes ``done`` and ``total``.
    """
    rest = [each for each in combinations if kept.scores(each) is None]
    total = len(combinations)
    if known := total - len(rest):
        log.info("%d of %d combinations were already done.", known, total)
    try:
        _progress(known, total)
        for done, (settings, found) in enumerate(_judged(problem, rest), start=known + 1):
            kept.add(settings, found)
            _progress(done, total)
    finally:
        _progress(None, total)
    found_all = ((each, kept.scores(each)) for each in combinations)
    judged = [Judged(each, found) for each, found in found_all if found]
    return sorted(judged, key=lambda each: problem.goodness(each.scores), reverse=True)


def _progress(done: int | None, total: int) -> None:
    log.debug("Combinations", extra={"done": done, "total": total})


def _judged(problem: Problem, rest: Sequence[Settings]) -> Iterator[tuple[Settings, Scores]]:
    """Combinations with their scores, when all folds of them are judged."""
    folds = int(problem.folds.max()) + 1
    tasks = [
        (number, chunk)
        for chunk in _chunks(rest, CHUNK[problem.learner])
        for number in range(folds)
    ]
    predicted: dict[int, NDArray[np.float32]] = {}
    for number, chunk, answers in _answers(problem, tasks):
        for place, (settings, answer) in enumerate(zip(chunk, answers, strict=True)):
            shape = len(problem.labels), problem.outputs
            values = predicted.setdefault(place, np.zeros(shape, np.float32))
            values[problem.folds == number] = answer
            if number == folds - 1:
                yield settings, scores(problem.labels, values, problem.folds)


def _chunks(rest: Sequence[Settings], size: int) -> Iterator[list[Settings]]:
    """A few combinations each that have the same preprocessing."""
    by = itemgetter("preprocessing")
    for _, block in groupby(sorted(rest, key=by), key=by):
        alike = list(block)
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def _answers(problem: Problem, tasks: Sequence[tuple[int, list[Settings]]]) -> Iterator[Answer]:
    """Do tasks in order: in this process if they are soon done, else on all cores."""
    start = perf_counter()
    for place, (number, chunk) in enumerate(tasks):
        yield number, chunk, problem.fold(number, chunk)
        left, cores = len(tasks) - place - 1, min(available_cores(), len(tasks) - place - 1)
        if cores > 1 and (perf_counter() - start) / (place + 1) * left > SECONDS:
            break
    else:
        return
    rest = tasks[place + 1 :]
    with working_folder() as folder:
        np.save(folder / "rows.npy", problem.embeddings.rows)
        slim = replace(problem, embeddings=Embeddings(_NO_ROWS, problem.embeddings.counts))
        with workers(cores, _begin, slim, folder / "rows.npy") as pool:
            futures = [pool.submit(_fold, task) for task in rest]
            for task, future in zip(rest, futures, strict=True):
                yield *task, _result(future)


def _result(future: Future[list[NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise NoError(
            "A process ended in the middle of its work.",
            why="Memory may have run out.",
            hint="Learn from the means of files: --pool",
        ) from None


_NO_ROWS = np.zeros((0, 0), np.float32)


def _begin(problem: Problem, rows: Path) -> None:
    """Read the rows where all processes share them."""
    global _problem
    shared = Embeddings(np.load(rows, mmap_mode="r"), problem.embeddings.counts)
    _problem = replace(problem, embeddings=shared)


def _fold(task: tuple[int, list[Settings]]) -> list[NDArray[np.float32]]:
    return _problem.fold(*task)
