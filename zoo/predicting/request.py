"""What is asked of models about files of audio."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from catalog.errors import AudioError, MissingExtraError, NoError, NotFoundError, ZooError, bug
from predictors.audio.decoding import Audio
from zoo.predicting.collection import source
from zoo.predicting.results import Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.ensemble import Ensemble, Heard
    from predictors.features.patches import LastPatch
    from predictors.prediction import Prediction
    from zoo.predicting.rows import Layout

SILENCE = Audio(np.zeros(30 * 16000, np.float32), 16000)
"""What models are asked about to know who is to blame, and what they say of any audio."""


@dataclass(frozen=True)
class Request:
    """What is asked of every model about every file."""

    layer: str
    patch_hop: int | None
    last_patch: LastPatch
    top: int | None
    threshold: float | None

    def options(self) -> dict[str, Any]:
        """What numbers depend on."""
        return {
            "layer": self.layer,
            "patch_hop": self.patch_hop,
            "last_patch": self.last_patch,
            "resampler": "essentia",  # soxr's numbers, which there were once, are others
        }

    def run(self, ensemble: Ensemble, file: str) -> list[Result]:
        """Ask all models about a file; whatever happens with it is its results' error."""
        ensemble.backbones(self.layer)  # a layer that does not exist is nobody's result
        models = [model.record.id for model in ensemble.models]
        try:
            with source(file) as sound:
                heard = self._hear(ensemble, sound)
            return [self._result(file, model, heard) for model in models]
        except (NoError, NotFoundError, MissingExtraError) as error:
            reason: ZooError = error
        except ZooError as error:
            if not ensemble.hears_audio:
                raise
            self._hear(ensemble, SILENCE)
            reason = error  # and no fault of the models, which would fail at anything
        except Exception as error:
            reason = unforeseen(file, error)
        return failed(file, models, self.layer, reason)

    def layouts(self, ensemble: Ensemble) -> dict[str, Layout]:
        """What each model says of any file, by the models' ids."""
        from zoo.predicting.rows import Layout

        if not ensemble.hears_audio:
            return {
                each.record.id: Layout(tuple(each.record.classes), ()) for each in ensemble.models
            }
        answers = self._hear(ensemble, SILENCE).answers
        for answer in answers.values():
            if isinstance(answer, NoError):
                raise answer
        predictions = cast("dict[str, Prediction]", answers)
        return {id: Layout.of(prediction) for id, prediction in predictions.items()}

    def _hear(self, ensemble: Ensemble, sound: str | BinaryIO | Audio | NDArray[Any]) -> Heard:
        return ensemble.hear(
            sound, layer=self.layer, patch_hop=self.patch_hop, last_patch=self.last_patch
        )

    def _result(self, file: str, model: str, heard: Heard) -> Result:
        answer = heard.answers[model]
        if isinstance(answer, ZooError):
            return Result(file, model, self.layer, heard.duration, error=answer, notes=heard.notes)
        top = self.shown(answer)
        return Result(
            file, model, self.layer, heard.duration, heard.silent, answer, top, notes=heard.notes
        )

    def shown(self, prediction: Prediction) -> list[tuple[str, float]]:
        """The classes to show: as many as wanted, or all that reach the threshold."""
        if self.threshold is None:
            return prediction.top(self.top or 5)
        everything = prediction.top(self.top or len(prediction.classes))
        return [(name, score) for name, score in everything if score >= self.threshold]


def failed(file: str, models: Iterable[str], layer: str, error: ZooError) -> list[Result]:
    """What models say about a file that none of them heard."""
    return [Result(file, model, layer, error=error) for model in models]


def unforeseen(file: str, error: Exception) -> ZooError:
    """What the system says of a file; anything else is a bug."""
    if isinstance(error, OSError):
        return AudioError(f"{file} cannot be read.", why=error.strerror or str(error))
    if isinstance(error, MemoryError):
        return AudioError(f"{file} needs more memory than there is.")
    found = bug(error)
    if os.environ.get("ZOO_DEBUG"):
        found.why = "".join(traceback.format_exception(error))
    return found
