"""Audio that is named in a list or in a column of a table, read as it is asked for."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from catalog.errors import AudioError, UsageError
from catalog.storage import reading
from zoo.predicting.tables import require_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BATCH = 10_000
"""Rows of a Parquet file that are held at once."""

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_TABLES = (*_DELIMITERS, ".parquet")


class Listed(NamedTuple):
    """A file of audio, and what else identifies it."""

    file: str
    id: str | None = None


def listed(spec: str, id_column: str | None = None) -> Iterator[Listed]:
    """Read the names of files from a list, or from a column of a table.

    Parameters
    ----------
    spec : str
        A text file with a name per line, ``-`` for such a text on stdin, or
        ``TABLE:COLUMN`` of a CSV, TSV or Parquet file.
    id_column : str, optional
        The column of a table that identifies each file.

    Yields
    ------
    Listed
        In their order; empty lines and cells are left out.

    Raises
    ------
    NotFoundError
        There is no such list.
    UsageError
        There is no such column, or a list without columns was asked for one.
    AudioError
        The list is not text, or the table is damaged.
    MissingExtraError
        A Parquet file needs PyArrow.
    """
    table, _, column = spec.rpartition(":")
    if Path(table).suffix.lower() in _TABLES:
        return _of_table(Path(table), column, id_column)
    if Path(spec).suffix.lower() in _TABLES:
        raise UsageError(
            f"Which column of {spec} holds the files?", hint=f"Name it: --files {spec}:COLUMN"
        )
    if id_column:
        raise UsageError(
            f"{spec} has no column {id_column}.",
            why="It is a list of files.",
            hint="Name a column of a table: --files tracks.csv:path",
        )
    return _of_lines(spec)


def _of_lines(spec: str) -> Iterator[Listed]:
    if spec == "-":
        yield from _stripped(sys.stdin)
        return
    path = Path(spec)
    with reading(path), path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        yield from _stripped(lines)


def _stripped(lines: Iterable[str]) -> Iterator[Listed]:
    for line in lines:
        if name := line.rstrip("\r\n"):
            if "\0" in name:
                raise AudioError("The list of files is not text.", why="It holds a NUL byte.")
            yield Listed(name)


def _of_table(path: Path, column: str, id_column: str | None) -> Iterator[Listed]:
    read = _of_parquet if path.suffix.lower() == ".parquet" else _of_csv
    wanted = [column, *([id_column] if id_column else [])]
    for cells in read(path, wanted):
        if cells[column]:
            yield Listed(str(cells[column]), str(cells[id_column]) if id_column else None)


def _of_csv(path: Path, wanted: list[str]) -> Iterator[Mapping[str, str]]:
    delimiter = _DELIMITERS[path.suffix.lower()]
    with (
        reading(path),
        path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
    ):
        rows = csv.DictReader(file, delimiter=delimiter, restval="")
        try:
            _require(path, wanted, rows.fieldnames or [])
            yield from rows
        except csv.Error as error:
            raise AudioError(f"{path} cannot be read as a table.", why=str(error)) from None


def _of_parquet(path: Path, wanted: list[str]) -> Iterator[Mapping[str, object]]:
    require_parquet(path, "read")
    import pyarrow
    from pyarrow.parquet import ParquetFile

    with reading(path):
        try:
            with ParquetFile(path) as file:
                _require(path, wanted, file.schema_arrow.names)
                for batch in file.iter_batches(BATCH, columns=wanted):
                    yield from batch.to_pylist()
        except (pyarrow.ArrowException, OSError) as error:
            raise AudioError(f"{path} cannot be read as Parquet.", why=str(error)) from None


def _require(path: Path, wanted: list[str], columns: Iterable[str]) -> None:
    columns = list(columns)
    for each in wanted:
        if each not in columns:
            raise UsageError(f"{path} has no column {each}.", why=f"It has {', '.join(columns)}.")
