"""The sorted table of LevelDB, in which a checkpoint keeps its index.

A table ends with a footer that points to an index block, whose values point to
the data blocks. Each block is followed by its compression and its checksum; in
it, a key is written as the length shared with the key before, and the rest.

Source: LevelDB, ``doc/table_format.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.errors import IntegrityError
from freeze.formats.crc32c import masked

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
FOOTER = 48  # bytes
TRAILER = 5  # bytes after a block: compression, checksum

LARGEST = 1 << 24
MOST_ITEMS = 100_000
"""Bytes of all keys and values together, and how many there may be."""


def items(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Iterate over the keys and values of a table, in order.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        For messages.

    Yields
    ------
    key, value : bytes

    Raises
    ------
    IntegrityError
        Not a table, damaged, or compressed.
    """
    if len(data) < FOOTER or data[-8:] != MAGIC:
        raise IntegrityError(f"{name} is not the index of a checkpoint, or it is cut short.")
    try:
        footer = data[-FOOTER:-8]
        _, at = _handle(footer, 0)  # the metaindex, which checkpoints leave empty
        index, _ = _handle(footer, at)
        before: bytes | None = None
        total = count = 0
        for _, handle in _entries(_block(data, index)):
            last = before
            for key, value in _entries(_block(data, _handle(handle, 0)[0])):
                total, count = total + len(key) + len(value), count + 1
                if total > LARGEST or count > MOST_ITEMS:
                    raise ValueError("it is far too large")
                if before is not None and key <= before:
                    raise ValueError("its keys are not in order")
                yield key, value
                before = key
            if before is last:  # else one large block could be read again and again
                raise ValueError("a block is empty")
    except (IndexError, ValueError) as error:
        raise IntegrityError(f"{name} is damaged.", why=f"As a table, {error}.") from None


def _block(data: bytes, handle: tuple[int, int]) -> bytes:
    """Cut out a block and check it."""
    offset, size = handle
    end = offset + size
    if end + TRAILER > len(data) - FOOTER:
        raise ValueError("a block lies beyond its end")
    if data[end]:
        raise ValueError("a block is compressed, which checkpoints never are")
    if masked(data[offset : end + 1]) != int.from_bytes(data[end + 1 : end + TRAILER], "little"):
        raise ValueError("a block does not match its checksum")
    return data[offset:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Iterate over a block, which ends with restart points and their number."""
    end = len(block) - 4 * (int.from_bytes(block[-4:], "little") + 1)
    if end < 0:
        raise ValueError("a block has more restart points than bytes")
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        unshared, at = _varint(block, at)
        length, at = _varint(block, at)
        if shared > len(key) or at + unshared + length > end:
            raise ValueError("an entry lies beyond its block")
        key = key[:shared] + block[at : at + unshared]
        at += unshared + length
        yield key, block[at - length : at]


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number in groups of seven bits, the lowest first."""
    value = 0
    for shift in range(0, 64, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")
