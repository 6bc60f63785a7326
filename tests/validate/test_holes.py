"""Graphs that TensorFlow refuses to import or to run do not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from validate import target

SHARED = Path(__file__).parents[3] / "shared"


def _graphs(folder: str) -> list[Path]:
    return sorted((SHARED / folder).glob("*.pb"))


@pytest.mark.shared
@pytest.mark.parametrize(
    "path",
    [*_graphs("cases/graphs/holes"), *_graphs("cases/graphs/holes/alone")],
    ids=lambda path: path.stem,
)
def test_a_graph_that_tensorflow_refuses_fails(path: Path) -> None:
    (judged,) = target.of_path(path)
    assert [each for each in target.judge(judged).having("failed") if each.group == "graph"]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["fill-40GB", "range-40GB", "while-endless"])
def test_what_would_take_all_memory_or_time_is_not_run(name: str) -> None:
    (judged,) = target.of_path(SHARED / "cases" / "hostile" / f"{name}.pb")
    report = target.judge(judged)
    assert {check.id: check.status for check in report.checks}["graph-bounds"] == "failed"
    assert {check.status for check in report.checks if check.group == "run"} == {"not-applicable"}


@pytest.mark.shared
@pytest.mark.parametrize("path", _graphs("models"), ids=lambda path: path.stem)
def test_a_published_graph_is_sound(path: Path) -> None:
    (judged,) = target.of_path(path)
    assert not [each for each in target.judge(judged).having("failed") if each.group == "graph"]
