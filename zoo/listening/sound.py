"""Sound as it comes: from a microphone, from a pipe, or from a file played in real time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from catalog.errors import MissingExtraError, NotFoundError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Block = tuple[NDArray[Any], float]

STEP = 0.05
"""Seconds of a file that are heard at once."""
PATIENCE = 5.0
"""Seconds without a block after which a microphone counts as gone."""


@dataclass(frozen=True)
class Sound:
    """Sound that goes on while it is heard.

    Attributes
    ----------
    name : str
    sample_rate : int
        In hertz.
    blocks : iterator of (numpy.ndarray [shape=(samples,) or (samples, channels)], float)
        The samples, and when they were there by the clock `time.monotonic`.
    endless : bool
        Whether only the listener can end it.
    """

    name: str
    sample_rate: int
    blocks: Iterator[Block]
    endless: bool = False


def microphone(instead: str) -> Sound:
    """Listen to the system's microphone, at its own sample rate.

    Parameters
    ----------
    instead : str
        What to do without one.

    Raises
    ------
    MissingExtraError
        sounddevice, or the library PortAudio that it needs, is not installed.
    NotFoundError
        There is no microphone, or it cannot be used.
    """
    try:
        import sounddevice
    except ImportError:
        raise MissingExtraError.of(
            "listen", "A microphone cannot be used without sounddevice."
        ) from None
    except OSError as error:
        raise MissingExtraError(
            "A microphone cannot be used without the library PortAudio.",
            why=f"sounddevice says: {error}.",
            hint="On Debian and Ubuntu: sudo apt install libportaudio2",
        ) from None
    arrived: SimpleQueue[Block] = SimpleQueue()

    def take(samples: NDArray[Any], count: int, time: object, status: object) -> None:
        arrived.put((samples.copy(), monotonic()))

    try:
        rate = int(sounddevice.query_devices(kind="input")["default_samplerate"])
        stream = sounddevice.InputStream(rate, channels=1, dtype="float32", callback=take)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise NotFoundError(
            "No microphone was found.", why=f"PortAudio: {error}.", hint=instead
        ) from None

    def blocks() -> Iterator[Block]:
        with stream:
            while True:
                try:
                    yield arrived.get(timeout=PATIENCE)
                except Empty:
                    raise NotFoundError("The microphone was disconnected.", hint=instead) from None

    return Sound("microphone", rate, blocks(), endless=True)


def pipe(sample_rate: int, channels: int) -> Sound:
    """Listen to samples of 16 bits, little-endian, channel by channel, on stdin.

    Raises
    ------
    UsageError
        There is no input on stdin.
    """
    if sys.stdin.isatty():
        raise UsageError(
            "There is no input on stdin.",
            why="--stdin reads raw 16-bit samples.",
            hint=f"ffmpeg -i … -f s16le -ar {sample_rate} -ac {channels} - | zoo listen … --stdin",
        )

    def blocks() -> Iterator[Block]:
        import numpy as np

        rest = b""
        while data := os.read(sys.stdin.fileno(), 1 << 16):
            data = rest + data
            whole = len(data) - len(data) % (2 * channels)
            samples = np.frombuffer(data[:whole], "<i2").astype(np.int16)
            yield samples.reshape(-1, channels), monotonic()
            rest = data[whole:]

    return Sound("stdin", sample_rate, blocks())


def played(path: Path) -> Sound:
    """Listen to a file as if it were played now; see `decoding.read` for its errors."""
    from predictors.audio.decoding import read_pieces

    pieces = read_pieces(path)
    first = next(pieces)
    step = max(1, int(STEP * first.sample_rate))

    def blocks() -> Iterator[Block]:
        due = monotonic()
        for piece in chain([first], pieces):
            for start in range(0, len(piece.samples), step):
                block = piece.samples[start : start + step]
                due += len(block) / piece.sample_rate
                sleep(max(0, due - monotonic()))
                yield block, due

    return Sound(str(path), first.sample_rate, blocks())
