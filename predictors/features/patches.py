"""Features cut into the patches that a network sees at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from catalog.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LastPatch = Literal["discard", "repeat", "pad"]


def cut(
    features: NDArray[np.float32], size: int, hop: int, last_patch: LastPatch = "discard"
) -> NDArray[np.float32]:
    """Cut features into patches of equal size.

    Parameters
    ----------
    features : numpy.ndarray [shape=(frames, bands)]
    size, hop : int
        Length and distance of the patches, in frames; 0 < hop <= size.
    last_patch : {"discard", "repeat", "pad"}
        What becomes of the frames from the next patch's start to the end, which are fewer
        than a patch: nothing, or one more patch with these frames repeated, or followed by
        zeros. As patches overlap, some such frames are left nearly always.

    Returns
    -------
    numpy.ndarray [shape=(patches, size, bands)]
        A view where no patch was added: not to be written to.

    Raises
    ------
    UsageError
        The hop or `last_patch` has no meaning.
    """
    if not 0 < hop <= size:
        raise UsageError(
            f"A patch hop of {hop} frames is not possible here.",
            why=f"The model's patch is {size} frames long.",
            hint=f"Choose a hop from 1 to {size}.",
        )
    if last_patch not in get_args(LastPatch):
        raise UsageError(
            f"{last_patch!r} is not a way to handle the last patch.",
            hint=f"Choose one of {', '.join(get_args(LastPatch))}.",
        )
    count = max(0, 1 + (len(features) - size) // hop)
    if count:
        patches = sliding_window_view(features, size, axis=0)[::hop].swapaxes(1, 2)
    else:
        patches = np.empty((0, size, features.shape[1]), features.dtype)
    rest = features[count * hop :]
    if last_patch == "discard" or not len(rest):
        return patches
    if last_patch == "repeat":
        extra = np.resize(rest, (1, *patches.shape[1:]))
    else:
        extra = np.zeros((1, *patches.shape[1:]), features.dtype)
        extra[0, : len(rest)] = rest
    return np.concatenate([patches, extra])


def starts(count: int, hop: int, frame_rate: float) -> NDArray[np.float64]:
    """The times of the patches' first frames.

    Parameters
    ----------
    count, hop : int
        Number of patches, and their distance in frames.
    frame_rate : float
        Frames per second.

    Returns
    -------
    numpy.ndarray [shape=(count,), dtype=float64]
        In seconds.
    """
    return np.arange(count) * hop / frame_rate
