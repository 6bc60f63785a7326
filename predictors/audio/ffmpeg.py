"""Audio decoded by FFmpeg's libraries, through PyAV, a block at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from catalog.errors import AudioError
from predictors.audio import containers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import av
    from numpy.typing import NDArray

MOST_CHANNELS = 64
RATES = (1000, 6_000_000)
"""Lowest and highest sample rate, in hertz."""

_COUNTED = ("wav", "w64", "aiff", "au", "caf", "flac")
"""Formats whose header states the number of samples; of the others there may be more."""
_MIXED = ("matroska", "asf")
"""Formats whose header states when the last of all tracks ends."""
_LONGEST_GAP = {"flac": 0.001, "ogg": 0.02, "asf": 0.02}
"""In seconds, where the time of a frame follows from the one before unless something is lost."""
_LONGEST_FRAME = 2880
"""Bytes of MPEG audio."""
_JOIN = 3000
"""Bytes that are no frame where one MP3 was put behind another."""


def decode(file: BinaryIO, name: str, size: int) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Decode the first audio track of a file, a block at a time.

    MPEG audio is decoded to 16 bits, as in Essentia; everything else is not clipped.

    Parameters
    ----------
    file : binary file
        Which can be read at any place.
    name : str
        What to call it in a message.
    size : int
        Samples a block, of mono or stereo; of more channels the fewer.

    Yields
    ------
    samples : numpy.ndarray [shape=(samples, channels), dtype=float32]
    sample_rate : int
        In hertz.

    Raises
    ------
    AudioError
        The file is of no format that is known here, damaged, cut off, holds no audio, or audio
        of more channels or another sample rate than can be.
    """
    import av

    format = containers.sniff(file)
    if format is None:
        raise AudioError(
            f"{name} cannot be decoded as audio.",
            why="WAV, FLAC, OGG, MP3, AIFF, AU, CAF, AAC, M4A, WMA and WebM can; this is none "
            "of them.",
            hint=f"Perhaps it can be converted: ffmpeg -i {name} converted.wav",
        )
    missing = containers.promise(file, format)
    if format == "ogg" and containers.is_open_ended(file):
        raise damaged(name, "Its last page is cut off, or not marked as the end.")
    options = {"protocol_whitelist": ""}
    if format in ("wav", "w64"):
        options["probesize"] = "65536"  # or megabytes are searched for compressed audio in them
    # Before PyAV 19, tags that are no UTF-8 were an error.
    tags = {"metadata_errors": "ignore"} if int(av.__version__.split(".")[0]) < 19 else {}
    file.seek(0)
    try:
        with av.open(
            file, format=format, container_options=options, buffer_size=1 << 18, **tags
        ) as container:
            track = Track(container, format, name)
            yield from track.blocks(size)
            track.require_whole(missing)
    except (av.PatchWelcomeError, av.ArgumentError) as error:
        if format != "ogg":
            raise damaged(name, f"FFmpeg says: {error.strerror}.") from None
        raise AudioError(
            f"{name} holds parts of different kinds.",
            why="The sample rate, the channels or the codec of a chained Ogg file change.",
            hint="Split it, and convert each part.",
        ) from None
    except av.FFmpegError as error:
        raise damaged(name, f"FFmpeg says: {error.strerror}.") from None


