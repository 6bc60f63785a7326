"""Audio that libsndfile does not read: AAC, WMA, WebM, decoded by PyAV (FFmpeg)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import AudioError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_MARKS = (
    (4, b"ftyp"),  # MPEG-4: m4a, mp4
    (0, b"\xff\xf1"),  # AAC in ADTS frames
    (0, b"\xff\xf9"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF: wma
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska: webm, mka
)


def is_media(path: Path) -> bool:
    """Tell by its first bytes whether a file is of a format that is left to PyAV.

    FFmpeg is shown nothing else: it reads playlists too, which can name any other file.
    """
    with path.open("rb") as file:
        head = file.read(16)
    return any(head.startswith(mark, start) for start, mark in _MARKS)


def decode(path: Path, size: int) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode the first audio track of a file, a block at a time.

    Parameters
    ----------
    path : Path
    size : int
        Samples that a block has at least.

    Yields
    ------
    samples : numpy.ndarray [shape=(samples, channels), dtype=float32]
    sample_rate : int
        In hertz.

    Raises
    ------
    MissingExtraError
        PyAV is not installed.
    AudioError
        The file is damaged, cut off, or holds no audio.
    """
    try:
        import av
    except ImportError:
        raise MissingExtraError.of(
            "media",
            f"{path} cannot be decoded without PyAV.",
            why="AAC, WMA and WebM come with the extra `media`.",
        ) from None
    decoded = 0
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise AudioError(f"{path} holds no audio.")
            stream = container.streams.audio[0]
            planar = av.AudioResampler(format="fltp")  # the samples' type changes, nothing else
            frames = chain(container.decode(stream), [None])  # None: what the resampler holds
            parts = (part.to_ndarray() for frame in frames for part in planar.resample(frame))
            for samples in _gathered(parts, size):
                decoded += len(samples)
                yield samples, stream.rate
            announced = container.duration if container.format.name != "aac" else None  # a guess
            seconds = (announced or 0) / av.time_base
    except av.FFmpegError as error:
        raise damaged(path, f"FFmpeg says: {error.strerror}.") from None
    if decoded < (seconds - 1) * stream.rate:
        raise damaged(path, "It ends before its header says.")


def _gathered(parts: Iterator[NDArray[np.float32]], size: int) -> Iterator[NDArray[np.float32]]:
    """Put parts [shape=(channels, samples)] together until they have the size of a block."""
    held: list[NDArray[np.float32]] = []
    for part in parts:
        held.append(part)
        if sum(each.shape[1] for each in held) >= size:
            yield np.concatenate(held, axis=1).T
            held.clear()
    if held:
        yield np.concatenate(held, axis=1).T


def damaged(path: Path, why: str) -> AudioError:
    """An error for a file that is audio, but not to its end."""
    return AudioError(
        f"{path} is damaged or cut off.",
        why=why,
        hint=f"To use what is left of it: ffmpeg -i {path} {path.stem}-repaired.wav",
    )
