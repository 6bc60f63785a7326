"""Protobuf messages, counted before they are parsed.

Two bytes of a file can become a message of 150 bytes in memory, and protobuf has
no limit of its own: a file of a few megabytes may need gigabytes.

Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_STRING, _RAW = FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES
_NUMBERS = 8
"""Packed numbers that count as one value: each takes at most eight bytes in memory."""


def count(data: bytes, message: Any, most: int) -> int:
    """Count the values in a serialized message: messages, texts and numbers, however deep.

    Parameters
    ----------
    data : bytes
        Where it is damaged, counting ends: the parser will tell.
    message : message class
    most : int
        Counting ends soon after it.

    Returns
    -------
    int
    """
    found = 0
    waiting = [(0, len(data), message.DESCRIPTOR)]
    while waiting and found <= most:
        at, end, described = waiting.pop()
        fields = described.fields_by_number
        while at < end and found <= most:
            found += 1
            key, at = _varint(data, at, end)
            wire = key & 7
            if wire == _BYTES:
                size, at = _varint(data, at, end)
                field = fields.get(key >> 3)
                if not size or field is None or field.type in (_STRING, _RAW):
                    pass
                elif field.message_type is None:
                    found += size // _NUMBERS
                else:
                    waiting.append((at, min(at + size, end), field.message_type))
                at += size
            elif wire == _VARINT:
                _, at = _varint(data, at, end)
            elif wire in (_FIXED64, _FIXED32):
                at += 8 if wire == _FIXED64 else 4
            else:
                break
    return found


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read a number; one that goes on beyond the end leads there."""
    value = data[at] if at < end else 0
    if value < 0x80:
        return value, at + 1
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    return value, end
