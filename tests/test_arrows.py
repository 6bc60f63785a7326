"""Arrows point down: no room imports one above it, no module itself by way of others."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.support import ROOT

ROOMS = ("catalog", "freeze", "predictors", "validate", "convert", "training", "zoo")
"""From the ground floor up."""


MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for room in ROOMS
    for file in (ROOT / room).rglob("*.py")
}


def imported(source: str) -> set[str]:
    """All that a module imports, at its top, in a function, or for types: modules and names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def arrows(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Of each module, the others that it imports, or imports a name from."""
    return {
        module: {name if name in sources else name.rpartition(".")[0] for name in imported(source)}
        & sources.keys()
        for module, source in sources.items()
    }


def circle(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Modules that import each other in a circle; empty if none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_none_above_it(room: str) -> None:
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    read = {name: file.read_text() for name, file in MODULES.items() if name.startswith(room)}
    rooms = {
        name: {each.partition(".")[0] for each in imported(text)} for name, text in read.items()
    }
    assert rooms and not {name: found & above for name, found in rooms.items() if found & above}


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circle(arrows({name: file.read_text() for name, file in MODULES.items()}))


@pytest.mark.parametrize(
    "source",
    [
        "import room.a",
        "from room import a",
        "from room.a import name",
        "def late():\n    from room.a import name",
        "if TYPE_CHECKING:\n    from room.a import name",
    ],
)
def test_circles_are_noticed_wherever_the_import_stands(source: str) -> None:
    sources = {"room.a": "from room.b import name", "room.b": "import room.c", "room.c": source}
    assert set(circle(arrows(sources))) == sources.keys()
    assert not circle(arrows({**sources, "room.c": "import room.d"}))


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
        if place.parts[0] == "cli" or str(place) in ("output.py", "__init__.py", "__main__.py"):
            continue
        text = file.read_text()
        assert "print(" not in text and "sys.exit(" not in text, file
        assert "zoo.cli" not in text and "zoo import output" not in text, file
