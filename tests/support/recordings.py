"""Files of audio that FFmpeg's libraries write, and what can be wrong with their bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

FORMATS = {"a.m4a": "aac", "a.aac": "aac", "a.wma": "wmav2", "a.webm": "libopus", "a.mp2": "mp2"}
ID3V1 = b"TAG" + b"title".ljust(125, b"\0")


def encode(
    path: Path,
    samples: NDArray[Any],
    codec: str,
    rate: int = 44100,
    format: str | None = None,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    start: int | None = None,
    bits: int = 128_000,
) -> Path:
    """Write audio.

    Parameters
    ----------
    samples : numpy.ndarray [shape=(samples,) or (channels, samples)]
    format : str, optional
        FFmpeg's name of the container, if not the one of the path's ending.
    options, container : dict, optional
        FFmpeg's options of the encoder and the container.
    start : int, optional
        The time of the first sample; without one, no container tells what the encoder put before.
    bits : int
        A second.
    """
    channels = np.atleast_2d(samples).astype(np.float32)
    layout = ("mono", "stereo")[len(channels) - 1]
    with av.open(str(path), "w", format=format, container_options=container or {}) as file:
        stream: Any = file.add_stream(codec, rate=rate, layout=layout, options=options or {})
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
        frame.sample_rate = rate
        frame.pts = start
        size = stream.codec_context.frame_size or 1024
        split = av.AudioResampler(stream.codec_context.format.name, layout, rate, frame_size=size)
        for part in [*split.resample(frame), *split.resample(None), None]:
            file.mux(stream.encode(part))
    return path


def remux(source: Path, path: Path, format: str) -> Path:
    """Put the packets of one container into another."""
    with av.open(str(source)) as read, av.open(str(path), "w", format=format) as written:
        track = read.streams.audio[0]
        stream = written.add_stream_from_template(track)
        for packet in read.demux(track):
            if packet.dts is not None:
                packet.stream = stream
                written.mux(packet)
    return path


def id3v2(size: int) -> bytes:
    """A tag with a picture that looks like noise."""
    content = b"APIC" + size.to_bytes(4, "big") + bytes(2) + np.random.default_rng(0).bytes(size)
    length = bytes(len(content) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + length + content


def with_crc(adts: bytes) -> bytes:
    """The same AAC with room for a checksum in each header, which no decoder reads."""
    found, start = b"", 0
    while start < len(adts):
        header = bytearray(adts[start : start + 7])
        size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        content, longer = adts[start + 7 : start + size], size + 2
        header[1] &= 0xFE
        header[3] = header[3] & 0xFC | longer >> 11
        header[4] = longer >> 3 & 0xFF
        header[5] = header[5] & 0x1F | (longer & 7) << 5
        found += bytes(header) + bytes(2) + content
        start += size
    return found


def music(seconds: float = 8, rate: int = 44100) -> NDArray[np.float32]:
    """A tone and noise, of which the second half is a hundred times as loud."""
    times = np.arange(int(seconds * rate)) / rate
    samples = np.sin(2 * np.pi * 440 * times) + np.random.default_rng(5).normal(0, 0.2, len(times))
    loud = np.where(times < seconds / 2, 0.003, 0.3)
    return (loud * samples).astype(np.float32)


def joined(path: Path, *parts: Path | bytes) -> Path:
    """Put the bytes of files one behind the other."""
    path.write_bytes(b"".join(p if isinstance(p, bytes) else p.read_bytes() for p in parts))
    return path


def patched(path: Path, at: int, value: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[at : at + len(value)] = value
    path.write_bytes(content)
    return path


def xing(path: Path, frames: float = 1, length: float = 1) -> Path:
    """Multiply the number of frames and of bytes that an MP3 states."""
    content = path.read_bytes()
    at = content.index(b"Info") + 8
    for place, factor in ((at, frames), (at + 4, length)):
        stated = int.from_bytes(content[place : place + 4])
        patched(path, place, int(stated * factor).to_bytes(4))
    return path


def same_end(found: NDArray[np.float32], samples: NDArray[np.float32]) -> bool:
    """Tell whether the loud half is at the end of a signal, at most a tenth of a second off."""
    quiet, loud = (np.abs(found[: len(found) // 2 - 9999]), np.abs(found[len(found) // 2 + 9999 :]))
    return abs(len(found) - len(samples)) < 4410 and quiet.max() < 0.02 < 0.1 < loud.mean()


def holds(found: NDArray[np.float32], samples: NDArray[np.float32]) -> bool:
    """Tell whether most of a signal is in another, but for the last of its 16 bits."""
    part = samples[9999:330_000]
    shift = int(np.correlate(found, part[200_000:201_000]).argmax()) - 200_000
    return shift >= 0 and bool(np.allclose(found[shift:][: len(part)], part, rtol=0, atol=4e-5))
