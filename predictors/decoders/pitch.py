"""Pitch from the activations of CREPE, decoded as Essentia's PitchCREPE does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CENTS = 1997.3794084376191 + np.arange(360) * (7180 / 359)
"""What each class means, in cents above 10 Hz."""
NEIGHBOURS = 4
"""Classes on each side of the strongest one that are averaged with it."""
VOICED = 0.5
"""Confidence from which a frame counts as pitched in the summary and the picture."""
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def hertz(cents: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Convert cents above 10 Hz to frequencies."""
    return np.asarray(10 * 2 ** (cents / 1200))


CLASSES = tuple(f"{frequency:.1f} Hz" for frequency in hertz(CENTS))


@dataclass(frozen=True)
class Pitch:
    """Pitch over time.

    Attributes
    ----------
    frequencies : numpy.ndarray [shape=(frames,), dtype=float32]
        In hertz; 0 where the audio is silent.
    confidences : numpy.ndarray [shape=(frames,), dtype=float32]
        From 0 to 1; 0 where the audio is silent.
    """

    frequencies: NDArray[np.float32]
    confidences: NDArray[np.float32]

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Whether there is a pitch to speak of [shape=(frames,)]."""
        return self.confidences >= VOICED

    def numbers(self) -> dict[str, float | None]:
        """What a table says of the whole: median and mean confidence where there is a pitch."""
        voiced = self.voiced
        if not voiced.any():
            return {"pitch_hz": None, "pitch_confidence": 0.0}
        return {
            "pitch_hz": float(np.median(self.frequencies[voiced])),
            "pitch_confidence": float(self.confidences[voiced].mean()),
        }

    def summary(self) -> str:
        """One line for people."""
        voiced = self.frequencies[self.voiced]
        if not len(voiced):
            return "no pitch"
        median, confidence = float(np.median(voiced)), self.confidences[self.voiced].mean()
        share = len(voiced) / len(self.frequencies)
        return (
            f"{note(median)}, {median:.1f} Hz in the median, from {voiced.min():.1f} to "
            f"{voiced.max():.1f} Hz; pitched {share:.0%} of the time (confidence {confidence:.2f})"
        )

    def to_json(self) -> dict[str, Any]:
        """The key that a result has beside the contract's."""
        return {
            "pitch": {
                "frequencies": self.frequencies.tolist(),
                "confidences": self.confidences.tolist(),
            }
        }


def note(frequency: float) -> str:
    """The name of the nearest note of the equal temperament, A4 at 440 Hz."""
    number = round(69 + 12 * float(np.log2(frequency / 440)))
    return f"{NOTES[number % 12]}{number // 12 - 1}"


def decode(activations: NDArray[np.float32], non_silent: NDArray[np.bool_]) -> Pitch:
    """Average the cents around the strongest class of each frame.

    Parameters
    ----------
    activations : numpy.ndarray [shape=(frames, 360), dtype=float32]
    non_silent : numpy.ndarray [shape=(frames,), dtype=bool]
        Where the audio is not silent.
    """
    strongest = activations.argmax(axis=1, keepdims=True)
    around = strongest + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    inside = (around >= 0) & (around < len(CENTS))
    around = around.clip(0, len(CENTS) - 1)
    weights = np.take_along_axis(activations, around, axis=1).astype(np.float64) * inside
    total = weights.sum(axis=1)
    known = non_silent & (total > 0)
    cents = (weights * CENTS[around]).sum(axis=1) / np.where(known, total, 1)
    confidences = activations.max(axis=1) * known
    return Pitch(np.where(known, hertz(cents), 0).astype(np.float32), confidences)
