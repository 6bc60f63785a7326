"""What a network from anywhere may take while it is tried out: memory and time."""

from __future__ import annotations

import os
import re
from glob import escape
from pathlib import Path

from catalog.errors import UsageError

MEMORY = 900_000_000
"""Bytes of data; with the libraries of a runtime, 1 GB."""
MEMORY_A_BYTE = 12
"""More for each byte of the network's file."""
MEMORY_FED = 64
"""More for each byte that is fed: layers are wider than what they read."""
TENSORFLOW = 1_500_000_000
"""More for a runtime that imports TensorFlow."""

SECONDS = 7.5
"""Of processor time for one batch."""
SECONDS_A_MEGABYTE = 0.25
"""More for each megabyte of file and input."""
PATIENCE = 4
"""Times as long is waited, as others may want the processors too."""
IMPORTS = 60
"""Seconds more are waited, in which a runtime is imported."""

MORE = "If you trust it and have the memory, allow more: export ZOO_MEMORY=4G"
"""What to do where memory was not enough."""

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def size_of(path: str | Path) -> int:
    """Bytes of a file, of all files of a folder, or of those whose names begin like this."""
    place = Path(path)
    files = place.rglob("*") if place.is_dir() else place.parent.glob(f"{escape(place.name)}*")
    return sum(each.stat().st_size for each in files if each.is_file())


def memory(size: int, fed: int = 0) -> int:
    """Bytes of memory that a network may take.

    Parameters
    ----------
    size, fed : int
        Bytes of its file, and of what it is fed.

    Raises
    ------
    UsageError
        ``ZOO_MEMORY`` is no number of bytes.
    """
    return allowance() + MEMORY_A_BYTE * size + MEMORY_FED * fed


def allowance() -> int:
    """What every network may take: nine tenths of ``ZOO_MEMORY``, or of 1 GB."""
    text = os.environ.get("ZOO_MEMORY", "").strip().upper()
    if not text:
        return MEMORY
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([KMG]?)B?", text)
    if not found:
        raise UsageError(
            f"ZOO_MEMORY is {text}, which is no number of bytes.",
            hint="Give bytes, or a number with K, M or G: export ZOO_MEMORY=2G",
        )
    return int(float(found[1]) * _UNITS[found[2]] * 0.9)


def seconds(size: int, fed: int = 0) -> float:
    """Seconds of processor time that a network may take for a batch; see `memory`."""
    return SECONDS + SECONDS_A_MEGABYTE * (size + fed) / 1e6


def patience(seconds: float) -> float:
    """Seconds to wait for what takes so many seconds of processor time."""
    return IMPORTS + PATIENCE * seconds
