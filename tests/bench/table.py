"""The table in docs/speed.md, which ``make bench`` writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.row import Row
from tests.support import ROOT

PLACE = ROOT / "docs" / "speed.md"
HEAD = ("what", "against", "ratio", "aim", "where the rest of the time goes")
MEASURED = "Measured on "
MISSED = "Not reached: "


def written(row: Row) -> str:
    """A row as a line of Markdown."""
    return _line((row.what, row.against, f"{row.ratio:.2f}", row.aim, row.rest))


def head() -> str:
    """The first lines of the table."""
    return f"{_line(HEAD)}\n{_line(['---'] * len(HEAD))}"


def write(rows: Sequence[Row], machine: str, *, whole: bool, place: Path = PLACE) -> None:
    """Put rows into the document.

    Parameters
    ----------
    rows : sequence of Row
    machine : str
        What they were measured on.
    whole : bool
        Whether they are all there is; else those with the same words are replaced, and new ones
        added.
    place : Path
    """
    lines = place.read_text().splitlines()
    before = [line for line in lines if line.startswith("|")][2:]
    found = {} if whole else {_key(line): line for line in before}
    found |= {_key(line): line for line in map(written, rows)}
    missed = [_cells(line)[0] for line in found.values() if _is_missed(line)]
    told = f"{MISSED}{'; '.join(missed)}." if missed else "All aims are reached."
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    top = [f"{MEASURED}{machine}." if line.startswith(MEASURED) else line for line in lines[:first]]
    rest = [line for line in lines[first:] if not line.startswith(("|", MISSED, "All aims "))]
    prose = "\n".join(rest).strip()
    text = [*top, *head().splitlines(), *found.values(), "", told, "", prose]
    place.write_text("\n".join(text) + "\n")


def _is_missed(line: str) -> bool:
    _, _, ratio, aim, _ = _cells(line)
    return bool(aim) and float(ratio) > float(aim.lstrip("<=≤ "))


def _key(line: str) -> tuple[str, ...]:
    return tuple(_cells(line)[:2])


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return cells + [""] * (len(HEAD) - len(cells))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
