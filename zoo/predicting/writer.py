"""What ``--output`` and ``--plot`` keep of the results."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError, ZooError
from catalog.storage import ELSEWHERE, save, storage_errors
from predictors.prediction import require_picture
from zoo.predicting.places import csv, is_folder, npz, places
from zoo.predicting.request import failed, unforeseen
from zoo.predicting.results import printable, same_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from predictors.model import Model
    from zoo.predicting.journal import Journal
    from zoo.predicting.results import Result
    from zoo.predicting.settings import Stamp

log = logging.getLogger("zoo")

_ENDINGS = (".npz", ".csv", ".json", ".jsonl", ".parquet")


@dataclass
class OutputWriter:
    """Writes what --output and --plot ask for.

    Attributes
    ----------
    models : sequence of str
    to, plot : Path or None
        What the user asked for.
    arrays, plots : dict
        From a file of audio to the file that takes its results.
    table : Path or None
        Takes a row of each file.
    overview : Path or None
        Takes one picture of all files.
    journal : Journal or None
        The rows so far, of all that an interrupted run can take up again.
    stamps : dict
        Size and time of each file of audio, before it is heard; None where there is no journal.
    """

    models: Sequence[str]
    to: Path | None
    plot: Path | None
    arrays: Mapping[str, Path]
    plots: Mapping[str, Path]
    table: Path | None
    overview: Path | None
    journal: Journal | None = None
    stamps: dict[str, Stamp | None] = field(default_factory=dict)

    @classmethod
    def checked(
        cls,
        files: Mapping[str, Path],
        models: Sequence[str],
        layer: str,
        to: Path | None,
        plot: Path | None,
        *,
        force: bool = False,
    ) -> OutputWriter:
        """Find out where everything goes before any work is done.

        Parameters
        ----------
        files : mapping of str to Path
            Each file's place in a folder of results.
        models : sequence of str
        layer : str
        to, plot : Path or None
            What the user asked for.
        force : bool
            Whether a table of many files may be overwritten.

        Raises
        ------
        UsageError
            A format is unknown, or cannot hold what it is asked to.
        MissingExtraError
            A format needs a package that is not installed.
        """
        if to and not is_folder(to) and to.suffix not in _ENDINGS:
            raise UsageError(
                f"{to} has an unsupported format.", hint=f"Supported: {', '.join(_ENDINGS)}."
            )
        if plot and not is_folder(plot):
            require_picture(plot)
        table = to if to and not is_folder(to) and not _is_of_one(to, files, models) else None
        if to and not table and not is_folder(to) and not force:
            from zoo.predicting.journal import foreign, journal_path

            if journal_path(to).exists():
                raise foreign(to, "It is a table of many files, and this is one.")
        arrays = places(to, files, ".npz") if to and not table else {}
        together = layer == "embeddings" and len(files) > 1
        overview = plot if plot and together and not is_folder(plot) else None
        plots = places(plot, files, ".png") if plot and not overview else {}
        if table and table.suffix == ".parquet":
            from zoo.predicting.tables import require_parquet

            require_parquet(table)
        return cls(models, to, plot, arrays, plots, table, overview)

    def begin(
        self,
        options: Mapping[str, Any],
        models: Iterable[Model],
        files: Iterable[str],
        *,
        whole: bool,
        force: bool,
    ) -> None:
        """Open the journal where there is to be one.

        Parameters
        ----------
        options : dict
            What the user chose, so far as numbers depend on it.
        models : iterable of Model
        files : iterable of str
        whole : bool
            Whether the rows of an earlier run are needed with their activations.
        force : bool
            Whether to begin anew.

        Raises
        ------
        UsageError
            What is there was not written by zoo with these models and options.
        """
        self.stamps = dict.fromkeys(files)
        kept = self.to if self.table or (self.to and is_folder(self.to)) else None
        target = kept or self.overview
        if target is None:
            return
        from zoo.predicting.journal import Journal, foreign
        from zoo.predicting.settings import Settings, digests, stamp_of

        self.stamps = {file: stamp_of(file) for file in self.stamps}
        settings = Settings(options, {model.record.id: digests(model) for model in models})
        whole = whole or target.suffix == ".json"
        self.journal = Journal(target, settings, self.stamps, whole=whole, force=force)
        for file, path in self.arrays.items():
            if path.exists() and not (force or self.journal.knows(file)):
                self.journal.close()
                raise foreign(path, "This version of zoo did not write it.")

    def missing(self) -> list[str]:
        """The files about which an earlier run left something to be said."""
        return [file for file in self.stamps if not self._is_done(file)]

    def earlier(self, files: Iterable[str] | None = None) -> Iterator[list[Result]]:
        """The results over time that were kept of files, of all if none are named."""
        return self.journal.results(files) if self.journal else iter(())

    def keep(self, results: Sequence[Result]) -> Sequence[Result]:
        """Write the results of one file: its row, then its arrays and pictures.

        The row is good only together with these, which are therefore not there before it.

        Returns
        -------
        sequence of Result
            What was written: errors, where a picture cannot be drawn.
        """
        file = results[0].file
        contents: dict[Path, bytes] = {}
        try:
            contents = dict(self._contents(results))
        except ZooError:
            raise
        except Exception as error:
            results = failed(file, self.models, results[0].layer, unforeseen(file, error))
        if self.journal:
            with storage_errors(self.journal.target, ELSEWHERE):
                for path in self._outputs(file):
                    path.unlink(missing_ok=True)
            self.journal.add(results, self.stamps[file])
        for path, content in contents.items():
            save(path, content)
            if path in (self.to, self.plot) or len(self.stamps) == 1:
                log.info("Wrote %s", path)
        return results

    def _contents(self, results: Sequence[Result]) -> Iterator[tuple[Path, bytes]]:
        """What is written of one file alone, and where."""
        file = results[0].file
        predictions = [result.prediction for result in results if result.prediction]
        if predictions and (array := self.arrays.get(file)):
            if array.suffix == ".json":
                rows = [result.to_json(activations=True) for result in results]
                yield array, (json.dumps({"results": rows}, ensure_ascii=False) + "\n").encode()
            else:
                yield array, csv(predictions) if array.suffix == ".csv" else npz(predictions)
        for prediction in predictions if file in self.plots else ():
            from predictors.plots.one_file import draw

            path = of_model(self.plots[file], prediction.model, len(results))
            yield path, draw(prediction, path.suffix, printable(Path(file).name))

    def finish(self, document: Iterable[object]) -> None:
        """Write what shows all files: the table, and the picture.

        Parameters
        ----------
        document : iterable of dict
            The rows of the document that ``--json`` prints, with activations.
        """
        if self.table and self.journal:
            from zoo.predicting.tables import write

            write(self.table, self.journal, document)
            log.info("Wrote %s", self.table)
        if self.overview:
            self._draw(self.overview)
        for target in filter(None, (self.to, self.plot)):
            if is_folder(target):
                log.info("Wrote %s", target)
        if self.journal and not self.to:
            self.journal.remove()

    def close(self) -> None:
        """Let other runs write the same."""
        if self.journal:
            self.journal.close()

    def _is_done(self, file: str) -> bool:
        done = self.journal and self.journal.is_done(file, self.stamps[file])
        return bool(done) and all(path.exists() for path in self._outputs(file))

    def _outputs(self, file: str) -> list[Path]:
        """What is written of one file alone."""
        arrays = [self.arrays[file]] if file in self.arrays else []
        plot, count = self.plots.get(file), len(self.models)
        return arrays + [of_model(plot, model, count) for model in self.models if plot]

    def _draw(self, to: Path) -> None:
        """Draw how alike the files are, as each model hears them."""
        from predictors.plots.many_files import draw

        assert self.journal
        order = list(map(same_name, self.stamps))
        means: dict[str, dict[str, NDArray[np.float32]]] = {}
        for row in self.journal.rows():
            for model, mean in row.means.items():
                means.setdefault(model, {})[row.file] = mean
        for model, of_files in means.items():
            named = {printable(file): of_files[file].tolist() for file in order if file in of_files}
            if len(named) > 1:
                path = of_model(to, model, len(self.models))
                save(path, draw(named, model, path.suffix))
                log.info("Wrote %s", path)


def of_model(path: Path, model: str, models: int) -> Path:
    """Where a model's picture goes: of several, each has its model's name behind its own."""
    return path.with_name(f"{path.stem}-{model}{path.suffix}") if models > 1 else path


def _is_of_one(to: Path, files: Mapping[str, Path], models: Sequence[str]) -> bool:
    """Tell whether a file takes what is said of one file over time, and is no table."""
    return len(files) == 1 and (
        to.suffix in (".npz", ".json") or (to.suffix == ".csv" and len(models) == 1)
    )
