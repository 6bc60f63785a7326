"""A data set as one file, and what it holds that is like a song."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from catalog.errors import NotFoundError, UsageError
from catalog.storage import ELSEWHERE, storage_errors, unfinished
from zoo.collecting.dataset import SETTINGS, parts, read
from zoo.collecting.folders import Folder, folder
from zoo.predicting.rows import Layout, Row
from zoo.predicting.tables import WRITERS, Table, require_parquet

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

BATCH = 1000
"""Rows that are held at once."""


class Similar(NamedTuple):
    """A file of a data set, and how like a song it is: the cosine, 1 at most."""

    file: str
    score: float


@dataclass(frozen=True)
class Stored:
    """A data set to read.

    Attributes
    ----------
    folder : Folder
    names : list of str
        Its parts.
    models : dict of str to Layout
        What each model says, by the models' ids.
    layer : str
    """

    folder: Folder
    names: list[str]
    models: dict[str, Layout]
    layer: str

    @classmethod
    def open(cls, place: str) -> Stored:
        """Read what a data set holds.

        Raises
        ------
        NotFoundError
            There is none.
        UsageError
            These are Parquet files that zoo did not write.
        MissingExtraError, IntegrityError, StorageError
        """
        require_parquet(place, "read")
        where = folder(place)
        names = parts(where)
        if not names:
            raise NotFoundError(
                f"There is no data set in {place}.",
                hint=f"zoo predict MODEL music/ --output {place.rstrip('/')}/",
            )
        with read(where, names[0]) as file:
            schema = file.schema_arrow
            if SETTINGS not in (schema.metadata or {}):
                why = f"{names[0]} has no settings."
                raise UsageError(f"{place} is no data set of zoo.", why=why)
            settings = json.loads(schema.metadata[SETTINGS])
            models = {id: _layout(id, schema, settings) for id in settings["models"]}
            return cls(where, names, models, str(settings["options"]["layer"]))

    def rows(self) -> Iterator[Row]:
        """All rows, part by part, without activations over time."""
        table = Table(self.models, self.layer, self.rows)
        numbers = {
            id: table.numbers(id, layout) for id, layout in self.models.items() if layout.numbers
        }
        means = [id for id in self.models if id not in numbers]
        columns = ["file", "duration", *chain.from_iterable(numbers.values()), *means, "error"]
        for batch in self.batches(columns):
            arrays = {id: matrix(batch.column(id)) for id in means}
            for index, cells in enumerate(batch.drop_columns(means).to_pylist()):
                good = {
                    id: found[index] for id, found in arrays.items() if _is_there(batch, id, index)
                }
                of_models = {id: [cells[name] for name in names] for id, names in numbers.items()}
                told = {id: values for id, values in of_models.items() if values[0] is not None}
                yield Row(
                    cells["file"],
                    cells["duration"],
                    good,
                    {**{id: [] for id in good}, **told},
                    cells["error"],
                )

    def means(self, id: str) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """Files without an error, and what a model says of them [shape=(rows, classes)]."""
        for batch in self.batches(["file", id]):
            good = batch.filter(batch.column(id).is_valid())
            yield good.column("file").to_pylist(), matrix(good.column(id))

    def batches(self, columns: list[str]) -> Iterator[pyarrow.RecordBatch]:
        """Some columns, a piece at a time."""
        for name in self.names:
            with read(self.folder, name) as file:
                yield from file.iter_batches(BATCH, columns=columns)


def collect(place: str, to: Path) -> None:
    """Write a data set as one table, in the format that its name says.

    Parameters
    ----------
    place : str
        The folder or the address of the data set.
    to : Path
        A ``.csv``, ``.jsonl``, ``.npz`` or ``.parquet``.

    Raises
    ------
    UsageError
        The format is not supported.
    NotFoundError, MissingExtraError, IntegrityError, StorageError
    """
    if to.suffix not in WRITERS:
        raise UsageError(
            f"{to} has an unsupported format.", hint=f"Supported: {', '.join(WRITERS)}."
        )
    stored = Stored.open(place)
    with storage_errors(to, ELSEWHERE), unfinished(to) as made:
        models = stored.models
        if to.suffix == ".npz":  # a matrix holds what each class got
            models = {id: layout for id, layout in models.items() if layout.classes}
        WRITERS[to.suffix](made, Table(models, stored.layer, stored.rows))


def similar(song: str, place: str, model: str | None = None, count: int = 10) -> list[Similar]:
    """Find what is most like a song in a data set: the greatest cosines of the means.

    Parameters
    ----------
    song : str
        Its file as the data set names it, or the end of that name.
    place : str
        The folder or the address of the data set.
    model : str, optional
        Needed where the data set holds several.
    count : int

    Raises
    ------
    NotFoundError
        The data set holds no such file or model.
    UsageError
        Several files or models could be meant.
    """
    stored = Stored.open(place)
    id = _chosen(stored, model)
    name, wanted = _found(stored, song, id)
    scored: Iterator[tuple[float, str]] = (
        (float(score), file)
        for files, unit in _units(stored, id)
        for file, score in zip(files, unit @ wanted, strict=True)
        if file != name
    )
    return [Similar(file, score) for score, file in heapq.nlargest(count, scored)]


def _chosen(stored: Stored, model: str | None) -> str:
    able = [id for id, layout in stored.models.items() if not layout.numbers]
    if model is None and len(able) == 1:
        return able[0]
    if model in able:
        return model
    told = f"{stored.folder} holds {', '.join(able) or 'no means of classes or embeddings'}."
    if model is None:
        raise UsageError("Similar to which model?", why=told, hint="Name one of them: --model ID")
    raise NotFoundError(f"{stored.folder} holds nothing of {model} to compare.", why=told)


def _found(stored: Stored, song: str, id: str) -> tuple[str, NDArray[np.float32]]:
    """The one file that a name means, and its direction."""
    ends: dict[str, NDArray[np.float32]] = {}
    for files, unit in _units(stored, id):
        for file, row in zip(files, unit, strict=True):
            if file == song:
                return file, row
            if file.endswith(f"/{song}"):
                ends[file] = row
    if not ends:
        raise NotFoundError(
            f"{stored.folder} has no row of {song} without an error.",
            hint=f"zoo predict {id} {song} --output {stored.folder}/",
        )
    if len(ends) > 1:
        raise UsageError(f"{song} could be {' or '.join(sorted(ends)[:3])}.")
    return next(iter(ends.items()))


def _units(stored: Stored, id: str) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Files with the directions of their means [shape=(rows, classes)], a piece at a time."""
    for files, rows in stored.means(id):
        norm = np.linalg.norm(rows, axis=1, keepdims=True)
        yield files, rows / np.maximum(norm, np.finfo(np.float32).tiny)


def matrix(column: pyarrow.FixedSizeListArray) -> NDArray[np.float32]:
    """A column of lists as a matrix; the rows of missing lists mean nothing."""
    width = column.type.list_size
    values = column.values.slice(column.offset * width, len(column) * width)
    found: NDArray[np.float32] = values.to_numpy(zero_copy_only=False).reshape(-1, width)
    return found


def _is_there(batch: pyarrow.RecordBatch, id: str, index: int) -> bool:
    return bool(batch.column(id)[index].is_valid)


def _layout(id: str, schema: pyarrow.Schema, settings: dict[str, Any]) -> Layout:
    """What a model says, from a part's columns and metadata."""
    if (classes := schema.metadata.get(id.encode())) is not None:
        return Layout(tuple(json.loads(classes)), ())
    return Layout((), tuple(settings["numbers"][id]))
