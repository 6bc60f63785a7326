"""Audio files and arrays into mono samples at the rate that a network wants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from catalog.errors import AudioError, UsageError
from predictors.audio import ffmpeg
from predictors.audio.resampling import resampling
from predictors.audio.sources import is_source, name_of, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from predictors.audio.sources import Source

SILENCE = 1e-5
"""Peak below which audio counts as silent (-100 dB)."""

LOUDEST = 16
"""Peak above which samples are no audio: integers that were not scaled."""

PIECE = 1 << 18
"""Samples a channel that are decoded at once: 6 s at 44.1 kHz, after which networks begin."""

_UNCOMPRESSED = ".wav .w64 .rf64 .aif .aiff .aifc .au .caf"
_COMPRESSED = ".flac .mp3 .mp2 .ogg .oga .opus .m4a .m4b .mp4 .aac .wma .webm .mka"
ENDINGS = frozenset([*_UNCOMPRESSED.split(), *_COMPRESSED.split()])
"""What files of audio are called, for whoever looks for them in a folder."""


@dataclass(frozen=True)
class Audio:
    """A piece of audio.

    Attributes
    ----------
    samples : numpy.ndarray [shape=(samples,), dtype=float32]
        Mono, ±1 being full scale.
    sample_rate : int
        In hertz.
    name : str
        The file's path, or what to call an array in a message.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    name: str = "the array"

    @property
    def duration(self) -> float:
        """In seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def silent(self) -> bool:
        return bool(np.abs(self.samples).max(initial=0) < SILENCE)

    def resampled(self, sample_rate: int) -> Audio:
        """The same audio at another sample rate, in hertz."""
        if sample_rate == self.sample_rate:
            return self
        signal = resampling(self.sample_rate, sample_rate)
        samples = np.concatenate([signal.feed(self.samples), signal.finish()])
        return Audio(samples, sample_rate, self.name)


def pieces(source: Source | ArrayLike | Audio, sample_rate: int | None) -> Iterator[Audio]:
    """Read a file, or take an array as audio of this sample rate, a piece at a time."""
    if is_source(source):
        return read_pieces(source)
    array = cast("Audio | ArrayLike", source)
    sound = array if isinstance(array, Audio) else from_array(array, sample_rate)
    return (
        replace(sound, samples=sound.samples[start : start + PIECE])
        for start in range(0, len(sound.samples), PIECE)
    )


def read(source: Source) -> Audio:
    """Decode an audio file and mix it down to mono.

    Parameters
    ----------
    source : path, bytes or binary file
        WAV, FLAC, OGG, MP3, AIFF, AU, CAF, AAC, M4A, WMA or WebM, told by its content. A file
        object is read from its beginning, or, if it cannot seek, from where it is.

    Raises
    ------
    NotFoundError
        No such file.
    AudioError
        The path is a folder, or the file is not audio, empty, cut off, damaged, or holds
        values that are not finite or far beyond ±1.
    """
    found = list(read_pieces(source))
    return replace(found[0], samples=np.concatenate([piece.samples for piece in found]))


def read_pieces(source: Source) -> Iterator[Audio]:
    """Decode an audio file a piece at a time, in memory that does not grow with its length.

    What is wrong with the file, see `read`, may come to light after the first pieces.
    """
    name = name_of(source)
    for samples, sample_rate in read_channels(source):
        yield Audio(_mono(samples), sample_rate, name)


def read_channels(source: Source) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode an audio file a piece at a time without mixing it down; see `read_pieces`.

    Yields
    ------
    numpy.ndarray [shape=(samples, channels), dtype=float32]
        ±1 being full scale; what is louder is not clipped.
    int
        The sample rate, in hertz.
    """
    name, empty = name_of(source), True
    with opened(source) as file:
        for samples, sample_rate in ffmpeg.decode(file, name, PIECE):
            empty = False
            yield _checked(samples, name), sample_rate
    if empty:
        raise _empty(name)


def from_array(array: ArrayLike, sample_rate: int | None) -> Audio:
    """Take samples as they are, mixed down to mono.

    Parameters
    ----------
    array : array_like [shape=(samples,) or (samples, channels)]
        Floating-point samples, ±1 being full scale, or integers, which are scaled by their type.
    sample_rate : int
        In hertz.

    Raises
    ------
    UsageError
        The array has another shape or type, or the sample rate is no positive number.
    AudioError
        The array is empty or holds values that are no numbers, or far beyond ±1.
    """
    samples = np.asarray(array)
    if sample_rate is None:
        raise UsageError(
            "The sample rate of the array must be given.",
            why="The models need different ones.",
        )
    if not isinstance(sample_rate, (int, float, np.number)) or not 0 < sample_rate < np.inf:
        raise UsageError(f"A sample rate of {sample_rate} is not valid: it is given in hertz.")
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:
        raise _no_audio(samples)
    if samples.size == 0:
        raise _empty(Audio.name)
    return Audio(mono(samples), sample_rate)


def mono(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Check samples as `from_array` does, and take the mean of the channels."""
    if samples.ndim not in (1, 2):
        raise _no_audio(samples)
    if samples.dtype in (np.int16, np.int32):
        samples = samples / np.float32(-float(np.iinfo(samples.dtype).min))
    if not np.issubdtype(samples.dtype, np.floating):
        raise UsageError(
            f"Samples of type {samples.dtype} are not audio.",
            hint="Give floating-point samples within ±1, or 16- or 32-bit integers.",
        )
    channels = samples[:, None] if samples.ndim == 1 else samples
    return _mono(_checked(channels.astype(np.float32), Audio.name))


def _no_audio(samples: NDArray[Any]) -> UsageError:
    return UsageError(
        f"An array of shape {samples.shape} is not audio.",
        hint="Give [samples] or [samples, channels]; transpose it if channels come first.",
    )


def _empty(name: str) -> AudioError:
    return AudioError(f"{name} is empty.", why="It holds no samples.")


def _checked(samples: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Refuse what are no numbers, or cannot be samples of audio."""
    peak = np.maximum(samples.max(initial=0), -samples.min(initial=0))
    if not np.isfinite(peak):
        raise AudioError(f"{name} holds samples that are not finite numbers.")
    if peak > LOUDEST:
        raise AudioError(
            f"{name} holds samples up to {peak:.0f}, where ±1 is full scale.",
            why="They seem to be integers of 16 bits as floating-point numbers.",
            hint="Divide by 32768.",
        )
    return samples


def _mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the mean of the channels: one after the other, which NumPy's mean is slower at."""
    if samples.shape[1] == 1:
        return samples[:, 0]
    total: NDArray[np.float32] = np.add(samples[:, 0], samples[:, 1])
    for channel in samples.T[2:]:
        total += channel
    total /= np.float32(samples.shape[1])
    return total
