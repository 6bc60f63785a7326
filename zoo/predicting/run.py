"""Models over many files, taken up again where an earlier run stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import MissingExtraError
from zoo import api
from zoo.predicting.collection import STDIN
from zoo.predicting.pool import answers
from zoo.predicting.writer import OutputWriter

if TYPE_CHECKING:
    from predictors.audio.resampling import Resampler
    from predictors.ensemble import Ensemble
    from zoo.api import Found
    from zoo.predicting.journal import Row
    from zoo.predicting.request import Request
    from zoo.predicting.results import Result

log = logging.getLogger("zoo")


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
        resampler: Resampler = "essentia",
        to: Path | None = None,
        plot: Path | None = None,
    ) -> Run:
        """Check where results go, then make the models ready.

        Parameters
        ----------
        models : sequence of Found
        files : mapping of str to Path
            See `collection.audio_files`.
        request : Request
        runtime, resampler
            See `zoo.load`.
        to, plot : Path, optional
            Takes the results, and pictures of them.

        Raises
        ------
        UsageError, MissingExtraError
            A format is unknown, cannot hold the results, or needs a package.
        """
        settings = {
            "patch_hop": request.patch_hop,
            "last_patch": request.last_patch,
            "resampler": resampler,
        }
        ids = [model.record.id for model in models]
        writer = OutputWriter.checked(files, ids, request.layer, settings, to, plot)
        ensemble = api.load_many(models, runtime=runtime, resampler=resampler)
        return cls(request, ensemble, files, writer)

    @property
    def models(self) -> list[str]:
        """The identities of the models."""
        return [model.record.id for model in self.ensemble.models]

    @cached_property
    def missing(self) -> list[str]:
        """The files that an earlier run has not finished."""
        if STDIN in self.files:  # never the same again
            return [STDIN]
        return self.writer.missing(self.files, self.models, self.request.layer)

    def earlier(self) -> Iterator[Row]:
        """The rows that an earlier run left."""
        return self.writer.earlier(self.files, self.models, self.request.layer)

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
        named = {each.record.id: len(each.record.classes) for each in self.ensemble.models}
        for results in answers(self.request, self.ensemble, self.missing):
            for result in results if len(self.files) == 1 else ():
                if isinstance(result.error, MissingExtraError):
                    raise result.error
            if results[0].silent:
                log.info("%s is silent: its predictions mean nothing.", results[0].file)
            _compare_classes(results, named)
            self.writer.keep(results)
            yield results
        self.writer.finish(self.files, self.models, self.request.layer)


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
