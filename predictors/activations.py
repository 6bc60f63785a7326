"""Activations over time, and what their columns are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Protocol

from catalog.record import spoken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Decoded(Protocol):
    """What activations mean together."""

    def summary(self) -> str:
        """One line for people."""

    def numbers(self) -> dict[str, float | None]:
        """What a table says of the whole, each number under the name of its column."""

    def to_json(self) -> dict[str, Any]:
        """The keys that a result has beside the contract's."""


@dataclass(frozen=True)
class Activations:
    """What a network says about a piece of audio.

    Attributes
    ----------
    activations : numpy.ndarray [shape=(patches, classes), dtype=float32]
    times : numpy.ndarray [shape=(patches,), dtype=float64]
        Start of each patch, in seconds.
    classes : tuple of str
        What each column means; numbers where it has no name.
    model : str
        The model's id.
    layer : str
        ``predictions``, ``logits``, ``embeddings`` or the node's name.
    decoded : Decoded, optional
        What the activations mean, where the model's family can tell: a `Tempo` or a `Pitch`.
    reach : (float, float), optional
        From where to where a patch reaches, in seconds from its time. None where the model was
        fed arrays: `times` are then the numbers of the patches.
    duration : float, optional
        Of the audio, in seconds; None where its end is not known.
    display_names : mapping of str to str
        Words for classes whose names are none.
    """

    activations: NDArray[np.float32]
    times: NDArray[np.float64]
    classes: tuple[str, ...]
    model: str
    layer: str = "predictions"
    decoded: Decoded | None = None
    reach: tuple[float, float] | None = None
    duration: float | None = None
    display_names: Mapping[str, str] = field(default_factory=dict)

    def mean(self) -> NDArray[np.float32]:
        """The mean over all patches [shape=(classes,)]."""
        mean: NDArray[np.float32] = self.activations.mean(axis=0)
        return mean

    def top(self, n: int = 5) -> list[tuple[str, float]]:
        """The `n` classes with the highest mean and their scores, the highest first."""
        mean = self.mean()
        order = (-mean).argsort(kind="stable")[:n]
        return [(self.classes[i], float(mean[i])) for i in order]

    def spoken(self, name: str) -> str:
        """A class as people read it."""
        return spoken(name, self.display_names)

    def arrays(self) -> dict[str, Any]:
        """The content of an ``.npz`` file: what was said, each part under its name."""
        return {
            "activations": self.activations,
            "times": self.times,
            "classes": list(self.classes),
            "model": self.model,
            "layer": self.layer,
        }

    def write_csv(self, stream: IO[str]) -> None:
        """Write a table: the time of a patch, then one column a class."""
        import csv

        rows = csv.writer(stream)
        rows.writerow(["time", *self.classes])
        for time, row in zip(self.times.tolist(), self.activations, strict=True):
            rows.writerow([time, *(f"{value:.7g}" for value in row)])
