"""What is asked of models about files of audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import MissingExtraError, NoError, NotFoundError
from zoo.results import Result

if TYPE_CHECKING:
    from catalog.errors import ZooError
    from predictors.audio import Audio
    from predictors.patches import LastPatch
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor


@dataclass(frozen=True)
class Question:
    """What is asked of every model about every file."""

    layer: str
    patch_hop: int | None
    last_patch: LastPatch
    top: int | None
    threshold: float | None

    def ask(self, predictors: Sequence[Predictor], file: str) -> list[Result]:
        """Decode a file once and ask all models about it."""
        from predictors.audio import read

        try:
            sound = read(file)
        except (NoError, NotFoundError, MissingExtraError) as error:
            return [self._failed(file, predictor, error) for predictor in predictors]
        return [self._ask(predictor, sound, file) for predictor in predictors]

    def _ask(self, predictor: Predictor, sound: Audio, file: str) -> Result:
        try:
            prediction = predictor.predict(
                sound, layer=self.layer, patch_hop=self.patch_hop, last_patch=self.last_patch
            )
        except NoError as error:
            return self._failed(file, predictor, error)
        return Result(
            file,
            predictor.record.id,
            self.layer,
            sound.duration,
            sound.silent,
            prediction,
            self._top(prediction),
        )

    def _top(self, prediction: Prediction) -> list[tuple[str, float]]:
        """The classes to show: as many as wanted, or all that reach the threshold."""
        if self.threshold is None:
            return prediction.top(self.top or 5)
        everything = prediction.top(self.top or len(prediction.classes))
        return [(name, score) for name, score in everything if score >= self.threshold]

    def _failed(self, file: str, predictor: Predictor, error: ZooError) -> Result:
        return Result(file, predictor.record.id, self.layer, error=error)
