"""Tables of many files, a row each: CSV, JSON Lines, Parquet, and matrices for NumPy.

They are written from a journal one row at a time, so that memory does not grow with the files.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from catalog.errors import MissingExtraError
from catalog.storage import ELSEWHERE, storage_errors, unfinished
from zoo.predicting.results import printable

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from zoo.predicting.journal import Journal
    from zoo.predicting.rows import Layout, Row

BATCH = 1000
"""Rows that go into a Parquet file at once."""


def write(path: Path, journal: Journal, document: Iterable[Any]) -> None:
    """Write the table of a journal in the format that the name says.

    Parameters
    ----------
    path : Path
    journal : Journal
        Takes note of the table before it is put in place.
    document : iterable of dict
        The rows of the document that ``--json`` prints, for ``.json``.
    """
    with storage_errors(path, ELSEWHERE), unfinished(path) as made:
        if path.suffix == ".json":
            _write_document(made, document)
        else:
            layouts = {id: journal.layouts.get(id) for id in journal.settings.models}
            table = Table(layouts, journal.settings.options["layer"], journal.rows)
            WRITERS[path.suffix](made, table)
        journal.will_write(made)


class Columns:
    """The columns that models give a table.

    Parameters
    ----------
    models : dict of str to (Layout or None)
        By their ids; None of one that has said nothing yet.
    """

    def __init__(self, models: Mapping[str, Layout | None]) -> None:
        self.models = models
        self._alike = Counter(layout.numbers for layout in models.values() if layout)

    def numbers(self, model: str, layout: Layout) -> list[str]:
        """The columns of what activations mean together, behind the id where two have them."""
        before = f"{model}/" if self._alike[layout.numbers] > 1 else ""
        return [f"{before}{name}" for name in layout.numbers]

    def of(self, model: str, layout: Layout) -> list[str]:
        """The columns of a model where each number has its own."""
        if layout.numbers:
            return self.numbers(model, layout)
        before = f"{model}/" if len(self.models) > 1 else ""
        return [f"{before}{name}" for name in layout.classes]

    def schema(self) -> pyarrow.Schema:
        """The columns of a Parquet file; the names of classes are its metadata."""
        import pyarrow

        fields = [("file", pyarrow.string()), ("duration", pyarrow.float64())]
        classes = {}
        for id, layout in self.models.items():
            if layout and layout.numbers:
                fields += [(name, pyarrow.float64()) for name in self.numbers(id, layout)]
            elif layout:
                fields.append((id, pyarrow.list_(pyarrow.float32(), len(layout.classes))))
                classes[id] = json.dumps(layout.classes, ensure_ascii=False)
        return pyarrow.schema([*fields, ("error", pyarrow.string())], classes)

    def cells(self, row: Row) -> dict[str, Any]:
        """The cells of a row of a Parquet file, by its columns."""
        cells: dict[str, Any] = {"file": printable(row.file), "duration": row.duration}
        for id, values in row.numbers.items():
            if (layout := self.models[id]) and layout.numbers:
                cells |= dict(zip(self.numbers(id, layout), values, strict=True))
            else:
                cells[id] = row.means[id]
        return cells | {"error": row.error}


class Table(Columns):
    """The columns that models give a table, and its rows.

    Parameters
    ----------
    models : dict of str to (Layout or None)
        See `Columns`.
    layer : str
    read : callable
        Begins to read the rows.
    """

    def __init__(
        self, models: Mapping[str, Layout | None], layer: str, read: Callable[[], Iterator[Row]]
    ) -> None:
        super().__init__(models)
        self.layer = layer
        self._read = read

    @property
    def rows(self) -> Iterator[Row]:
        return self._read()

    def good(self, model: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """The files of which a model said something, and its mean activations."""
        return ((row.file, row.means[model]) for row in self.rows if model in row.means)


def _write_csv(path: Path, table: Table) -> None:
    known = [(id, layout) for id, layout in table.models.items() if layout]
    columns = [name for id, layout in known for name in table.of(id, layout)]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["file", "duration", *columns, "error"])
        for row in table.rows:
            cells: list[Any] = []
            for id, layout in known:
                values = row.numbers.get(id) if layout.numbers else row.means.get(id)
                cells += [""] * len(table.of(id, layout)) if values is None else list(values)
            lines.writerow([printable(row.file), row.duration, *cells, row.error])


def _write_jsonl(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in table.rows:
            line: dict[str, Any] = {"file": printable(row.file), "duration": row.duration}
            for id, layout in table.models.items():
                if layout and layout.numbers:
                    names = table.numbers(id, layout)
                    values = row.numbers.get(id, [None] * len(names))
                    line |= dict(zip(names, values, strict=True))
                elif layout and (mean := row.means.get(id)) is not None:
                    line[id] = dict(zip(layout.classes, map(_shortest, mean), strict=True))
                else:
                    line[id] = None
            file.write(json.dumps({**line, "error": row.error}, ensure_ascii=False) + "\n")


def _shortest(value: np.float32) -> float:
    """A number whose decimal digits are the fewest that mean it in single precision."""
    return float(str(value))


def _write_parquet(path: Path, table: Table) -> None:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = table.schema()
    with ParquetWriter(path, schema) as writer:
        rest = map(table.cells, table.rows)
        while batch := list(islice(rest, BATCH)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema))


def _write_npz(path: Path, table: Table) -> None:
    """Write the matrix of each model; the files that it could not hear have no row."""
    with zipfile.ZipFile(path, "w") as archive:
        for id, layout in table.models.items():
            before = f"{id}/" if len(table.models) > 1 else ""
            classes = layout.classes if layout else ()
            names = [printable(name) for name, _ in table.good(id)]
            texts = {
                "files": np.array(names, str),
                "classes": np.array(classes, str),
                "model": np.array(id),
                "layer": np.array(table.layer),
            }
            for key, array in texts.items():
                with _member(archive, f"{before}{key}.npy") as member:
                    np.lib.format.write_array(member, array)
            shape = (len(names), len(classes))
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            with _member(archive, f"{before}matrix.npy") as member:
                np.lib.format.write_array_header_1_0(member, header)
                for _, mean in table.good(id):
                    member.write(mean.tobytes())


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a part of an archive, which is the same whenever it is written."""
    part = zipfile.ZipInfo(name)
    part.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(part, "w", force_zip64=True)


def _write_document(path: Path, rows: Iterable[Any]) -> None:
    """Write the document that ``--json`` prints, one row at a time."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"results": [')
        for count, row in enumerate(rows):
            file.write(", " * bool(count) + json.dumps(row, ensure_ascii=False))
        file.write("]}\n")


WRITERS = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".npz": _write_npz,
    ".parquet": _write_parquet,
}


def require_parquet(path: Path | str, done: str = "written") -> None:
    """Refuse to begin what could not be written at the end, or read at all.

    Raises
    ------
    MissingExtraError
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtraError.of(
            "parquet",
            f"{path} cannot be {done} without PyArrow.",
            why="Parquet comes with the extra `parquet`.",
        ) from None
