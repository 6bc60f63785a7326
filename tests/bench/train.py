"""Cross-validation of many settings against scikit-learn's own grid search on the same data."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from joblib.externals.loky import get_reusable_executor

from tests.bench.row import Row
from training.embeddings import Embeddings
from training.finished import Finished
from training.folds import folds
from training.grids import grid
from training.labels import Labelled, Labels
from training.problem import Problem
from training.search import search

FILES, PATCHES, WIDTH, CLASSES, FOLDS = 300, 4, 200, 5, 5


def train() -> list[Row]:
    """Seconds for 1,000 combination-folds, of support vectors and of perceptrons."""
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # of rounds that were not enough
    random = np.random.default_rng(0)
    centers = random.normal(0, 0.35, (CLASSES, WIDTH))
    numbers = np.arange(FILES) % CLASSES
    shape = (PATCHES, WIDTH)
    files = [random.normal(centers[n], 1, shape).astype(np.float32) for n in numbers]
    labels = Labels.of([Labelled(f"{i}.wav", (f"class {n}",)) for i, n in enumerate(numbers)])
    embeddings, dealt = Embeddings.joined(files), folds(labels, FOLDS, 1)
    svm = [each for each in grid("gaia", "svm", "classification", "standardised") if each["C"] > 4]
    mlp = [
        {"preprocessing": "standardised", "alpha": 10.0**power, "learning_rate": rate}
        for power in range(-4, 2)
        for rate in (0.001, 0.003, 0.01)
    ]
    rows = []
    for name, learner, combinations in (
        ("support vectors", "svm", svm),
        ("perceptrons", "mlp", mlp),
    ):
        problem = Problem(labels, embeddings, learner, dealt, learner == "svm", 1)  # type: ignore[arg-type]
        own = _seconds(lambda: _own(problem, combinations))  # noqa: B023
        theirs = _seconds(lambda: _theirs(problem, combinations))  # noqa: B023
        per = 1000 / (len(combinations) * FOLDS)
        what = f"1,000 combination-folds of {name}, CPU time: {per * own:.0f} s"
        against = f"scikit-learn's GridSearchCV: {per * theirs:.0f} s"
        rest = "the fits themselves, by the same code"
        rows.append(Row(what, against, own / theirs, "≤ 1.1", rest))
    return rows


def _seconds(work: Callable[[], object]) -> float:
    """Processor time, that of all processes that were begun."""
    before = _used()
    work()
    get_reusable_executor().shutdown(wait=True)  # whose time counts when they have ended
    return _used() - before


def _used() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def _own(problem: Problem, combinations: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        search(problem, combinations, Finished(Path(scratch, "search"), problem.digest))


def _theirs(problem: Problem, combinations: list[dict[str, Any]]) -> None:
    """The same settings on the same rows and folds, with all cores."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    taught = problem.taught
    targets = problem.labels.targets[taught.file]
    if problem.learner == "svm":
        estimator, parameters = SVC(), [_svc(each) for each in combinations]
    else:
        estimator = MLPClassifier(random_state=1)
        parameters = [
            {"alpha": [each["alpha"]], "learning_rate_init": [each["learning_rate"]]}
            for each in combinations
        ]
    pipeline = make_pipeline(StandardScaler(), estimator)
    name = pipeline.steps[-1][0]
    named = [{f"{name}__{key}": value for key, value in each.items()} for each in parameters]
    split = PredefinedSplit(problem.folds[taught.file])
    GridSearchCV(pipeline, named, cv=split, n_jobs=-1, refit=False).fit(taught.rows, targets)


def _svc(settings: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        "kernel": [settings["kernel"].lower()],
        "C": [2.0 ** settings["C"]],
        "gamma": [2.0 ** settings["gamma"]],
        "class_weight": ["balanced" if settings["balance_classes"] else None],
    }
