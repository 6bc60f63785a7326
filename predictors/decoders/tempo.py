"""Tempo from the activations of TempoCNN, decoded as Essentia does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Aggregation = Literal["majority", "mean", "median"]

SLOWEST = 30
"""The tempo of the first class; each next one is a beat per minute faster."""
CLASSES = tuple(f"{SLOWEST + i} BPM" for i in range(256))


@dataclass(frozen=True)
class Tempo:
    """Tempo over time.

    Attributes
    ----------
    local : numpy.ndarray [shape=(patches,), dtype=float32]
        In beats per minute; 0 where the audio is silent.
    probabilities : numpy.ndarray [shape=(patches,), dtype=float32]
        Of the local tempi; 0 where the audio is silent.
    """

    local: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    def bpm(self, aggregation: Aggregation = "majority") -> float | None:
        """The tempo of the whole, in beats per minute; None of silence.

        Parameters
        ----------
        aggregation : {"majority", "mean", "median"}
            How the local tempi are put together. Of equally frequent ones the first wins.
        """
        non_silent = self.local[self.local > 0]
        if not len(non_silent):
            return None
        if aggregation == "majority":
            return float(Counter(non_silent.tolist()).most_common(1)[0][0])
        return float(np.mean(non_silent) if aggregation == "mean" else np.median(non_silent))

    @property
    def confidence(self) -> float:
        """The mean probability of the patches that agree with the majority; 0 of silence."""
        agreeing = self.probabilities[self.local == self.bpm()]
        return float(agreeing.mean()) if len(agreeing) else 0.0

    def summary(self) -> str:
        """One line for people."""
        bpm = self.bpm()
        if bpm is None:
            return "no tempo: the audio is silent"
        return f"{bpm:.0f} BPM (confidence {self.confidence:.2f})"

    def numbers(self) -> dict[str, float | None]:
        """What a table says of the whole."""
        return {"bpm": self.bpm(), "bpm_confidence": self.confidence}

    def to_json(self) -> dict[str, Any]:
        """The key that a result has beside the contract's."""
        return {
            "tempo": {
                "bpm": self.bpm(),
                "confidence": self.confidence,
                "mean": self.bpm("mean"),
                "median": self.bpm("median"),
                "local": self.local.tolist(),
                "probabilities": self.probabilities.tolist(),
            }
        }


def decode(activations: NDArray[np.float32], non_silent: NDArray[np.bool_]) -> Tempo:
    """Take the most probable tempo of each patch.

    Parameters
    ----------
    activations : numpy.ndarray [shape=(patches, 256), dtype=float32]
    non_silent : numpy.ndarray [shape=(patches,), dtype=bool]
        Where the audio is not silent.
    """
    local = (activations.argmax(axis=1) + SLOWEST).astype(np.float32)
    return Tempo(local * non_silent, activations.max(axis=1) * non_silent)
