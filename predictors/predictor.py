"""From a model's record and graph to predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import UsageError
from predictors.audio import decoding
from predictors.ensemble import Ensemble
from predictors.features import patches
from predictors.stream import Stream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from catalog.record import Record
    from predictors.audio.sources import Source
    from predictors.model import Model
    from predictors.prediction import Prediction


def require_network(record: Record) -> None:
    """Refuse what is an archive of models, before it is pulled in vain.

    Raises
    ------
    UsageError
    """
    if record.kind == "svm":
        raise UsageError(
            f"{record.id} cannot be run as a whole.",
            why="It is an archive of support vector machines, which Gaia made.",
            hint=f"Name one of them: zoo predict {record.id}/danceability song.json",
        )


class Predictor:
    """A model that can be asked about audio.

    Parameters
    ----------
    model : Model

    Raises
    ------
    UsageError
        A model of this kind cannot be run.

    Examples
    --------
    >>> predictor = zoo.load("tiny.pb")
    >>> predictor
    <Predictor tiny: 2 classes>
    >>> predictor.embed("song.wav").activations.shape
    (8, 3)
    """

    hears_audio = True

    def __init__(self, model: Model) -> None:
        require_network(model.record)
        self.model = model

    def __repr__(self) -> str:
        classes = len(self.record.classes)
        return f"<{type(self).__name__} {self.record.id}{f': {classes} classes' * bool(classes)}>"

    @property
    def record(self) -> Record:
        """What describes the model."""
        return self.model.record

    def predict(
        self,
        source: Source | ArrayLike | decoding.Audio,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Prediction:
        """Run the model over a piece of audio.

        Parameters
        ----------
        source : path, file object, bytes, array_like or Audio
            A file, or samples [shape=(samples,) or (samples, channels)], ±1 being full scale.
            Without a sample rate also an array of what the network reads itself: embeddings for
            a head [shape=(rows, width) or (rows, 1, width)], else patches [shape=(patches, ...)];
            see `predictors.arrays.answer` for their times.
        sample_rate : int, optional
            Of an array of audio, in hertz; the model's own if not given.
        layer : str
            ``predictions``, ``logits``, ``embeddings`` or a node of the graph. A layer with
            several rows a patch gives them one after the other, at the patch's time.
        patch_hop : int, optional
            Distance of the patches, in frames; the model's own if not given.
        last_patch : {"discard", "repeat", "pad"}
            What to do with the frames at the end that do not fill a patch: see `patches.cut`.

        Raises
        ------
        AudioError
            The audio cannot be decoded, or is shorter than one patch.
        NotFoundError
            No such file.
        UsageError
            The model has no such layer, or an option has no meaning for it.
        """
        heard = Ensemble([self.model]).predict(
            source, sample_rate, layer=layer, patch_hop=patch_hop, last_patch=last_patch
        )
        return heard[self.record.id]

    def embed(
        self,
        source: Source | ArrayLike | decoding.Audio,
        sample_rate: int | None = None,
        *,
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Prediction:
        """Run the model up to its embeddings; see `predict`."""
        return self.predict(
            source, sample_rate, layer="embeddings", patch_hop=patch_hop, last_patch=last_patch
        )

    def stream(
        self,
        sample_rate: int | None = None,
        *,
        layer: str = "predictions",
        patch_hop: int | None = None,
        last_patch: patches.LastPatch = "discard",
    ) -> Stream:
        """Listen to audio that comes in blocks; see `predictors.stream.Stream`."""
        return Stream(
            self.model,
            sample_rate,
            layer=layer,
            patch_hop=patch_hop,
            last_patch=last_patch,
        )
