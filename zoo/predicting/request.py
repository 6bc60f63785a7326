"""What is asked of models about files of audio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import MissingExtraError, NoError, NotFoundError, ZooError
from zoo.predicting.collection import source
from zoo.predicting.results import Result

if TYPE_CHECKING:
    from predictors.ensemble import Ensemble, Heard
    from predictors.features.patches import LastPatch
    from predictors.prediction import Prediction


@dataclass(frozen=True)
class Request:
    """What is asked of every model about every file."""

    layer: str
    patch_hop: int | None
    last_patch: LastPatch
    top: int | None
    threshold: float | None

    def run(self, ensemble: Ensemble, file: str) -> list[Result]:
        """Ask all models about a file."""
        ensemble.backbones(self.layer)  # a layer that does not exist is nobody's result
        models = [model.record.id for model in ensemble.models]
        try:
            heard = ensemble.hear(
                source(file), layer=self.layer, patch_hop=self.patch_hop, last_patch=self.last_patch
            )
        except (NoError, NotFoundError, MissingExtraError) as error:
            return [Result(file, model, self.layer, error=error) for model in models]
        return [self._result(file, model, heard) for model in models]

    def _result(self, file: str, model: str, heard: Heard) -> Result:
        answer = heard.answers[model]
        if isinstance(answer, ZooError):
            return Result(file, model, self.layer, error=answer)
        top = self._top(answer)
        return Result(file, model, self.layer, heard.duration, heard.silent, answer, top)

    def _top(self, prediction: Prediction) -> list[tuple[str, float]]:
        """The classes to show: as many as wanted, or all that reach the threshold."""
        if self.threshold is None:
            return prediction.top(self.top or 5)
        everything = prediction.top(self.top or len(prediction.classes))
        return [(name, score) for name, score in everything if score >= self.threshold]
