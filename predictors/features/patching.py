"""From a signal that comes in pieces to the patches that a network is fed.

The patches are the same however the signal is divided, and what they no longer need is
forgotten: memory does not grow with the signal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from catalog.errors import UsageError
from predictors.features import patches
from predictors.features.analysis import analyse, features, frame_count
from predictors.features.normalizing import Clip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from predictors.features.families import Family
    from predictors.features.frontends import Frames


class Framing:
    """A signal cut into frames: those of `analysis.framed`.

    Parameters
    ----------
    frames : Frames
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._held = np.zeros((frames.frame + 1) // 2, np.float32)  # from the next frame's start
        self._ahead = 0  # samples until then, where frames have gaps between them
        self._taken = 0
        self._given = 0

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; return the frames that are whole [shape=(frames, frame)]."""
        self._taken += len(samples)
        return self._cut(samples)

    def finish(self) -> NDArray[np.float32]:
        """Return the last frames, which reach over the end of the signal into zeros."""
        missing = frame_count(self._taken, self._frames) - self._given
        zeros = np.zeros(missing * self._frames.hop + self._frames.frame, np.float32)
        return self._cut(zeros)[:missing]

    def _cut(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        frame, hop = self._frames.frame, self._frames.hop
        held = np.concatenate([self._held, samples[self._ahead :]])
        self._ahead = max(0, self._ahead - len(samples))
        count = max(0, 1 + (len(held) - frame) // hop)
        self._given += count
        self._ahead += max(0, count * hop - len(held))
        self._held = held[count * hop :]
        if not count:
            return np.empty((0, frame), np.float32)
        return sliding_window_view(held, frame)[::hop]


class Patching:
    """A signal made into what the networks of a family are fed.

    Parameters
    ----------
    family : Family
    hop : int
        Distance of the patches, in frames or blocks.
    last_patch : {"discard", "repeat", "pad"}
        See `patches.cut`. Blocks reach to the end of the signal and leave nothing.

    Raises
    ------
    UsageError
        The hop or `last_patch` has no meaning.
    """

    def __init__(self, family: Family, hop: int, last_patch: patches.LastPatch = "discard") -> None:
        self._family = family
        self._hop = hop
        self._last_patch = last_patch
        self._framing = Framing(_cutting(family, hop))
        self._clip = Clip() if family.normalize else None
        self._held = np.empty((0, family.frontend.width), np.float32)
        self._patches(self._held, last_patch)  # refuses what has no meaning

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; return the patches that are whole.

        A family that normalises the whole clip gives nothing before its end.

        Parameters
        ----------
        samples : numpy.ndarray [shape=(samples,), dtype=float32]
            Mono, at the front-end's sample rate, within ±1.

        Returns
        -------
        numpy.ndarray [shape=(patches, *family.shape), dtype=float32]
        """
        if self._clip:
            self._clip.feed(samples)
            samples = samples[:0]
        return self._patches(self._framing.feed(samples))

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """Give the last patches: those of a whole clip that is normalised, a block at a time."""
        for samples in self._clip.finish() if self._clip else ():
            yield self._patches(self._framing.feed(samples))
        yield self._patches(self._framing.finish(), self._last_patch)

    def _patches(
        self, frames: NDArray[np.float32], last_patch: patches.LastPatch = "discard"
    ) -> NDArray[np.float32]:
        if self._family.blocks:
            return self._family.arrange(_of_blocks(frames, self._family))
        held = np.concatenate([self._held, analyse(frames, self._family.frontend)])
        found = patches.cut(held, self._family.frames, self._hop, last_patch)
        self._held = held[len(found) * self._hop :]
        return self._family.arrange(found)


def _cutting(family: Family, hop: int) -> Frames:
    """How the signal is cut first: into blocks `hop` apart, or into frames."""
    if not family.blocks:
        return family.frontend
    if hop < 1:
        raise UsageError(f"A patch hop of {hop} frames is not valid.")
    return replace(family.blocks, hop=family.blocks.hop * hop)


def _of_blocks(blocks: NDArray[np.float32], family: Family) -> NDArray[np.float32]:
    """Compute the features of each block [shape=(blocks, frames, bands)]."""
    if family.blocks is family.frontend:
        return blocks[:, None]
    found = np.empty((len(blocks), family.frames, family.frontend.width), np.float32)
    for block, out in zip(blocks, found, strict=True):
        out[:] = features(block, family.frontend)
    return found
