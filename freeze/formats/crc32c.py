"""CRC-32C (Castagnoli), with which checkpoints protect their blocks and tensors.

The register is linear over GF(2): a long message is cut into lanes that NumPy
advances side by side, and the lanes are joined with the operator that a lane of
zeros applies to the register.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POLYNOMIAL = np.uint32(0x82F63B78)  # bits reversed
_BITS = np.arange(32, dtype=np.uint32)


def _table() -> NDArray[np.uint32]:
    """The register after one byte, for every byte."""
    register = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        register = (register >> np.uint32(1)) ^ (register & np.uint32(1)) * _POLYNOMIAL
    return register


_TABLE = _table()


def crc32c(data: bytes | memoryview) -> int:
    """Compute the CRC-32C of bytes.

    Parameters
    ----------
    data : bytes or memoryview

    Returns
    -------
    int
        From 0 to 2**32 - 1.
    """
    message = np.frombuffer(data, np.uint8)
    if len(message) < 4:
        return _few(message.tobytes())
    count = 1 << (len(message).bit_length() // 2)
    length = -(-len(message) // count)
    lanes = np.zeros((count + 32, length), np.uint8)  # the last 32 stay zero
    flat = lanes.reshape(-1)[: count * length]
    flat[-len(message) :] = message  # zeros in front leave an empty register empty
    flat[count * length - len(message) :][:4] ^= 0xFF  # the register begins with all bits set
    register = np.zeros(count + 32, np.uint32)
    register[count:] = np.uint32(1) << _BITS
    for column in np.ascontiguousarray(lanes.T):
        register = _TABLE[(register ^ column) & 0xFF] ^ (register >> np.uint32(8))
    joined, zeros = register[:count], register[count:]
    while len(joined) > 1:
        joined = _apply(zeros, joined[0::2]) ^ joined[1::2]
        zeros = _apply(zeros, zeros)
    return int(joined[0]) ^ 0xFFFFFFFF


def _apply(operator: NDArray[np.uint32], registers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Multiply a 32 x 32 bit matrix, given by its columns, with registers."""
    bits = (registers[:, None] >> _BITS) & np.uint32(1)
    return np.asarray(np.bitwise_xor.reduce(bits * operator, axis=1), np.uint32)


def _few(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register = int(_TABLE[(register ^ byte) & 0xFF]) ^ (register >> 8)
    return register ^ 0xFFFFFFFF


def masked(data: bytes | memoryview) -> int:
    """The CRC-32C of bytes as checkpoints store it: rotated, with a constant added.

    Source: LevelDB, ``util/crc32c.h``.
    """
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
