"""Which container holds some audio, told by its first bytes, and how much it says that it holds.

FFmpeg is shown nothing but these: among what else it opens are playlists, which can name any
other file or host.
"""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = {
    "wav": rb"(RIFF|RIFX|RF64|BW64)....WAVE",
    "w64": rb"riff\x2e\x91\xcf\x11",
    "aiff": rb"FORM....AIF[FC]",
    "au": rb"\.snd",
    "caf": rb"caff",
    "flac": rb"fLaC",
    "ogg": rb"OggS",
    "mov": rb"....ftyp",
    "asf": rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "matroska": rb"\x1a\x45\xdf\xa3",
    "aac": rb"\xff[\xf0\xf1\xf8\xf9]",
    # A header of MPEG audio, or what is left of a frame before two of one kind.
    "mp3": rb"(\xff[\xe2\xe3\xf2-\xf5\xfa-\xfd])[\x10-\xef]"
    rb"|.{,4096}?(\xff[\xe2\xe3\xf2-\xf5\xfa-\xfd])[\x10-\xef].{20,2880}?\2[\x10-\xef]",
}
_FORMATS = {name: re.compile(mark, re.DOTALL) for name, mark in _MARKS.items()}

_CHUNKS = {
    # format: where its chunks begin, length of an id, of a size, bytes that both count, padding
    "wav": (12, 4, 4, 0, 2),
    "w64": (40, 16, 8, 24, 8),
    "caf": (8, 4, 8, 0, 1),
}
_PIPED = 1 << 16
"""How near to 2^31 or 2^32 a size lies that was not known when it was written, as to a pipe."""

MANY = 1000
"""Chunks or tags before the audio, beyond which a file is not searched for it."""


def sniff(file: BinaryIO) -> str | None:
    """Tell a container of audio by its content.

    Parameters
    ----------
    file : binary file
        Which can be read at any place.

    Returns
    -------
    str or None
        FFmpeg's name of the format; None if it is no audio that is known here.
    """
    head = _read(file, _after_tags(file), 1 << 13)
    found = (name for name, mark in _FORMATS.items() if mark.match(head))
    return next(found, None)


def promise(file: BinaryIO, format: str) -> float:
    """How much of what its header says is there a file holds, as 1 over that part.

    Returns
    -------
    float
        2 if half of it is missing; 1 if it is whole, or says nothing.
    """
    if format == "mp3":
        said, there = _xing(file)
    elif format in _CHUNKS:
        said, there = _data(file, format)
    else:
        return 1
    return max(1.0, said / there) if there > 0 else 1


def is_open_ended(file: BinaryIO) -> bool:
    """Tell whether the last page of an Ogg file is cut off or not marked as the stream's end."""
    tail = _read(file, max(0, _size(file) - (1 << 17)), 1 << 17)
    page = tail[tail.rfind(b"OggS\0") :]
    if len(page) < 27 or not page[5] & 4:
        return True
    lengths = page[27 : 27 + page[26]]
    return len(page) < 27 + page[26] + sum(lengths)


def tag_length(head: bytes) -> int:
    """The length of the ID3v2 or APE tag that begins somewhere in these bytes, or 0."""
    if tag := re.search(rb"ID3..(.)(....)", head, re.DOTALL):
        footer = 10 if tag[1][0] & 0x10 else 0
        length: int = sum((byte & 127) << (21 - 7 * i) for i, byte in enumerate(tag[2]))
        return 10 + length + footer
    tag = re.search(rb"APETAGEX....(....)", head, re.DOTALL)
    return int.from_bytes(tag[1], "little") if tag else 0


def _after_tags(file: BinaryIO) -> int:
    """Where the audio begins, behind ID3v2 tags."""
    start = 0
    for _ in range(MANY):
        head = _read(file, start, 10)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        start += tag_length(head)
    return start


def _xing(file: BinaryIO) -> tuple[int, int]:
    """The bytes of MPEG audio that its Xing header states, and those that are there."""
    start = _after_tags(file)
    head = _read(file, start, 1 << 13)
    if not (mark := re.search(rb"Xing|Info", head)):
        return 0, 0
    flags, *fields = (
        int.from_bytes(head[at : at + 4]) for at in range(mark.end(), mark.end() + 12, 4)
    )
    counted = fields[flags & 1] if flags & 2 else 0  # behind the number of frames, if it is there
    return counted, _size(file) - start


def _data(file: BinaryIO, format: str) -> tuple[int, int]:
    """The bytes of samples that a container of chunks states, and those that are there."""
    for name, start, size in islice(_chunks(file, format), MANY):
        if name == b"data":
            piped = format == "wav" and (size + _PIPED) % (1 << 31) <= _PIPED
            return (0 if piped else size), _size(file) - start
    return 0, 0


def _chunks(file: BinaryIO, format: str) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a file: name, where its content begins, its length."""
    start, name, width, counted, padding = _CHUNKS[format]
    big = format == "caf" or _read(file, 0, 4) == b"RIFX"
    while len(head := _read(file, start, name + width)) == name + width:
        size = int.from_bytes(head[name:], "big" if big else "little", signed=format == "caf")
        start += name + width
        yield head[:4], start, size - counted
        if size < counted:
            return
        start += -(-(size - counted) // padding) * padding


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)
