"""The table that ``make bench`` writes into the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import table
from tests.bench.row import Row


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "speed.md"
    path.write_text(table.PLACE.read_text())
    return path


def test_a_whole_run_leaves_no_other_row_and_single_measurements_do(place: Path) -> None:
    rows = [Row("a", "b", 0.5, "≤ 1", "c"), Row("d", "b", 2, "≤ 1", "")]
    table.write(rows, "a machine", whole=True, place=place)
    text = place.read_text()
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[2:] == ["| a | b | 0.50 | ≤ 1 | c |", "| d | b | 2.00 | ≤ 1 |  |"]
    assert "Measured on a machine." in text and "Not reached: d.\n" in text
    table.write(
        [Row("d", "b", 1, "≤ 1", ""), Row("e", "f", 1, "", "")], "x", whole=False, place=place
    )
    text = place.read_text()
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["a", "d", "e"]
    assert "All aims are reached." in text and "Not reached" not in text
    assert text.count("## What limits") == 1
