"""A model that listens: blocks of audio in, a prediction for each hop out."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError
from predictors.answer import Answer, non_silent
from predictors.audio import decoding
from predictors.audio.resampling import resampling
from predictors.backbone import Backbone
from predictors.features.patching import Patching
from predictors.heads import run_head

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from predictors.features.patches import LastPatch
    from predictors.model import Model
    from predictors.prediction import Prediction
    from predictors.runtimes.network import CompiledNetwork
    from predictors.runtimes.overlapping import Overlap


class Stream:
    """A model that listens.

    What it says does not depend on how the audio is divided into blocks, and is what
    `Predictor.predict` says of the whole. Memory does not grow with what was heard.

    Parameters
    ----------
    model : Model
    sample_rate : int, optional
        Of the audio, in hertz; the model's own if not given.
    layer, patch_hop, last_patch
        See `Predictor.predict`.

    Attributes
    ----------
    sample_rate : int
    span : float
        What the model looks at, in seconds: there is no prediction before.

    Raises
    ------
    UsageError
        The model has no such layer, or an option has no meaning for it.

    Warns
    -----
    UserWarning
        The model's family normalises a whole clip, which is not known here: what the stream
        says differs from `Predictor.predict`.
    """

    def __init__(
        self,
        model: Model,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: LastPatch = "discard",
    ) -> None:
        self._model = model
        self._layer = layer
        root, node = _root(model, layer)
        backbone = Backbone(root, (node,))
        family = backbone.family
        if family.normalize:
            warnings.warn(
                f"{root.record.id} is meant for whole clips, normalised. "
                "A stream is not normalised, so its predictions differ from those of a file.",
                stacklevel=3,  # whoever called `Predictor.stream`
            )
            family = replace(family, normalize=False)
        rate = family.frontend.sample_rate
        self.sample_rate = sample_rate if sample_rate is not None else rate
        if self.sample_rate <= 0:
            raise UsageError(f"A sample rate of {sample_rate} Hz is not valid.")
        self.span = family.shortest
        self._family = family
        self._hop = family.hop if patch_hop is None else patch_hop
        self._signal = resampling(self.sample_rate, rate)
        self._patching = Patching(family, self._hop, last_patch)
        shared = backbone.overlapping(self._hop, batch=1)
        self._network: CompiledNetwork | Overlap
        if shared:
            self._network = shared.begin()
        else:
            self._network = root.network(backbone.graph, family.shape, batch=1)
        self._heard = False
        self._given = 0
        self._answer(np.zeros((1, *family.shape), np.float32), model, layer)  # compiles heads

    def feed(self, block: ArrayLike) -> list[Prediction]:
        """Listen to the next block.

        Parameters
        ----------
        block : array_like [shape=(samples,) or (samples, channels)]
            Of any length. Floating-point samples, ±1 being full scale, or integers, which are
            scaled by their type.

        Returns
        -------
        list of Prediction
            One for each patch that is complete now, its time counted from the first block.

        Raises
        ------
        UsageError
            The block has another shape or type.
        AudioError
            It holds values that are no numbers, or far beyond ±1.
        """
        samples = decoding.mono(np.asarray(block))
        self._heard |= len(samples) > 0
        return self._predictions(self._patching.feed(self._signal.feed(samples)))

    def finish(self) -> list[Prediction]:
        """Hear that the audio is over; return what its end still gives."""
        if not self._heard:
            return []
        rest = self._patching.feed(self._signal.finish())
        return self._predictions(np.concatenate([rest, *self._patching.finish()]))

    def _predictions(self, patches: NDArray[np.float32]) -> list[Prediction]:
        if not len(patches):
            return []
        answer = self._answer(patches, self._model, self._layer)
        self._given += len(patches)
        rows = len(answer.output) // len(patches)
        parts = (
            replace(
                answer,
                output=answer.output[i * rows : (i + 1) * rows],
                times=answer.times[i : i + 1],
                non_silent=answer.non_silent[i : i + 1],
            )
            for i in range(len(patches))
        )
        return [part.prediction(self._model.record, self._layer) for part in parts]

    def _answer(self, patches: NDArray[np.float32], model: Model, layer: str) -> Answer:
        """What a model says: of the patches, or of what its extractor says."""
        if model.extractor:
            embeddings = self._answer(patches, model.extractor, model.reads)
            node = model.record.layer(layer).name
            return run_head(model, embeddings, model.extractor.record, node)
        (output,) = self._network(patches)
        times = (self._given + np.arange(len(patches))) * self._hop / self._family.frame_rate
        sound = non_silent(patches)
        return Answer(self._family, output, times, sound, self._family.reach)


def _root(model: Model, layer: str) -> tuple[Model, str]:
    """The model that is fed the audio, and the node of it that is asked."""
    if model.extractor:
        return _root(model.extractor, model.reads)
    return model, model.record.layer(layer).name
