"""Models that read descriptors of Essentia's extractor: histories of Gaia, and graphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from catalog.errors import DescriptorError, UsageError
from freeze.network_file import HistoryFile
from predictors.audio.decoding import ENDINGS
from predictors.descriptors import extraction, files, generations
from predictors.descriptors.chain import Chain
from predictors.descriptors.row import Row
from predictors.ensemble import Ensemble, Heard
from predictors.prediction import Prediction
from predictors.predictor import Predictor

if TYPE_CHECKING:
    from predictors.model import Model

LENGTH = "metadata.audio_properties.length"


def _opened(model: Model) -> Chain | Row:
    """What is asked of a model.

    Raises
    ------
    UsageError
        A history that does not classify.
    """
    if not isinstance(model.file, HistoryFile):
        return Row(model)
    chain = Chain(model.file.history, str(model.path))
    if not chain.classifier:
        raise UsageError(
            f"{model.record.id} makes no predictions.",
            why="Its history has no step that classifies.",
            hint=f"To see what it does: zoo inspect {model.path}",
        )
    return chain


def _duration(given: Mapping[str, Any]) -> float:
    """Of the piece, in seconds; 0 if it is not told."""
    length = given.get(LENGTH)
    return float(length) if isinstance(length, int | float) and length > 0 else 0


class DescriptorEnsemble(Ensemble):
    """Models that are asked about the same descriptors.

    Parameters
    ----------
    models : iterable of Model
    keep : mapping of str to Path, optional
        From a file of audio to the one that keeps its descriptors.
    """

    hears_audio = False

    def __init__(self, models: Iterable[Model], keep: Mapping[str, Path] | None = None) -> None:
        super().__init__(models)
        self._keep = keep or {}
        self._read = {model.record.id: _opened(model) for model in self.models}

    def hear(self, source: Any, *_: Any, layer: str = "predictions", **__: Any) -> Heard:
        """Ask all models about descriptors.

        Parameters
        ----------
        source : path, file object, bytes, or mapping of str to value
            A file of descriptors, or the path of one of audio to compute them of; or
            descriptors by their names, nested or with dots.
        layer : str
            ``predictions``

        Raises
        ------
        NotFoundError, MissingExtraError
        DescriptorError, AudioError
            The file holds no descriptors, or gives none.
        UsageError
            It is not descriptors, or another layer.
        """
        if layer != "predictions":
            raise UsageError(f"Models of descriptors have predictions alone, and no {layer}.")
        heard = Heard(str(source) if isinstance(source, str | Path) else "", peak=1)
        given = self._given(source, heard.notes)
        heard.duration = _duration(given)
        for model in self.models:
            try:
                heard.answers[model.record.id] = self._asked(model, given, heard.notes)
            except DescriptorError as error:
                heard.answers[model.record.id] = error
        return heard

    def backbones(self, layer: str) -> tuple[Any, ...]:
        """None: there are no networks that are fed audio."""
        return ()

    def _given(self, source: Any, notes: list[str]) -> dict[str, Any]:
        """Read descriptors, or let Essentia compute them."""
        if isinstance(source, Mapping):
            return files.flat(dict(source))
        if hasattr(source, "read"):
            source = source.read(files.LARGEST + 1)
        if isinstance(source, bytes):
            return files.parse(source, "What was given")
        if isinstance(source, str | Path):
            path = Path(source)
            if path.suffix.lower() not in ENDINGS:
                return files.read(path)
            notes.append(extraction.LICENSE)
            return extraction.extracted(path, self._keep.get(str(source)))
        names = ", ".join(model.record.id for model in self.models)
        raise UsageError(
            f"{names} reads descriptors of Essentia's music extractor.",
            hint=f"Name a file of them: zoo predict {names} song.json",
        )

    def _asked(self, model: Model, given: Mapping[str, Any], notes: list[str]) -> Prediction:
        """What a model says, and what is to be known of it."""
        read = self._read[model.record.id]
        answer = read.answer(generations.translated(given, read.names))
        if generations.is_newer(given, read.names):
            notes.append(
                f"{model.record.id} was made with descriptors of an older extractor: from those "
                "of today's, it does not give the numbers that its authors had."
            )
        for name, text in answer.unknown.items():
            notes.append(
                f"{model.record.id} does not know {text!r} in {name}: "
                "what it then says is not to be relied on."
            )
        return Prediction(
            activations=answer.activations.astype(np.float32)[None],
            times=np.zeros(1),
            classes=read.classes or tuple(map(str, range(len(answer.activations)))),
            model=model.record.id,
            duration=_duration(given) or None,
            display_names=model.record.display_names,
        )


class DescriptorPredictor(Predictor):
    """A model that can be asked about descriptors; see `Predictor` for how it is made.

    Examples
    --------
    >>> zoo.load("mood.history").predict("song.json").top(1)
    [('calm', 0.4...)]
    """

    hears_audio = False

    def __init__(self, model: Model) -> None:
        self.model = model
        self._ensemble = DescriptorEnsemble([model])

    def predict(
        self, source: Any, sample_rate: int | None = None, *, layer: str = "predictions", **_: Any
    ) -> Prediction:
        """Ask the model.

        Parameters
        ----------
        source : path, file object, bytes, or mapping of str to value
            See `DescriptorEnsemble.hear`.

        Raises
        ------
        DescriptorError
            Descriptors are missing, or are not what the model takes.
        NotFoundError, UsageError, MissingExtraError, IntegrityError
        """
        return self._ensemble.predict(source, layer=layer)[self.record.id]

    def embed(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: there are no embeddings.

        Raises
        ------
        UsageError
        """
        raise UsageError(f"{self.record.id} reads descriptors, and has no embeddings.")

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: descriptors are of whole pieces.

        Raises
        ------
        UsageError
        """
        raise UsageError(f"{self.record.id} reads descriptors of whole pieces, and no stream.")
