"""Models over many files, taken up again where an earlier run stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError
from zoo import api
from zoo.predicting.places import places
from zoo.predicting.pool import answers
from zoo.predicting.results import Result
from zoo.predicting.task import Task
from zoo.predicting.writer import OutputWriter

if TYPE_CHECKING:
    from predictors.ensemble import Ensemble
    from zoo.finding import Found
    from zoo.predicting.request import Request

log = logging.getLogger("zoo")

Row = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """Models over files of audio, the results of each file written as they come.

    Attributes
    ----------
    request : Request
    ensemble : Ensemble
    files : mapping of str to Path
        Each file's place in a folder of results.
    writer : OutputWriter
    """

    request: Request
    ensemble: Ensemble
    files: Mapping[str, Path]
    writer: OutputWriter

    @classmethod
    def prepared(
        cls,
        models: Sequence[Found],
        files: Mapping[str, Path],
        request: Request,
        *,
        runtime: str = "openvino",
        to: Path | None = None,
        plot: Path | None = None,
        whole: bool = False,
        force: bool = False,
        keep_descriptors: Path | None = None,
    ) -> Run:
        """Check where results go, then make the models ready.

        Parameters
        ----------
        models : sequence of Found
        files : mapping of str to Path
            See `collection.audio_files`.
        request : Request
        runtime
            See `zoo.load`.
        to, plot : Path, optional
            Takes the results, and pictures of them.
        whole : bool
            Whether `earlier` is asked for what an earlier run found.
        force : bool
            Whether to begin anew, whatever is there.
        keep_descriptors : Path, optional
            A folder for the descriptors of audio, a file each.

        Raises
        ------
        UsageError, MissingExtraError
            A format is unknown, cannot hold the results, or needs a package; what is there
            was not written by zoo with these models and options, or is being written now.
        """
        ids = [model.record.id for model in models]
        writer = OutputWriter.checked(files, ids, request.layer, to, plot, force=force)
        keep = places(keep_descriptors, files, ".json") if keep_descriptors else None
        ensemble = api.ensemble(models, runtime, keep)
        options = {**request.options(), "runtime": runtime}
        writer.begin(options, ensemble.models, files, whole=whole, force=force)
        return cls(request, ensemble, files, writer)

    @cached_property
    def missing(self) -> list[str]:
        """The files that an earlier run has not finished."""
        return self.writer.missing()

    @property
    def journal(self) -> Path | None:
        """What the next run goes on with, if this one is interrupted."""
        return self.writer.journal.path if self.writer.journal else None

    def earlier(self) -> dict[str, list[Row]]:
        """The rows of the document of files that an earlier run finished."""
        missing = set(self.missing)
        done = [file for file in self.files if file not in missing]
        return dict(zip(done, map(self._document, self.writer.earlier(done)), strict=True))

    def results(self) -> Iterator[list[Result]]:
        """Ask the models about the missing files; write and yield the results of each.

        Raises
        ------
        MissingExtraError
            There is one file, and an extra is all that it needs.
        StorageError
        """
        if count := len(self.files) - len(self.missing):
            log.info("%d of %d files were already done.", count, len(self.files))
        said: set[str] = set()
        named = {each.record.id: len(each.record.classes) for each in self.ensemble.models}
        task = Task(self.request, self.ensemble, list[Result])
        try:
            for results in answers(task, self.missing):
                for result in results if len(self.files) == 1 else ():
                    if isinstance(result.error, MissingExtraError):
                        raise result.error
                if results[0].silent:
                    log.info("%s is silent: its predictions mean nothing.", results[0].file)
                for note in results[0].notes:
                    if note not in said:
                        log.warning(note)
                        said.add(note)
                _compare_classes(results, named)
                yield list(self.writer.keep(results))
            all_rows = map(partial(self._document, activations=True), self.writer.earlier())
            self.writer.finish(chain.from_iterable(all_rows))
        finally:
            self.writer.close()

    def _document(self, results: Iterable[Result], *, activations: bool = False) -> list[Row]:
        """Rows of the document that ``--json`` prints, of results that were kept."""
        return [
            replace(
                result, top=self.request.shown(result.prediction) if result.prediction else ()
            ).to_json(activations=activations)
            for result in results
        ]


def _compare_classes(results: Iterable[Result], named: dict[str, int]) -> None:
    """Warn once per model whose record names more classes, or fewer, than the network has.

    Parameters
    ----------
    results : iterable of Result
    named : dict of str to int
        How many classes the records name, of the models that were not compared yet.
    """
    for result in results:
        if result.prediction and (count := named.pop(result.model, 0)):
            width = len(result.prediction.classes)
            if result.layer in ("predictions", "logits") and count != width:
                log.warning(
                    "The record of %s names %d classes, but the network has %d: "
                    "they are numbered here.",
                    *(result.model, count, width),
                )
