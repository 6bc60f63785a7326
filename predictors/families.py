"""Families as data: what the networks of each of Essentia's algorithms are fed.

To add a family, add a row here, and one in `frontends` if its features are new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError
from predictors.frontends import FSDSINET, MUSICNN, TEMPOCNN, VGGISH, FrontEnd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Model

EMBEDDINGS = "TensorflowPredict2D"
"""The algorithm of a head: it is fed the embeddings of another network."""


@dataclass(frozen=True)
class Family:
    """Networks that are fed alike.

    Attributes
    ----------
    algorithm : str
        The Essentia algorithm that runs them.
    frontend : FrontEnd
    frames, hop : int
        Length and distance of the patches in frames, where the record does not say.
    layout : str
        The axes of one patch, by their initials: frames, bands, or 1.
    normalize : bool
        Whether the whole clip is brought to mean 0 and peak 1 before the front-end.
    standardize : bool
        Whether each patch is brought to mean 0 and deviation 1.
    """

    algorithm: str
    frontend: FrontEnd
    frames: int
    hop: int
    layout: str = "fb"
    normalize: bool = False
    standardize: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one patch as the network wants it."""
        sizes = {"f": self.frames, "b": self.frontend.bands, "1": 1}
        return tuple(sizes[axis] for axis in self.layout)

    def fits(self, shape: tuple[int, ...], sample_rate: int | None) -> bool:
        """Tell whether a network's input, without its batch axis, can be of this family."""
        return (
            len(shape) == len(self.shape)
            and all(size in (-1, own) for size, own in zip(shape, self.shape, strict=True))
            and sample_rate in (None, self.frontend.sample_rate)
        )

    def arrange(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring patches [shape=(patches, frames, bands)] into the network's layout."""
        if self.standardize:
            mean = patches.mean(axis=(1, 2), keepdims=True)
            deviation = patches.std(axis=(1, 2), keepdims=True)
            patches = (patches - mean) / np.where(deviation > 0, deviation, 1)
        if self.layout.startswith("bf"):
            patches = patches.swapaxes(1, 2)
        return patches[..., None] if self.layout.endswith("1") else patches

    def __str__(self) -> str:
        shape = ", ".join(map(str, self.shape))
        return f"{self.frontend.name} [{shape}] at {self.frontend.sample_rate} Hz"


FAMILIES = (
    Family("TensorflowPredictMusiCNN", MUSICNN, frames=187, hop=93),
    Family("TensorflowPredictEffnetDiscogs", MUSICNN, frames=128, hop=62),
    Family("TensorflowPredictVGGish", VGGISH, frames=96, hop=93),
    Family("TempoCNN", TEMPOCNN, frames=256, hop=128, layout="bf1", standardize=True),
    Family("TensorflowPredictFSDSINet", FSDSINET, frames=101, hop=50, layout="fb1", normalize=True),
)


def choose(record: Model, shape: tuple[int, ...]) -> Family:
    """Find how a model wants its input: by its algorithm, else by shape and sample rate.

    Parameters
    ----------
    record : Model
    shape : tuple of int
        The graph's input, without the batch axis; -1 for any size.

    Raises
    ------
    UsageError
        No family, or more than one, fits.
    """
    named = [family for family in FAMILIES if family.algorithm == record.algorithm]
    fitting = named or [family for family in FAMILIES if family.fits(shape, record.sample_rate)]
    if len(fitting) == 1:
        return fitting[0]
    axes = ", ".join("?" if size < 0 else str(size) for size in shape)
    rate = f" at {record.sample_rate} Hz" if record.sample_rate else ""
    known = "; ".join(map(str, fitting or FAMILIES))
    raise UsageError(
        f"No one front-end fits the input of {record.id}: [{axes}]{rate}.",
        why=f"These {'would all fit' if fitting else 'are known'}: {known}.",
        hint='Name the algorithm in the metadata: {"inference": {"algorithm": …}}.',
    )
