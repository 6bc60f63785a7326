"""Arrows point down: no room imports one above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support import ROOT

ROOMS = ("catalog", "freeze", "predictors", "validate", "convert", "zoo")
"""From the ground floor up."""


def imported(file: Path) -> set[str]:
    """The top-level packages that a module imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_none_above_it(room: str) -> None:
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    wrong = {str(file): imported(file) & above for file in (ROOT / room).rglob("*.py")}
    assert wrong and not {file: rooms for file, rooms in wrong.items() if rooms}


@pytest.mark.parametrize("room", ROOMS[:-1])
def test_only_the_command_prints_and_exits(room: str) -> None:
    """But programs of child processes, which answer on stdout."""
    for file in (ROOT / room).rglob("*.py"):
        text = file.read_text()
        if 'if __name__ == "__main__":' not in text:
            assert "print(" not in text and "sys.exit(" not in text, file


def test_of_the_top_room_only_the_command_prints_and_no_other_part_imports_it() -> None:
    for file in (ROOT / "zoo").rglob("*.py"):
        place = file.relative_to(ROOT / "zoo")
        if place.parts[0] == "cli" or str(place) in ("output.py", "__init__.py"):
            continue
        text = file.read_text()
        assert "print(" not in text and "sys.exit(" not in text, file
        assert "zoo.cli" not in text and "zoo import output" not in text, file
