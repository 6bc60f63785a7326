"""What lies behind addresses that fsspec knows: object stores and servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from catalog.errors import AudioError, MissingExtraError, NotFoundError, UsageError, ZooError


def is_address(text: str) -> bool:
    """Tell an address such as ``s3://bucket/song.mp3`` from a path."""
    return "://" in text


def is_dataset(to: str) -> bool:
    """Tell whether an output is a data set: an address, or a folder whose name ends in .parquet.

    Raises
    ------
    UsageError
        An address of something else.
    """
    is_folder = to.endswith("/") or (not is_address(to) and Path(to).is_dir())
    if is_folder and to.rstrip("/").endswith(".parquet"):
        return True
    if is_address(to):
        raise UsageError(
            f"{to} is no place for results.",
            why="Behind an address, they are a data set: a folder whose name ends in .parquet/.",
            hint=f"--output {to.rstrip('/').removesuffix('.parquet')}.parquet/",
        )
    return False


@contextmanager
def opened(address: str) -> Iterator[BinaryIO]:
    """Open what is behind an address, to read at any place.

    Raises
    ------
    NotFoundError
        There is nothing.
    AudioError
        It cannot be reached or read: each protocol has its own errors.
    UsageError, MissingExtraError
        See `located`.
    """
    system, path = located(address)
    try:
        with system.open(path, "rb") as file:
            yield file
    except ZooError:
        raise
    except Exception as error:
        cause = error.__cause__ or error
        if _is_missing(cause):
            raise NotFoundError(f"There is no file {address}.") from None
        why = str(cause) or type(cause).__name__
        raise AudioError(f"{address} cannot be read.", why=why) from error


def _is_missing(cause: BaseException) -> bool:
    """Tell what is not there from servers that fail: fsspec calls both not found."""
    return isinstance(cause, FileNotFoundError) or getattr(cause, "status", None) == 404


def found_in(address: str) -> list[str]:
    """The addresses of all files in a folder and the folders in it, sorted.

    Raises
    ------
    NotFoundError, AudioError, UsageError, MissingExtraError
        See `opened`.
    """
    system, path = located(address)
    try:
        return [system.unstrip_protocol(name) for name in sorted(system.find(path))]
    except Exception as error:
        why = str(error) or type(error).__name__
        raise AudioError(f"{address} cannot be listed.", why=why) from error


def located(address: str) -> tuple[Any, str]:
    """The file system behind an address, and the path there.

    Raises
    ------
    MissingExtraError
        fsspec, or the package that knows the protocol, is not installed.
    UsageError
        Nobody knows the protocol.
    """
    protocol = address.partition("://")[0]
    needed = f"Addresses of {protocol}:// need the extra `cloud`."
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError.of("cloud", f"{address} cannot be opened.", why=needed) from None
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise MissingExtraError.of(
            "cloud", f"{address} cannot be opened.", why=str(error)
        ) from None
    except ValueError as error:
        raise UsageError(f"{address} cannot be opened.", why=str(error)) from None
    return system, path
