"""What is done with each of many files, here or in another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from catalog.errors import AudioError
from zoo.predicting.request import failed

if TYPE_CHECKING:
    from predictors.ensemble import Ensemble
    from zoo.predicting.request import Request
    from zoo.predicting.results import Result

T = TypeVar("T")


@dataclass(frozen=True)
class Task(Generic[T]):
    """Models are asked about a file, and something is made of their results.

    Attributes
    ----------
    request : Request
    ensemble : Ensemble
    made : callable
        What to keep of the results of a file: all that goes from one process to another.
    """

    request: Request
    ensemble: Ensemble
    made: Callable[[list[Result]], T]

    def __call__(self, file: str) -> T:
        """Ask about a file."""
        return self.made(self.request.run(self.ensemble, file))

    def prepare(self) -> None:
        """Try the networks out, before other processes do."""
        for backbone in self.ensemble.backbones(self.request.layer):
            backbone.try_out()

    def deadly(self, file: str) -> T:
        """What is made of a file that ended the process that read it."""
        error = AudioError(
            f"{file} ended the worker process that read it.",
            why="Memory may have run out, or the file may crash the decoder.",
        )
        models = [model.record.id for model in self.ensemble.models]
        return self.made(failed(file, models, self.request.layer, error))
