"""A model that listens: blocks of audio in, a prediction for each hop out."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError
from predictors import audio, families
from predictors.network import Network
from predictors.patching import Patching
from predictors.predictor import Answer
from predictors.resampling import resampling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from predictors.network import Graph
    from predictors.patches import LastPatch
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor


class Stage:
    """A network that runs without waiting for a batch to be full.

    Parameters
    ----------
    predictor : Predictor
    layer : str
    """

    def __init__(self, predictor: Predictor, layer: str) -> None:
        self.predictor = predictor
        self.graph: Graph = predictor._graph(predictor.record.layer(layer).name)
        self._network: Network | None = None

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        if not self._network:
            self._network = Network(self.graph, tensor.shape[1:], self.predictor.runtime, batch=1)
        (output,) = self._network(tensor)
        return output


class Stream:
    """A model that listens.

    What it says does not depend on how the audio is divided into blocks, and is what
    `Predictor.predict` says of the whole. Memory does not grow with what was heard.

    Parameters
    ----------
    predictor : Predictor
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
        predictor: Predictor,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: LastPatch = "discard",
    ) -> None:
        self._predictor = predictor
        self._layer = layer
        self._stages = _stages(predictor, layer)
        root = self._stages[0]
        family = families.choose(root.predictor.record, root.graph.shape[1:])
        if family.normalize:
            warnings.warn(
                f"{root.predictor.record.id} is meant for clips that are normalised as a whole. "
                "A stream does without, so its predictions differ from those of a file.",
                stacklevel=3,  # whoever called `Predictor.stream`
            )
            family = replace(family, normalize=False)
        rate = family.frontend.sample_rate
        self.sample_rate = sample_rate if sample_rate is not None else rate
        if self.sample_rate <= 0:
            raise UsageError(f"A sample rate of {sample_rate} Hz has no meaning.")
        self.span = family.shortest
        self._family = family
        self._hop = family.hop if patch_hop is None else patch_hop
        self._signal = resampling(self.sample_rate, rate, predictor.resampler)
        self._patching = Patching(family, self._hop, last_patch)
        self._heard = False
        self._given = 0
        self._run(np.zeros((1, *family.shape), np.float32))  # compiles the networks

    def feed(self, block: ArrayLike) -> list[Prediction]:
        """Listen to the next block.

        Parameters
        ----------
        block : array_like [shape=(samples,) or (samples, channels)]
            Of any length. Floating-point samples, clipped to ±1, or integers, which are scaled
            by their type.

        Returns
        -------
        list of Prediction
            One for each patch that is complete now, its time counted from the first block.

        Raises
        ------
        UsageError
            The block has another shape or type.
        AudioError
            It holds values that are no numbers.
        """
        samples = audio.mono(np.asarray(block))
        self._heard |= len(samples) > 0
        return self._predictions(self._patching.feed(self._signal.feed(samples)))

    def finish(self) -> list[Prediction]:
        """Hear that the audio is over; return what its end still gives."""
        if not self._heard:
            return []
        rest = self._patching.feed(self._signal.finish())
        return self._predictions(np.concatenate([rest, self._patching.finish()]))

    def _predictions(self, tensor: NDArray[np.float32]) -> list[Prediction]:
        if not len(tensor):
            return []
        last, output = self._run(tensor)
        rows, fed = len(output) // len(tensor), len(last) // len(tensor)
        found = []
        for i in range(len(tensor)):
            answer = Answer(
                None if len(self._stages) > 1 else self._family,
                last[i * fed : (i + 1) * fed],
                output[i * rows : (i + 1) * rows],
                np.array([self._given * self._hop / self._family.frame_rate]),
            )
            found.append(self._predictor._prediction(answer, self._layer))
            self._given += 1
        return found

    def _run(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the networks one after the other: what the last one was fed, and its output."""
        root, *heads = self._stages
        output = root.run(tensor)
        for head in heads:
            extractor = head.predictor.extractor
            assert extractor is not None
            tensor = head.predictor._embeddings(output, head.graph, extractor.record)
            output = head.run(tensor)
        return tensor, output


def _stages(predictor: Predictor, layer: str) -> list[Stage]:
    """The networks from the one that is fed audio to the one that is asked."""
    below = []
    if predictor.extractor:
        named = predictor.record.extractor
        below = _stages(predictor.extractor, (named and named.layer) or "embeddings")
    return [*below, Stage(predictor, layer)]
