"""Tables of the results of many files: CSV, JSON, Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from catalog.errors import MissingExtraError
from catalog.storage import ELSEWHERE, storage_errors

if TYPE_CHECKING:
    from zoo.predicting.journal import Row

BATCH = 1000
"""Rows that go into a Parquet file at once."""


def write_json(path: Path, rows: Iterable[Row]) -> None:
    """Write the document that ``--json`` prints, one row at a time."""
    with _unfinished(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.write('{"results": [')
        for count, row in enumerate(rows):
            file.write(", " * bool(count) + json.dumps(row, ensure_ascii=False))
        file.write("]}\n")


def write_csv(path: Path, rows: Iterable[Row], models: Sequence[str]) -> None:
    """Write one row a file: its mean activations, and what went wrong.

    The columns are ``file``, the classes (of several models behind ``<id>/``) and ``error``.
    """
    classes: dict[str, list[str]] = {}
    files: dict[str, dict[str, Row]] = {}
    for row in rows:
        files.setdefault(row["file"], {})[row["model"]] = row
        if row["classes"]:
            classes.setdefault(row["model"], row["classes"])
    columns = [(model, place) for model in models for place in range(len(classes.get(model, ())))]
    with _unfinished(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as to:
        table = csv.writer(to)
        names = [f"{m}/{classes[m][i]}" if len(models) > 1 else classes[m][i] for m, i in columns]
        table.writerow(["file", *names, "error"])
        for file, answers in files.items():
            means = {model: row["mean"] for model, row in answers.items() if row["mean"]}
            cells = [f"{means[m][i]:.7g}" if m in means else "" for m, i in columns]
            errors = dict.fromkeys(row["error"] for row in answers.values() if row["error"])
            table.writerow([file, *cells, " ".join(errors)])


def write_parquet(path: Path, rows: Iterable[Row]) -> None:
    """Write one row a file and model, with the columns of the JSON document."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    numbers, text = pyarrow.list_(pyarrow.float64()), pyarrow.string()
    top = pyarrow.struct([("class", text), ("score", pyarrow.float64())])
    types = {"classes": pyarrow.list_(text), "top": pyarrow.list_(top)}
    types |= dict.fromkeys(("times", "mean"), numbers)
    names = ("file", "model", "layer", "classes", "times", "mean", "top", "error")
    schema = pyarrow.schema([(name, types.get(name, text)) for name in names])
    with _unfinished(path) as unfinished, ParquetWriter(unfinished, schema) as writer:
        rest = iter(rows)
        while batch := list(islice(rest, BATCH)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema))


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A place beside the file to write to; it takes the file's place at the end."""
    unfinished = path.with_name(f".{uuid4().hex}.tmp")
    with storage_errors(path, ELSEWHERE):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield unfinished
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def require_parquet(path: Path) -> None:
    """Refuse to begin what could not be written at the end.

    Raises
    ------
    MissingExtraError
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtraError.of(
            "parquet",
            f"{path} cannot be written without PyArrow.",
            why="Parquet comes with the extra `parquet`.",
        ) from None
