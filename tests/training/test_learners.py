"""What learners become: graphs that say what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.record import Record
from freeze.analysis.inspection import inspect
from freeze.classifiers.preprocessing import applied
from freeze.formats.graphdef import serialize
from predictors.model import Model
from training.grids import grid
from training.preprocessing import PREPROCESSINGS
from training.problem import Problem
from training.record import OUTPUTS

TASKS = ("classification", "auto-tagging", "regression")


@pytest.mark.parametrize(
    ("learner", "task", "preprocessing"),
    [
        *((learner, task, "standardised") for learner in ("mlp", "linear") for task in TASKS),
        *(("mlp", "classification", preprocessing) for preprocessing in PREPROCESSINGS),
        *(("svm", "classification", preprocessing) for preprocessing in PREPROCESSINGS[1:3]),
    ],
)
def test_the_graph_says_of_embeddings_what_was_trained(
    problem: Callable[..., Problem], tmp_path: Path, learner: Any, task: Any, preprocessing: Any
) -> None:
    made = problem(learner, task)
    settings = grid("quick", learner, task, preprocessing)[0]
    steps, model = made.trained(settings)
    path = tmp_path / "trained.pb"
    path.write_bytes(serialize(model.graph(steps)))
    rows = np.random.default_rng(1).normal(1, 2, (50, 6)).astype(np.float32)
    network = Model(Record({"zoo": {"id": "trained"}}), path)
    graph = network.graph(OUTPUTS[task])
    assert (graph.input, graph.shape) == ("model/Placeholder", (-1, 6))
    (found,) = network.network(graph, (6,))(rows)
    expected = model.predict(applied(steps, rows))
    assert found.shape == (50, len(made.labels.classes))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_its_output_is_found_without_a_record(
    problem: Callable[..., Problem], tmp_path: Path, task: Any
) -> None:
    steps, model = problem("linear", task).trained(grid("quick", "linear", task)[0])
    path = tmp_path / "trained.pb"
    path.write_bytes(serialize(model.graph(steps)))
    (purpose,) = [each for each in inspect(path).summary.outputs if each.purpose == "predictions"]
    assert purpose.name == OUTPUTS[task]


def test_two_classes_have_two_outputs_that_sum_to_one(
    problem: Callable[..., Problem],
) -> None:
    made = problem("linear")
    two = made.labels.targets < 2
    labels = type(made.labels).of(
        [row for row, wanted in zip(_rows(made), two, strict=True) if wanted]
    )
    few = Problem(labels, made.embeddings.of(two), "linear", made.folds[two], False, 1)
    said = few.predicted(grid("quick", "linear", "classification")[0])
    assert said.shape == (20, 2)
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)


def _rows(made: Problem) -> list[Any]:
    from training.labels import Labelled

    return [Labelled(file, made.labels.of_file(i)) for i, file in enumerate(made.labels.files)]


def test_a_dimension_that_never_changes_says_nothing(problem: Callable[..., Problem]) -> None:
    made = problem("mlp")
    made.embeddings.rows[:, 2] = 7
    assert made.embeddings.constant.tolist() == [2]
    for preprocessing in PREPROCESSINGS:
        steps, model = made.trained({**grid("quick", "mlp", "classification", preprocessing)[0]})
        rows = made.embeddings.rows.copy()
        before = model.predict(applied(steps, rows))
        rows[:, 2] = -100
        np.testing.assert_array_equal(model.predict(applied(steps, rows)), before)
