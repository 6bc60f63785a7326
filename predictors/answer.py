"""What a network says of a piece of audio, before it has a meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import NoError
from predictors.prediction import Prediction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Record
    from predictors.features.families import Family


@dataclass(frozen=True)
class Answer:
    """What a network said of a piece of audio.

    Attributes
    ----------
    family : Family or None
        None of a head.
    output : numpy.ndarray [shape=(patches, ...), dtype=float32]
    times : numpy.ndarray [shape=(patches,), dtype=float64]
    non_silent : numpy.ndarray [shape=(patches,), dtype=bool]
        Where there was sound, so far as the patches are standardised.
    reach, duration
        See `Prediction`.
    """

    family: Family | None
    output: NDArray[np.float32]
    times: NDArray[np.float64]
    non_silent: NDArray[np.bool_]
    reach: tuple[float, float] | None = None
    duration: float | None = None

    def prediction(self, record: Record, layer: str) -> Prediction:
        """Give it rows, names and, where its family has a decoder, a meaning.

        Raises
        ------
        NoError
            There are values that are no numbers.
        """
        output, family = self.output, self.family
        if not np.isfinite(output).all():
            raise NoError(
                f"{record.id} gives values that are no numbers, at its layer {layer}.",
                why="Its weights may be damaged, or the audio may be unlike any that it knows.",
                hint="To look at the network alone: zoo validate",
            )
        activations = output.reshape(-1, output.shape[-1] if output.ndim > 1 else 1)
        width, decoded = activations.shape[-1], None
        classes = tuple(map(str, range(width)))
        predictions = record.layer(layer).purpose == "predictions"
        if predictions and family and family.decode and width == len(family.classes):
            classes, decoded = family.classes, family.decode(activations, self.non_silent)
        if layer != "embeddings" and len(record.classes) == width:
            classes = record.classes
        return Prediction(
            activations=activations,
            times=self.times.repeat(len(activations) // len(self.times)),
            classes=classes,
            model=record.id,
            layer=layer,
            decoded=decoded,
            reach=self.reach,
            duration=self.duration,
            display_names=record.display_names,
        )


def non_silent(patches: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where there was sound [shape=(patches,)]: a standardised patch then reaches 1."""
    flat = np.abs(patches).reshape(len(patches), -1)
    return np.asarray(flat.max(axis=1) > 0.5)
