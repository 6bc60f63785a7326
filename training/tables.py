"""Files and their labels in tables: CSV, TSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, MissingExtraError, UsageError
from catalog.foreign import parse_object
from catalog.storage import reading
from training.labels import Labelled

ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
BETWEEN = ";"
"""Stands between the labels of a file that has several in one cell."""

Cells = Mapping[str, Any]


def read(path: Path, groups: str | None = None) -> list[Labelled]:
    """Read a table with the columns ``file`` and ``label``.

    A file has several labels if it has several rows, if its cell is a list (JSON lines, Parquet)
    or if semicolons stand between them (CSV, TSV). Labels that all are numbers are values of a
    regression. Paths are relative to the table's folder, or else to the current one.

    Parameters
    ----------
    path : Path
    groups : str, optional
        The column that names each file's group.

    Raises
    ------
    NotFoundError, StorageError
        The table cannot be read.
    IntegrityError
        It is no such table.
    UsageError
        A column or a label is missing.
    """
    with reading(path):
        try:
            rows = list(_READERS[path.suffix.lower()](path))
        except (ValueError, csv.Error) as error:
            raise IntegrityError(f"{path} cannot be read as a table.", why=str(error)) from None
    wanted = ["file", "label", *([groups] if groups else [])]
    known = rows[0].keys() if rows else ()
    if missing := [name for name in wanted if name not in known]:
        raise UsageError(
            f"{path} has no column {missing[0]}.",
            why=f"Its columns: {', '.join(map(str, known))}." if rows else "It has no rows.",
        )
    return _joined(path, rows, groups)


def _joined(path: Path, rows: Sequence[Cells], groups: str | None) -> list[Labelled]:
    """One entry a file, with the labels of all its rows."""
    texts = [(row, _labels(row["label"])) for row in rows]
    numeric = all(_is_number(label) for _, labels in texts for label in labels)
    found: dict[str, Labelled] = {}
    for number, (row, labels) in enumerate(texts, start=1):
        if not labels or not row["file"]:
            what = "label" if row["file"] else "file"
            raise UsageError(f"Row {number} of {path} has no {what}.")
        file = _located(path.parent, str(row["file"]))
        before = found[file].labels if file in found else ()
        added = tuple(map(float, labels)) if numeric else tuple(map(str, labels))
        group = str(row[groups]) if groups and row[groups] not in (None, "") else None
        found[file] = Labelled(file, tuple(dict.fromkeys((*before, *added))), group)
    return list(found.values())


def _labels(cell: Any) -> list[Any]:
    if isinstance(cell, str):
        return [part.strip() for part in cell.split(BETWEEN) if part.strip()]
    cells = cell if isinstance(cell, Iterable) else [cell]
    return [each for each in cells if each is not None and each != ""]


def _is_number(label: Any) -> bool:
    if isinstance(label, bool):
        return False
    try:
        float(label)
    except (TypeError, ValueError):
        return False
    return True


def _located(folder: Path, file: str) -> str:
    beside = folder / file
    return str(beside if beside.exists() or not Path(file).exists() else Path(file))


def _separated(path: Path, delimiter: str) -> Iterator[Cells]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _comma(path: Path) -> Iterator[Cells]:
    return _separated(path, ",")


def _tab(path: Path) -> Iterator[Cells]:
    return _separated(path, "\t")


def _json_lines(path: Path) -> Iterator[Cells]:
    with path.open("rb") as file:
        for line in filter(bytes.strip, file):
            yield parse_object(line)


def _parquet(path: Path) -> Iterator[Cells]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table
    except ImportError:
        raise MissingExtraError.of("parquet", f"{path} cannot be read without PyArrow.") from None
    try:
        yield from read_table(path).to_pylist()
    except ArrowException as error:
        raise ValueError(str(error)) from None


_READERS = {".csv": _comma, ".tsv": _tab, ".jsonl": _json_lines, ".parquet": _parquet}
