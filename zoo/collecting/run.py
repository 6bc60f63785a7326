"""Models over a collection of any size, into a data set."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from catalog.errors import ZooError
from zoo import api
from zoo.collecting import cluster
from zoo.collecting.dataset import DataSet
from zoo.predicting import rows
from zoo.predicting.pool import answers
from zoo.predicting.results import printable
from zoo.predicting.settings import digests, stamp_of
from zoo.predicting.tables import Columns, require_parquet
from zoo.predicting.task import Task

if TYPE_CHECKING:
    import pyarrow

    from predictors.ensemble import Ensemble
    from zoo.collecting.dataset import Cells
    from zoo.collecting.listed import Listed
    from zoo.finding import Found
    from zoo.predicting.request import Request
    from zoo.predicting.results import Result
    from zoo.predicting.settings import Stamp

log = logging.getLogger("zoo")

NEVER_CHANGED: Stamp = (0, 0)
"""Of what is behind an address: asking for size and time would cost a request each."""


@dataclass
class Collection:
    """Models over files of audio that are named one after the other.

    Attributes
    ----------
    request : Request
    ensemble : Ensemble
    columns : Columns
    dataset : DataSet
    id_column : str or None
        Takes what identifies each file.
    activations : bool
        Whether activations over time are kept beside their means.
    files, already : int
        Counted as they are named: all, and those that an earlier run has done.
    """

    request: Request
    ensemble: Ensemble
    columns: Columns
    dataset: DataSet
    id_column: str | None
    activations: bool
    files: int = 0
    already: int = 0

    @classmethod
    def prepared(
        cls,
        models: Sequence[Found],
        request: Request,
        to: str,
        *,
        runtime: str = "openvino",
        id_column: str | None = None,
        activations: bool = False,
        force: bool = False,
    ) -> Collection:
        """Make the models ready, and learn what the data set holds.

        Parameters
        ----------
        models : sequence of Found
        request : Request
        to : str
            The data set: a folder, or an address of one.
        runtime
            See `zoo.load`.
        id_column : str, optional
        activations : bool
        force : bool
            Whether to begin anew, whatever is there.

        Raises
        ------
        UsageError, MissingExtraError, IntegrityError, StorageError
        """
        require_parquet(to)
        ensemble = api.load_many(models, runtime=runtime)
        layouts = request.layouts(ensemble)
        columns = Columns(layouts)
        options = {**request.options(), "runtime": runtime}
        settings = {
            "options": options,
            "models": {model.record.id: digests(model) for model in ensemble.models},
            "numbers": {id: layout.numbers for id, layout in layouts.items()},
        }
        schema = _schema(columns, id_column, activations)
        dataset = DataSet(to, schema, settings, force=force)
        return cls(request, ensemble, columns, dataset, id_column, activations)

    def rows(self, files: Iterable[Listed], scheduler: str | None = None) -> Iterator[Recorded]:
        """Ask the models about all files that the data set lacks; keep and yield each row.

        What came is kept, whatever ends this.

        Parameters
        ----------
        files : iterable of Listed
        scheduler : str, optional
            The address of a Dask cluster that does it; this machine's cores otherwise.

        Raises
        ------
        MissingExtraError, NetworkError
            The cluster cannot be asked.
        StorageError
        """
        asked: dict[str, tuple[str | None, Stamp]] = {}
        task = Task(self.request, self.ensemble, Recorder(self.columns, self.activations))
        missing = self._missing(files, asked)
        try:
            try:
                found = (
                    cluster.answers(task, missing, scheduler)
                    if scheduler
                    else answers(task, missing)
                )
                for recorded in found:
                    id, stamp = asked.pop(recorded.file)
                    if self.id_column:
                        recorded.cells[self.id_column] = None if id is None else printable(id)
                    self.dataset.add(recorded.cells, stamp)
                    yield recorded
            finally:
                self.dataset.flush()
        finally:
            self.dataset.close()

    def _missing(
        self, files: Iterable[Listed], asked: dict[str, tuple[str | None, Stamp]]
    ) -> Iterator[str]:
        """The files to hear, each once, with a note of what stands beside their results."""
        for file, id in files:
            self.files += 1
            stamp = stamp_of(file) or NEVER_CHANGED
            if file in asked or self.dataset.is_done(file, stamp):
                self.already += 1
                continue
            asked[file] = id, stamp
            yield file


class Recorded(NamedTuple):
    """The row of a file, and what was wrong with it."""

    file: str
    cells: Cells
    errors: list[ZooError]


@dataclass(frozen=True)
class Recorder:
    """Makes a row of what models say of a file."""

    columns: Columns
    activations: bool

    def __call__(self, results: list[Result]) -> Recorded:
        cells = self.columns.cells(rows.row(rows.kept(results, whole=False)))
        for result in results if self.activations else ():
            if found := result.prediction:
                cells[f"{result.model}/activations"] = list(found.activations)
                cells[f"{result.model}/times"] = found.times
        return Recorded(results[0].file, cells, [each.error for each in results if each.error])


def _schema(columns: Columns, id_column: str | None, activations: bool) -> pyarrow.Schema:
    import pyarrow

    schema = columns.schema()
    if id_column:
        schema = schema.insert(1, pyarrow.field(id_column, pyarrow.string()))
    for id, layout in columns.models.items() if activations else ():
        assert layout
        frame = pyarrow.list_(pyarrow.float32(), len(layout.classes))
        schema = schema.append(pyarrow.field(f"{id}/activations", pyarrow.list_(frame)))
        schema = schema.append(pyarrow.field(f"{id}/times", pyarrow.list_(pyarrow.float64())))
    return schema
