"""Audio files and arrays into mono samples at the rate that a network wants."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from catalog.errors import AudioError, NotFoundError, UsageError
from predictors.audio import media
from predictors.audio.resampling import Resampler, resampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

SILENCE = 1e-5
"""Peak below which audio counts as silent (-100 dB)."""

PIECE = 1 << 20
"""Samples a channel that are decoded at once: 24 s at 44.1 kHz."""

_LIBSNDFILE = ".wav .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .au .caf .rf64 .w64"
_PYAV = ".m4a .m4b .mp4 .aac .wma .webm .mka"
ENDINGS = frozenset([*_LIBSNDFILE.split(), *_PYAV.split()])
"""What files of audio are called, for whoever looks for them in a folder."""


@dataclass(frozen=True)
class Audio:
    """A piece of audio.

    Attributes
    ----------
    samples : numpy.ndarray [shape=(samples,), dtype=float32]
        Mono, within ±1.
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

    def resampled(self, sample_rate: int, resampler: Resampler = "essentia") -> Audio:
        """The same audio at another sample rate.

        Parameters
        ----------
        sample_rate : int
            In hertz.
        resampler : {"essentia", "soxr"}
            libsamplerate's medium sinc as Essentia's MonoLoader uses it, or soxr at high
            quality: faster, and single activations may differ by 0.1.
        """
        if sample_rate == self.sample_rate:
            return self
        signal = resampling(self.sample_rate, sample_rate, resampler)
        samples = np.concatenate([signal.feed(self.samples), signal.finish()])
        return Audio(samples, sample_rate, self.name)


def take(source: str | Path | ArrayLike | Audio, sample_rate: int) -> Audio:
    """Read a file, or take an array as audio of this sample rate."""
    if isinstance(source, Audio):
        return source
    if isinstance(source, str | Path):
        return read(source)
    return from_array(source, sample_rate)


def pieces(source: str | Path | ArrayLike | Audio, sample_rate: int) -> Iterator[Audio]:
    """Read a file, or take an array as audio of this sample rate, a piece at a time."""
    if isinstance(source, str | Path):
        return read_pieces(source)
    sound = source if isinstance(source, Audio) else from_array(source, sample_rate)
    return (
        replace(sound, samples=sound.samples[start : start + PIECE])
        for start in range(0, len(sound.samples), PIECE)
    )


def read(path: str | Path) -> Audio:
    """Decode an audio file and mix it down to mono.

    Parameters
    ----------
    path : str or Path
        WAV, FLAC, OGG, MP3 or another format that libsndfile reads, or one of those that
        PyAV is asked for: see `predictors.audio.media`.

    Raises
    ------
    NotFoundError
        No such file.
    AudioError
        The path is a folder, or the file is not audio, empty, cut off, damaged, or holds
        values that are not finite.
    MissingExtraError
        The file needs PyAV, which is not installed.
    """
    found = list(read_pieces(path))
    return replace(found[0], samples=np.concatenate([piece.samples for piece in found]))


def read_pieces(path: str | Path) -> Iterator[Audio]:
    """Decode an audio file a piece at a time, in memory that does not grow with its length.

    What is wrong with the file, see `read`, may come to light after the first pieces.
    """
    for samples, sample_rate in read_channels(path):
        yield Audio(_mono(samples), sample_rate, str(path))


def read_channels(path: str | Path) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode an audio file a piece at a time without mixing it down; see `read_pieces`.

    Yields
    ------
    numpy.ndarray [shape=(samples, channels), dtype=float32]
        Within ±1.
    int
        The sample rate, in hertz.
    """
    path = Path(path)
    if not path.exists():
        raise NotFoundError(f"There is no file {path}.")
    if path.is_dir():
        raise AudioError(f"{path} is a folder.", hint=f"Name the files in it: {path}/*")
    if path.stat().st_size == 0:
        raise AudioError(f"{path} is empty.", why="It holds 0 bytes.")
    empty = True
    for samples, sample_rate in _decode(path):
        empty = False
        yield _checked(samples, str(path)), sample_rate
    if empty:
        raise _empty(str(path))


class Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from its start to its end.

    soundfile moves to where it stands after every read, and an MP3 then loses its thread.
    """

    def seekable(self) -> bool:
        return False


def _decode(path: Path) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode with libsndfile, else with PyAV: blocks [shape=(samples, channels)] and the rate."""
    try:
        file = Forward(path)
    except (soundfile.LibsndfileError, OSError):
        _require_media(path)
        yield from media.decode(path, PIECE)
        return
    decoded = 0
    with file:
        try:
            while len(samples := file.read(PIECE, dtype="float32", always_2d=True)):
                decoded += len(samples)
                yield samples, file.samplerate
        except soundfile.LibsndfileError as error:
            raise media.damaged(path, error.error_string) from None
        if _is_cut_off(file, path, decoded):
            raise media.damaged(path, "It ends before its header says.")


def _require_media(path: Path) -> None:
    """Refuse what PyAV does not decode either."""
    try:
        known = media.is_media(path)
    except OSError as error:
        raise AudioError(f"{path} cannot be read.", why=error.strerror or "") from None
    if not known:
        raise AudioError(
            f"{path} cannot be decoded as audio.",
            why="WAV, FLAC, OGG, MP3, AAC, WMA and WebM can; this is none of them.",
            hint=f"Perhaps it can be converted: ffmpeg -i {path} {path.stem}-converted.wav",
        )


def _is_cut_off(file: soundfile.SoundFile, path: Path, decoded: int) -> bool:
    """Tell whether a file holds less than it announces.

    An MP3 announces its length in a Xing header only. A WAV of 1 GB or more may have been
    written to a pipe, where the length was not known yet.
    """
    if file.format != "MP3":
        return bool(
            re.search(r"^data : \d{1,9} \(should|lacks an end-of-stream", file.extra_info, re.M)
        )
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    return (b"Xing" in head or b"Info" in head) and decoded < file.frames - file.samplerate


def from_array(array: ArrayLike, sample_rate: int) -> Audio:
    """Take samples as they are, mixed down to mono.

    Parameters
    ----------
    array : array_like [shape=(samples,) or (samples, channels)]
        Floating-point samples, clipped to ±1, or integers, which are scaled by their type.
    sample_rate : int
        In hertz.

    Raises
    ------
    UsageError
        The array has another shape or type, or the sample rate is no positive number.
    AudioError
        The array is empty or holds values that are no numbers.
    """
    samples = np.asarray(array)
    if not isinstance(sample_rate, (int, float, np.number)) or not 0 < sample_rate < np.inf:
        raise UsageError(f"A sample rate of {sample_rate} has no meaning: it is in hertz.")
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:
        raise _no_audio(samples)
    if samples.size == 0:
        raise _empty(Audio.name)
    return Audio(mono(samples), sample_rate)


def mono(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Check samples as `from_array` does, clip them to ±1, and take the mean of the channels."""
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
    """Refuse what are no numbers, and clip to ±1."""
    if not np.isfinite(samples).all():
        raise AudioError(f"{name} holds samples that are not finite numbers.")
    return np.clip(samples, -1, 1, out=samples)


def _mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the mean of the channels: one after the other, which NumPy's mean is slower at."""
    if samples.shape[1] == 1:
        return samples[:, 0]
    total: NDArray[np.float32] = np.add(samples[:, 0], samples[:, 1])
    for channel in samples.T[2:]:
        total += channel
    total /= np.float32(samples.shape[1])
    return total
