"""Where audio is read from: a path, bytes, or a file object."""

from __future__ import annotations

import io
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from catalog.errors import AudioError, NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Source = str | Path | bytes | BinaryIO


def is_source(audio: Any) -> TypeGuard[Source]:
    """Tell what is read and decoded from what is samples already."""
    return isinstance(audio, str | Path | bytes) or hasattr(audio, "read")


def name_of(source: Source) -> str:
    """What to call it in a message."""
    if isinstance(source, str | Path):
        return str(source)
    if isinstance(source, bytes):
        return "the bytes"
    name = getattr(source, "name", None)
    if name == "<stdin>":
        return "-"
    return name if isinstance(name, str) else "the file object"


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open what can then be read at any place; a stream is copied to a temporary file for it.

    Raises
    ------
    NotFoundError
        No such file.
    AudioError
        The path is a folder, cannot be read, or there are no bytes in it.
    UsageError
        The file object gives text.
    """
    name = name_of(source)
    try:
        with _open(source) as file:
            if not file.seek(0, io.SEEK_END):
                raise AudioError(f"{name} is empty.", why="It holds 0 bytes.")
            yield file
    except OSError as error:
        raise AudioError(f"{name} cannot be read.", why=error.strerror or str(error)) from None


@contextmanager
def _open(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            raise AudioError(f"{path} is a folder.", hint=f"List the files in it: {path}/*")
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise NotFoundError(f"There is no file {path}.") from None
        with file:
            yield file
    elif isinstance(source, io.TextIOBase):
        raise UsageError("Audio is read from files in binary mode: open(path, 'rb').")
    elif source.seekable():
        yield source
    else:
        from tempfile import TemporaryFile

        with TemporaryFile() as copy:
            shutil.copyfileobj(source, copy)
            yield copy
