"""What Windows and macOS do differently with names and files."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds, for who has a file open for a moment, such as a virus scanner."""


def is_device(name: str) -> bool:
    """Whether Windows takes a file name for that of a device, with any ending."""
    return _DEVICE.fullmatch(name) is not None


def as_compared(path: Path) -> str:
    """A path as the system compares it: disks of Windows and macOS mostly pass over case."""
    return str(path).casefold() if sys.platform in ("win32", "darwin") else str(path)


def replace_file(made: Path, path: Path) -> None:
    """Rename a file over another; Windows refuses for as long as somebody has that one open.

    Raises
    ------
    OSError
    """
    for wait in _WAITS if sys.platform == "win32" else ():
        try:
            made.replace(path)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    made.replace(path)
