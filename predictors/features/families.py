"""Families as data: what the networks of each of Essentia's algorithms are fed.

To add a family, add a row here, one in `frontends` if its features are new, and a small decoder
if its predictions mean something together; CONTRIBUTING shows each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import UsageError
from predictors.decoders import pitch, tempo
from predictors.features.frontends import (
    CREPE,
    FSDSINET,
    MUSICNN,
    OPENL3_128,
    OPENL3_256,
    TEMPOCNN,
    VGGISH,
    Frames,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from catalog.fields import Patch
    from catalog.record import Record
    from predictors.activations import Decoded

    Decode = Callable[[NDArray[np.float32], NDArray[np.bool_]], Decoded]

EMBEDDINGS = "TensorflowPredict2D"
"""The algorithm of a head: it is fed the embeddings of another network."""


@dataclass(frozen=True)
class Family:
    """Networks that are fed alike.

    Attributes
    ----------
    algorithm : str
        The Essentia algorithm that runs them; a name of our own where there is none.
    frontend : Frames
        A `FrontEnd`, or the frames alone where the network reads samples.
    frames, hop : int
        Length and distance of the patches in frames, where the record does not say.
    layout : str
        The axes of one patch, by their initials: frames, bands, or 1.
    blocks : Frames, optional
        Where each patch is made of one block of the signal instead of all its frames;
        the hop then counts these blocks.
    normalize : bool
        Whether the whole clip is brought to mean 0 and peak 1 before the front-end.
    standardize : bool
        Whether each patch is brought to mean 0 and deviation 1; a silent one becomes zeros.
    scaling : (float, float), optional
        What is subtracted from the features, and what they are then divided by.
    decibels : float, optional
        Each patch is taken relative to its maximum, and cut off so far below it.
    classes : tuple of str
        What the predictions mean, where all networks of the family agree.
    decode : callable, optional
        What they mean together: from the predictions [shape=(patches, classes)] and where
        there was sound [shape=(patches,)].
    """

    algorithm: str
    frontend: Frames
    frames: int
    hop: int
    layout: str = "fb"
    blocks: Frames | None = None
    normalize: bool = False
    standardize: bool = False
    scaling: tuple[float, float] | None = None
    decibels: float | None = None
    classes: tuple[str, ...] = ()
    decode: Decode | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one patch as the network wants it."""
        sizes = {"f": self.frames, "b": self.frontend.width, "1": 1}
        return tuple(sizes[axis] for axis in self.layout)

    @property
    def shares_frames(self) -> bool:
        """Whether patches that overlap have frames in common, equal in both."""
        return not (self.blocks or self.standardize or self.decibels)

    @property
    def frame_rate(self) -> float:
        """Units of the hop per second."""
        return (self.blocks or self.frontend).frame_rate

    @property
    def reach(self) -> tuple[float, float]:
        """From where to where a patch reaches, in seconds from its time.

        A patch of frames begins at its time; a block is centred on it.
        """
        if self.blocks:
            half = self.blocks.frame / self.blocks.sample_rate / 2
            return -half, half
        return 0.0, self.frames / self.frame_rate

    @property
    def shortest(self) -> float:
        """The shortest audio that makes a patch, in seconds."""
        if self.blocks:
            return 0
        return ((self.frames - 2) * self.frontend.hop + 1) / self.frontend.sample_rate

    def fits(self, shape: tuple[int, ...], sample_rate: int | None) -> bool:
        """Tell whether a network's input, without its batch axis, can be of this family."""
        return (
            len(shape) == len(self.shape)
            and all(size in (-1, own) for size, own in zip(shape, self.shape, strict=True))
            and sample_rate in (None, self.frontend.sample_rate)
        )

    def patched(self, patch: Patch | None) -> Family:
        """The same family with the patches that a record names."""
        return replace(self, frames=patch.frames, hop=patch.hop) if patch else self

    def arrange(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring patches [shape=(patches, frames, bands)] to the network's scale and layout."""
        if self.standardize:
            mean = patches.mean(axis=(1, 2), keepdims=True)
            deviation = patches.std(axis=(1, 2), keepdims=True)
            patches = (patches - mean) / np.where(deviation > 0, deviation, 1)
        if self.scaling:
            offset, divisor = map(np.float32, self.scaling)
            patches = (patches - offset) / divisor
        if self.decibels:
            peak = patches.max(axis=(1, 2), keepdims=True)
            patches = np.maximum(patches - peak, np.float32(-self.decibels))
        if self.layout.startswith("bf"):
            patches = patches.swapaxes(1, 2)
        return patches.reshape(len(patches), *self.shape)

    def __str__(self) -> str:
        shape = ", ".join(map(str, self.shape))
        return f"{self.frontend.name} [{shape}] at {self.frontend.sample_rate} Hz"


MAEST = Family(
    "TensorflowPredictMAEST",
    MUSICNN,
    frames=1876,
    hop=1875,
    scaling=(2.06755686098554, 2 * 1.268292820667291),
)
OPENL3 = Family(
    "OpenL3",
    OPENL3_128,
    frames=199,
    hop=10,
    layout="bf1",
    blocks=Frames(name="openl3", sample_rate=48000, frame=48000, hop=4800),
    decibels=80,
)
FAMILIES = (
    Family("TensorflowPredictMusiCNN", MUSICNN, frames=187, hop=93),
    Family("TensorflowPredictEffnetDiscogs", MUSICNN, frames=128, hop=62),
    Family("TensorflowPredictVGGish", VGGISH, frames=96, hop=93),
    Family(
        "TempoCNN",
        TEMPOCNN,
        frames=256,
        hop=128,
        layout="bf1",
        standardize=True,
        classes=tempo.CLASSES,
        decode=tempo.decode,
    ),
    Family("TensorflowPredictFSDSINet", FSDSINET, frames=101, hop=50, layout="fb1", normalize=True),
    Family(
        "PitchCREPE",
        CREPE,
        frames=1,
        hop=10,
        layout="b",
        blocks=CREPE,
        standardize=True,
        classes=pitch.CLASSES,
        decode=pitch.decode,
    ),
    MAEST,
    replace(MAEST, frames=1256, hop=1250),
    replace(MAEST, frames=626, hop=625),
    replace(MAEST, frames=316, hop=313),
    OPENL3,
    replace(OPENL3, frontend=OPENL3_256),
)

ALIASES = {"TensorflowPredictTempoCNN": "TempoCNN", "TensorflowPredictCREPE": "PitchCREPE"}
"""Algorithms that feed their networks like another one."""


def choose(record: Record, shape: tuple[int, ...]) -> Family:
    """Find how a model wants its input: by its algorithm, else by shape and sample rate.

    Parameters
    ----------
    record : Record
        Its patch, where it names one, replaces the family's own.
    shape : tuple of int
        The graph's input, without the batch axis; -1 for any size. Empty where unknown.

    Raises
    ------
    UsageError
        No family, or more than one, fits.
    """
    algorithm, patch = ALIASES.get(str(record.algorithm), record.algorithm), record.patch
    named = [family.patched(patch) for family in FAMILIES if family.algorithm == algorithm]
    if named:
        rows = [family for family in named if not shape or family.fits(shape, None)]
        rows = rows[:1]
    else:
        rows = [family for family in FAMILIES if family.fits(shape, record.sample_rate)]
        rows = [family for family in rows if not patch or family.frames == patch.frames] or rows
    if len(rows) == 1:
        return rows[0].patched(patch)
    axes = ", ".join("?" if size < 0 else str(size) for size in shape)
    rate = f" at {record.sample_rate} Hz" if record.sample_rate else ""
    known = "; ".join(map(str, rows or named or FAMILIES))
    verb = "would all fit" if rows else f"belong to {algorithm}" if named else "are known"
    raise UsageError(
        f"No one front-end fits the input of {record.id}: [{axes}]{rate}.",
        why=f"These {verb}: {known}.",
        hint='Name the algorithm in the metadata: {"inference": {"algorithm": …}}, or feed the '
        f'network itself in Python: zoo.load("{record.id}").predict(array of [patches, {axes}]).',
    )
