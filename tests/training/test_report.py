"""Reports: the table, and the page."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import IntegrityError, UsageError
from training.details import mistakes
from training.finished import Finished
from training.grids import grid
from training.page import page
from training.pictures import confusion
from training.problem import Problem
from training.report import GAIA, Report, chosen
from training.search import search


@pytest.fixture
def report(problem: Callable[..., Problem], tmp_path: Path) -> Callable[[str], Report]:
    def make(task: str) -> Report:
        made = problem("linear", task)
        combinations = grid("quick", "linear", made.labels.task, "standardised")
        ranking = search(made, combinations, Finished(tmp_path / task, made.digest))
        predicted = made.predicted(ranking[0].settings)
        return Report("mine-1", made, ranking, predicted, {"<x>.wav": "It is silent & odd."}, "ex")

    return make


def test_the_table_begins_with_the_columns_of_gaia(report: Callable[[str], Report]) -> None:
    made = report("classification")
    rows = list(csv.DictReader(made.csv().decode().splitlines()))
    assert tuple(rows[0])[:16] == GAIA and len(GAIA) == 16
    assert [row["rank"] for row in rows] == [str(n + 1) for n in range(len(made.ranking))]
    assert float(rows[0]["accuracy"]) == pytest.approx(100 * made.winner.scores.accuracy, abs=1e-3)  # type: ignore[operator]
    assert {row["classifier"] for row in rows} == {"linear"}


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_settings_of_a_row_are_found_again(
    report: Callable[[str], Report], task: str, tmp_path: Path
) -> None:
    made, path = report(task), tmp_path / "mine-1.report.csv"
    path.write_bytes(made.csv())
    for rank in (1, 3):
        assert chosen(path, rank) == ("linear", dict(made.ranking[rank - 1].settings))
    with pytest.raises(UsageError, match="no rank 77"):
        chosen(path, 77)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(IntegrityError, match="not a report"):
        chosen(path, 1)


@pytest.mark.parametrize("task", ["classification", "auto-tagging", "regression"])
def test_the_page_is_one_file_that_asks_for_nothing(
    report: Callable[[str], Report], task: str
) -> None:
    html = page(report(task)).decode()
    assert 'src="data:image/png;base64,' in html
    assert "http" not in html.replace("http-equiv", "")
    assert "&lt;x&gt;.wav" in html and "It is silent &amp; odd." in html
    assert "No groups were given" in html


def test_confused_files_are_named_the_surest_mistake_first(
    report: Callable[[str], Report],
) -> None:
    made = report("classification")
    predicted = np.zeros_like(made.predicted)
    predicted[np.arange(30), made.problem.labels.targets] = 1
    predicted[4], predicted[7] = (0.6, 0.4, 0), (0.1, 0, 0.9)
    counts = confusion(made.problem.labels, predicted)
    assert counts.tolist() == [[10, 0, 0], [1, 8, 1], [0, 0, 10]]
    assert mistakes(made.problem.labels, predicted)[1] == [
        ("7.wav", "b", "c", "0.90"),
        ("4.wav", "b", "a", "0.60"),
    ]