class Track:
    """The first audio track of an open container.

    Raises
    ------
    AudioError
        There is none, or it has no or too many channels.
    """

    def __init__(self, container: av.container.InputContainer, format: str, name: str) -> None:
        import av

        if not container.streams.audio:
            raise AudioError(f"{name} holds no audio.")
        self._container, self._format, self._name = container, format, name
        self._stream = container.streams.audio[0]
        codec = self._stream.codec_context
        channels = codec.channels if codec else 0
        if not 1 <= channels <= MOST_CHANNELS:
            raise AudioError(
                f"{name} cannot be mixed down.",
                why=f"It has {channels or 'no or too many'} channels; 1 to {MOST_CHANNELS} can be.",
            )
        if codec.name in ("mp1float", "mp2float", "mp3float"):
            codec = av.CodecContext.create(codec.name.removesuffix("float"), "r")
        self._codec = codec
        self._kind: tuple[int, int, str] | None = None
        self._start: float = 0
        self._decoded = 0
        self._others: float = 0  # where the last packet of the other tracks ends, in seconds

    def blocks(self, size: int) -> Iterator[tuple[NDArray[np.float32], int]]:
        """The samples [shape=(samples, channels)] and their rate."""
        import av

        fifo = av.AudioFifo()
        for frame in self._frames():
            self._require_same(frame)
            self._decoded += frame.samples
            frame.pts = None  # the FIFO would count as well
            fifo.write(frame)
            wanted = max(1, 2 * size // max(2, frame.layout.nb_channels))
            while fifo.samples >= wanted:
                yield _floats(fifo.read(wanted)), frame.sample_rate
        if fifo.samples:
            yield _floats(fifo.read()), fifo.sample_rate

    def require_whole(self, promise: float) -> None:
        """Compare what was decoded with what the header says.

        Parameters
        ----------
        promise : float
            See `containers.promise`.

        Raises
        ------
        AudioError
            They differ by more than a second.
        """
        rate = self._kind[0] if self._kind else 1
        heard = self._decoded / rate
        if self._format in _MIXED:
            heard = max(self._start + heard, self._others)
        said = self._said(heard, promise)
        if said - heard > 1 or (heard - said > 1 and self._format in _COUNTED):
            raise damaged(
                self._name,
                f"Its header says that it lasts {said:.1f} s, and {heard:.1f} s were decoded.",
            )

    def _said(self, heard: float, promise: float) -> float:
        """How long the audio is by its header, in seconds; as long as it is if there is no word."""
        stream, container = self._stream, self._container
        if self._format in ("ogg", "aac") or (self._format == "mp3" and promise == 1):
            return heard  # a guess of FFmpeg's, or of a part alone
        if promise > 1 and self._format != "mp3":
            return heard * promise
        if self._format == "wav" and not self._codec.name.startswith("pcm_"):
            return heard
        if stream.duration is not None:
            return float(stream.duration * stream.time_base)
        return heard if container.duration is None else container.duration / 1e6

    def _frames(self) -> Iterator[av.AudioFrame]:
        """The frames, of which none is missing."""
        import av

        junk = _Junk() if self._codec.name in ("mp1", "mp2", "mp3") else None
        gap = _LONGEST_GAP.get(self._format, np.inf)
        due = np.inf
        for packet in self._packets():
            try:
                frames = self._codec.decode(packet)
            except av.InvalidDataError:
                if not junk:
                    raise
                frames = []
            if junk and not junk.allows(packet, frames) and self._decoded:
                raise damaged(self._name, f"At {self._at} is something else than MPEG audio.")
            for frame in frames:
                if frame.time is not None:
                    if frame.time > due + gap:
                        lost = frame.time - due
                        raise damaged(self._name, f"At {self._at}, {lost:.2f} s are missing.")
                    due = frame.time + frame.samples / frame.sample_rate
                    if not self._decoded:
                        self._start = frame.time
                yield frame

    def _packets(self) -> Iterator[av.Packet]:
        """The packets of the track; of the others, it is noted where they end."""
        if self._format not in _MIXED:
            yield from self._container.demux(self._stream)
            return
        for packet in self._container.demux():
            if packet.stream.index == self._stream.index:
                yield packet
            elif packet.pts is not None:
                end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self._others = max(self._others, end)

    @property
    def _at(self) -> str:
        """How far the audio was decoded."""
        return f"{self._decoded / self._kind[0] if self._kind else 0:.1f} s"

    def _require_same(self, frame: av.AudioFrame) -> None:
        """Refuse audio whose kind changes on the way, and rates that cannot be."""
        kind = (frame.sample_rate, frame.layout.nb_channels, frame.format.name)
        if self._kind not in (kind, None):
            raise AudioError(
                f"{self._name} changes from {_described(self._kind)} to {_described(kind)}.",
                why=f"Parts of different kinds were put together; the second begins at {self._at}.",
                hint=f"Convert it first: ffmpeg -i {self._name} converted.wav",
            )
        if not self._kind and not RATES[0] <= frame.sample_rate <= RATES[1]:
            raise AudioError(
                f"{self._name} has a sample rate of {frame.sample_rate} Hz.",
                why="Audio has 1 kHz to 6 MHz.",
            )
        self._kind = kind


class _Junk:
    """Bytes in MPEG audio that are no frames: a join and tags leave some, damage leaves more."""

    def __init__(self) -> None:
        self._spare = 0
        self._going_on = False

    def allows(self, packet: av.Packet, frames: list[Any]) -> bool:
        """Take note of a packet and what was decoded of it; tell whether it may follow."""
        junk = packet.size - (_LONGEST_FRAME if frames else 0)
        if junk > 0:
            if not self._going_on:
                self._spare = max(self._spare, _JOIN)
            self._going_on = True
            self._spare += containers.tag_length(bytes(packet)) - junk
        if not frames:
            return True  # perhaps the end
        allowed = self._spare >= 0
        self._going_on, self._spare = False, max(0, self._spare - packet.size)
        return allowed


def _described(kind: tuple[int, int, str]) -> str:
    rate, channels, sample = kind
    return f"{rate} Hz, {channels} channel{'s' * (channels > 1)} ({sample})"


def _floats(frame: av.AudioFrame) -> NDArray[np.float32]:
    """Samples [shape=(samples, channels)], integers scaled by their type."""
    samples: NDArray[Any] = frame.to_ndarray()
    samples = samples.T if frame.format.is_planar else samples.reshape(frame.samples, -1)
    if samples.dtype.kind == "f":
        return samples.astype(np.float32, copy=False)
    if samples.dtype.kind == "u":
        samples = (samples - 128).view(np.int8)
    scale = np.float32(-1 / np.iinfo(samples.dtype).min)
    scaled: NDArray[np.float32] = np.multiply(samples, scale, dtype=np.float32)
    return scaled


def damaged(name: str, why: str) -> AudioError:
    """An error for a file that is audio, but not to its end."""
    return AudioError(
        f"{name} is damaged or cut off.",
        why=why,
        hint=f"To use what is left of it: ffmpeg -i {name} repaired.wav",
    )
