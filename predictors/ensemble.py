"""Several models that hear the same audio: what they share is computed once.

Audio is decoded once, and block by block, so that memory does not grow with its length. It is
resampled once for each sample rate and made into patches once for each kind of patch. Each
network runs once: heads read what their extractor has said already.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from catalog.errors import NoError
from predictors import arrays
from predictors.audio import decoding
from predictors.audio.resampling import resampling
from predictors.backbone import Backbone, Run
from predictors.features.patching import Patching
from predictors.heads import run_head
from predictors.runtimes.openvino_engine import import_openvino

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from predictors.answer import Answer
    from predictors.audio.resampling import Resampling
    from predictors.audio.sources import Source
    from predictors.backbone import Kind
    from predictors.features.patches import LastPatch
    from predictors.model import Model
    from predictors.prediction import Prediction

    Pieces = Iterator[dict[Kind, NDArray[np.float32]]]


log = logging.getLogger("zoo")


@dataclass
class Heard:
    """What was heard, and what the models say of it.

    Attributes
    ----------
    name : str
    duration : float
        In seconds; 0 where patches or embeddings were given.
    peak : float
    answers : dict
        From a model's id to its prediction, or why there is none.
    notes : list of str
        What is to be known of the answers, each note to be said once.
    """

    name: str = ""
    duration: float = 0
    peak: float = 0
    answers: dict[str, Prediction | NoError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        return self.peak < decoding.SILENCE

    def add(self, sound: decoding.Audio) -> None:
        """Take note of the next piece."""
        self.name = sound.name
        self.duration += sound.duration
        self.peak = max(self.peak, float(np.abs(sound.samples).max()))


class Ensemble:
    """Models that are asked about the same audio.

    Parameters
    ----------
    models : iterable of Model

    Attributes
    ----------
    hears_audio : bool
    """

    hears_audio = True

    def __init__(self, models: Iterable[Model]) -> None:
        self.models = tuple(models)
        self._said: set[str] = set()
        self._backbones: dict[str, tuple[Backbone, ...]] = {}

    def __repr__(self) -> str:
        return f"<Ensemble of {', '.join(model.record.id for model in self.models)}>"

    def predict(
        self,
        source: Source | ArrayLike | decoding.Audio,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: LastPatch = "discard",
    ) -> dict[str, Prediction]:
        """Run all models over a piece of audio; see `Predictor.predict`.

        Returns
        -------
        dict of str to Prediction
            By the models' ids.
        """
        heard = self.hear(
            source, sample_rate, layer=layer, patch_hop=patch_hop, last_patch=last_patch
        )
        for note in heard.notes:
            if note not in self._said:
                log.warning(note)
                self._said.add(note)
        for found in heard.answers.values():
            if isinstance(found, NoError):
                raise found
        return cast("dict[str, Prediction]", heard.answers)

    def hear(
        self,
        source: Source | ArrayLike | decoding.Audio,
        sample_rate: int | None = None,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: LastPatch = "discard",
    ) -> Heard:
        """Run all models; where one of them can say nothing, the reason is its answer."""
        if isinstance(source, np.ndarray) and sample_rate is None:
            fed = [arrays.answer(model, source, layer, patch_hop) for model in self.models]
            if all(fed):
                answers_of = zip(self.models, filter(None, fed), strict=True)
                return Heard(
                    peak=1,  # of audio that nobody heard
                    answers={
                        model.record.id: answer.prediction(model.record, layer)
                        for model, answer in answers_of
                    },
                )
        backbones = self.backbones(layer)
        runs = [Run(backbone, patch_hop, last_patch) for backbone in backbones]
        rates = {_rate(run.kind) for run in runs}
        rate = rates.pop() if sample_rate is None and len(rates) == 1 else sample_rate
        sounds = decoding.pieces(source, rate)
        heard = Heard()
        pieces = self._pieces(sounds, {run.kind for run in runs}, heard)
        if any(backbone.model.runtime == "openvino" for backbone in backbones):
            import_openvino()  # alone, as imports wait for each other, and compiling for none
        with ThreadPoolExecutor(1) as thread:
            following = thread.submit(next, pieces, None)
            for backbone in backbones:
                backbone.network  # noqa: B018  (compiled while the first block is decoded)
            while (piece := following.result()) is not None:
                following = thread.submit(next, pieces, None)
                for run in runs:
                    if run.kind in piece:
                        run.feed(piece[run.kind])
        for run in runs:
            run.finish()
        answers = {run.backbone.model.path: run for run in runs}
        for model in self.models:
            try:
                answer = _answer(model, layer, answers, heard)
                heard.answers[model.record.id] = answer.prediction(model.record, layer)
            except NoError as error:
                heard.answers[model.record.id] = error
        return heard

    def backbones(self, layer: str) -> tuple[Backbone, ...]:
        """The networks that are fed audio, each with all nodes that are asked of it.

        Raises
        ------
        NotFoundError
            A model has no such layer.
        """
        if layer not in self._backbones:
            nodes: dict[Path, tuple[Model, dict[str, None]]] = {}
            for model in self.models:
                root, of = model, layer
                while root.extractor:
                    root, of = root.extractor, root.reads
                _, asked = nodes.setdefault(root.path, (root, {}))
                asked[root.record.layer(of).name] = None
            self._backbones[layer] = tuple(Backbone(root, tuple(a)) for root, a in nodes.values())
        return self._backbones[layer]

    def _pieces(self, sounds: Iterator[decoding.Audio], kinds: set[Kind], heard: Heard) -> Pieces:
        """The patches of each kind, as pieces of audio come."""
        patchings = {kind: Patching(*kind) for kind in kinds}
        signals: dict[int, Resampling] = {}
        for sound in sounds:
            heard.add(sound)
            if not signals:
                signals = self._resamplings(sound.sample_rate, kinds)
            ready = {rate: signal.feed(sound.samples) for rate, signal in signals.items()}
            yield {kind: patchings[kind].feed(ready[_rate(kind)]) for kind in kinds}
        ready = {rate: signal.finish() for rate, signal in signals.items()}
        yield {kind: patchings[kind].feed(ready[_rate(kind)]) for kind in kinds}
        for kind in kinds:
            for patches in patchings[kind].finish():
                yield {kind: patches}

    def _resamplings(self, origin: int, kinds: set[Kind]) -> dict[int, Resampling]:
        """One for each sample rate that is wanted."""
        return {rate: resampling(origin, rate) for rate in set(map(_rate, kinds))}


def _rate(kind: Kind) -> int:
    return kind[0].frontend.sample_rate


def _answer(model: Model, layer: str, runs: Mapping[Path, Run], heard: Heard) -> Answer:
    """What a model says: of the audio, or of what its extractor says."""
    node = model.record.layer(layer).name
    if model.extractor is None:
        return runs[model.path].answer(node, heard.name, heard.duration)
    embeddings = _answer(model.extractor, model.reads, runs, heard)
    return run_head(model, embeddings, model.extractor.record, node)
