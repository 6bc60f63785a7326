"""What ``--output`` and ``--plot`` keep of the results."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from catalog.storage import save
from predictors.prediction import require_picture
from zoo.predicting.journal import Journal
from zoo.predicting.places import csv, is_folder, npz, places
from zoo.predicting.tables import require_parquet, write_csv, write_json, write_parquet

if TYPE_CHECKING:
    from zoo.predicting.journal import Row
    from zoo.predicting.results import Result

log = logging.getLogger("zoo")

_TABLES = (".csv", ".json", ".jsonl", ".parquet")


@dataclass(frozen=True)
class OutputWriter:
    """Writes what --output and --plot ask for.

    Attributes
    ----------
    arrays, plots : dict
        From a file of audio to the file that takes its results.
    overview : Path or None
        Takes one picture of all files.
    table : Path or None
        Takes the results of all files.
    journal : Journal or None
        The rows so far, of all that an interrupted run can take up again.
    """

    arrays: Mapping[str, Path]
    plots: Mapping[str, Path]
    overview: Path | None
    table: Path | None
    journal: Journal | None

    @classmethod
    def checked(
        cls,
        files: Mapping[str, Path],
        models: Sequence[str],
        layer: str,
        settings: Row,
        to: Path | None,
        plot: Path | None,
    ) -> OutputWriter:
        """Find out where everything goes before any work is done.

        Parameters
        ----------
        files : mapping of str to Path
            Each file's place in a folder of results.
        models : sequence of str
        layer : str
        settings : dict
            What the numbers depend on.
        to, plot : Path or None
            What the user asked for.

        Raises
        ------
        UsageError
            A format is unknown, or cannot hold what it is asked to.
        MissingExtraError
            A format needs a package that is not installed.
        """
        if to and not is_folder(to) and to.suffix not in (".npz", *_TABLES):
            known = ", ".join((".npz", *_TABLES))
            raise UsageError(f"{to} has an unsupported format.", hint=f"Supported: {known}.")
        if plot and not is_folder(plot):
            require_picture(plot)
        over_time = to and to.suffix == ".csv" and len(files) == len(models) == 1
        table = to if to and not is_folder(to) and to.suffix in _TABLES and not over_time else None
        arrays = places(to, files, ".npz") if to and not table else {}
        together = layer == "embeddings" and len(files) > 1
        overview = plot if plot and together and not is_folder(plot) else None
        plots = places(plot, files, ".png") if plot and not overview else {}
        if table and table.suffix == ".parquet":
            require_parquet(table)
        journal = None
        target = to or overview
        if target and (table or len(files) > 1):
            path = target if target.suffix == ".jsonl" else Path(f"{target}.part")
            journal = Journal(path, settings, activations=target.suffix == ".json")
        return cls(arrays, plots, overview, table, journal)

    def missing(self, files: Iterable[str], models: Sequence[str], layer: str) -> list[str]:
        """The files about which an earlier run left something to be said."""
        done = self.journal.done if self.journal else set()
        return [file for file in files if any((file, id, layer) not in done for id in models)]

    def earlier(self, files: Collection[str], models: Collection[str], layer: str) -> Iterator[Row]:
        """The rows that an earlier run left."""
        for row in self.journal.rows() if self.journal else ():
            if row["file"] in files and row["model"] in models and row["layer"] == layer:
                row.pop("activations", None)
                yield row

    def keep(self, results: Sequence[Result]) -> None:
        """Write the results of one file; its rows come last, as they say that all is written."""
        predictions = [result.prediction for result in results if result.prediction]
        file = results[0].file
        if predictions and (path := self.arrays.get(file)):
            save(path, csv(predictions) if path.suffix == ".csv" else npz(predictions))
            log.info("Wrote %s", path)
        if plot := self.plots.get(file):
            from predictors.plots.one_file import draw

            for prediction in predictions:
                path = of_model(plot, prediction.model, len(results))
                save(path, draw(prediction, path.suffix, Path(file).name))
                log.info("Wrote %s", path)
        if self.journal:
            self.journal.add(results)

    def finish(self, files: Collection[str], models: Sequence[str], layer: str) -> None:
        """Write what shows all files: the table, and the picture."""
        if self.journal is None:
            return
        if self.table:
            rows = self.journal.rows()
            if self.table.suffix == ".csv":
                write_csv(self.table, rows, models)
            elif self.table.suffix == ".json":
                write_json(self.table, rows)
            elif self.table.suffix == ".parquet":
                write_parquet(self.table, rows)
            log.info("Wrote %s", self.table)
        if self.overview:
            self._draw(self.overview, files, models, layer)
        if self.journal.path != self.table:
            self.journal.remove()

    def _draw(self, to: Path, files: Collection[str], models: Sequence[str], layer: str) -> None:
        """Draw how alike the files are, as each model hears them."""
        from predictors.plots.many_files import draw

        means: dict[str, dict[str, list[float]]] = {}
        for row in self.earlier(files, models, layer):
            if row["mean"]:
                means.setdefault(row["model"], {})[row["file"]] = row["mean"]
        for model, of_files in means.items():
            if len(of_files) > 1:
                path = of_model(to, model, len(models))
                in_order = {file: of_files[file] for file in files if file in of_files}
                save(path, draw(in_order, model, path.suffix))
                log.info("Wrote %s", path)


def of_model(path: Path, model: str, models: int) -> Path:
    """Where a model's picture goes: of several, each has its model's name behind its own."""
    return path.with_name(f"{path.stem}-{model}{path.suffix}") if models > 1 else path
