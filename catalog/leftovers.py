"""What is not finished yet, under names that tell whose it is; what killed processes left goes."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

DAY = 86_400
"""Seconds, after which nobody works any more on what other machines began."""


def _host() -> str:
    """This machine; of containers that share a name, this one, where processes have numbers."""
    numbers = ""
    with suppress(OSError):
        numbers = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:6]


_HOST = _host()
_NAME = re.compile(r"\.?zoo-([0-9a-f]{6})-([1-9][0-9]{0,9})-.*")


def name(ending: str = "") -> str:
    """A new name for what is not finished yet: hidden, with this machine and this process."""
    return f".{_prefix()}{uuid4().hex[:12]}{ending}"


def _prefix() -> str:
    return f"zoo-{_HOST}-{os.getpid()}-"


@contextmanager
def working_folder(beside: Path | None = None) -> Iterator[Path]:
    """A folder that goes when the block has ended.

    Parameters
    ----------
    beside : Path, optional
        The folder that it is in; the system's place for temporary files if not given.
    """
    with temporary(beside) as folder:
        yield Path(folder)


def temporary(beside: Path | None = None) -> TemporaryDirectory[str]:
    """A folder that goes when it is cleaned up."""
    from tempfile import TemporaryDirectory, gettempdir

    sweep(beside or Path(gettempdir()))
    return TemporaryDirectory(prefix=f".{_prefix()}" if beside else _prefix(), dir=beside)


@cache
def sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder; once, for it may be large."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found and _is_left(found[1], int(found[2]), entry):
                remove(Path(entry.path))


def remove(path: Path) -> None:
    """Remove a file or a folder, as far as it may be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _is_left(host: str, process: int, entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        if time.time() - entry.stat(follow_symlinks=False).st_mtime > DAY:
            return True
    return host == _HOST and not _is_running(process)


def _is_running(process: int) -> bool:
    if sys.platform == "win32":  # there, a signal of 0 is not only a question
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
