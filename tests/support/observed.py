"""What tests observed in each browser, and the tables of it in the documentation."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tests.support import ROOT

BROWSERS = {"chromium": "Chromium", "firefox": "Firefox", "webkit": "WebKitGTK"}


class Observed:
    """Cells of tables, by table, row and browser."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[str, dict[str, str]]] = {}

    def note(self, table: str, row: str, browser: str, cell: str = "yes") -> None:
        """Write what was observed into a cell."""
        self._cells.setdefault(table, {}).setdefault(row, {})[browser] = cell

    def cells(self, table: str) -> Mapping[str, Mapping[str, str]]:
        """The rows of a table."""
        return self._cells.get(table, {})


def written(path: Path, table: str) -> dict[str, dict[str, str]]:
    """The cells of a table in a document, which follows the comment with its name."""
    rows: dict[str, dict[str, str]] = {}
    for line in _lines(path.read_text(), table)[2:]:
        row, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[row] = dict(zip(BROWSERS, cells, strict=True))
    return rows


def write(path: Path, table: str, cells: Mapping[str, Mapping[str, str]]) -> None:
    """Put observed cells into the table; rows that were not observed keep theirs."""
    rows = {row: dict(each) for row, each in written(path, table).items()}
    for row, found in cells.items():
        rows[row] = rows.get(row, dict.fromkeys(BROWSERS, "")) | dict(found)
    lines = [f"| {' | '.join(['', *BROWSERS.values()])} |".replace("|  |", "| |", 1)]
    lines.append("|---" * (1 + len(BROWSERS)) + "|")
    lines += [f"| {' | '.join([row, *each.values()])} |" for row, each in rows.items()]
    text = path.read_text()
    old = "\n".join(_lines(text, table))
    path.write_text(text.replace(old, "\n".join(lines)))


def _lines(text: str, table: str) -> list[str]:
    found = re.search(rf"<!-- {table} -->\n+((?:\|.*\n?)+)", text)
    assert found, f"There is no table {table}."
    return found[1].rstrip("\n").split("\n")


def require_written(observed: Observed, table: str, document: str) -> None:
    """Hold that a document says what was observed; ``ZOO_WRITE_DOCS=1`` writes it there."""
    path = ROOT / "docs" / document
    found = observed.cells(table)
    if os.environ.get("ZOO_WRITE_DOCS"):
        write(path, table, found)
    told = written(path, table)
    differing = {
        (row, browser): (told.get(row, {}).get(browser), cell)
        for row, cells in found.items()
        for browser, cell in cells.items()
        if told.get(row, {}).get(browser) != cell
    }
    assert not differing, "ZOO_WRITE_DOCS=1 writes what was observed"
