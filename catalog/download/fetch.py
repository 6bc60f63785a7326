"""One verified, resumable download."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from catalog.download.address import host, local_path
from catalog.download.content import HEAD, refuse_impostor
from catalog.download.headers import content_length, content_range, retry_after, validator_of
from catalog.download.part import CHUNK, Part, own_part
from catalog.download.server import TRANSIENT, TransientError, answer, chunks_of, refusal
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    NetworkError,
    StorageError,
    ZooError,
)
from catalog.storage import storage_errors

if TYPE_CHECKING:
    from requests import Response

Tick = Callable[[int, int | None], None]

LIMIT = 4 << 30  # bytes; no model is near, and protobuf itself ends at 2 GiB
WAITS = (0.5, 1.0, 2.0, 4.0)  # seconds before each further try; anew after every progress


@dataclass(frozen=True)
class Fetched:
    """A whole and verified file that has no place yet.

    Attributes
    ----------
    path : Path
        Where it waits, to be moved before the ``with`` block ends.
    url : str
        The address that gave it.
    size : int
        In bytes.
    sha256 : str
    """

    path: Path
    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class _Expected:
    size: int | None
    sha256: Sequence[str]
    limit: int


@contextmanager
def fetch(
    urls: Sequence[str],
    folder: Path,
    *,
    size: int | None = None,
    sha256: Sequence[str] = (),
    limit: int = LIMIT,
    tick: Tick | None = None,
) -> Iterator[Fetched]:
    """Download one file and hold it until the caller has moved it to its place.

    Parameters
    ----------
    urls : sequence of str
        Addresses or paths, tried in order.
    folder : Path
        Where unfinished files wait; in the file system of the final place.
    size : int, optional
        In bytes.
    sha256 : sequence of str
        Any of them is good; with none, the caller judges the content.
    limit : int
        More bytes than this are refused, whatever the server says.
    tick : callable, optional
        Called with the bytes so far and the total, where known.

    Raises
    ------
    NetworkError
        No address gave the file.
    IntegrityError
        An address gave another file, and no other gave the right one.
    StorageError
    """
    key = sha256[0] if sha256 else hashlib.sha256(urls[0].encode()).hexdigest()
    # A size beside several digests belongs to one of them only.
    expected = _Expected(size if len(sha256) < 2 else None, sha256, limit)
    with own_part(folder, key) as part:
        yield _first_good(urls, part, expected, tick or (lambda done, total: None))


def _first_good(urls: Sequence[str], part: Part, expected: _Expected, tick: Tick) -> Fetched:
    errors: list[ZooError] = []
    for url in urls:
        try:
            return _persist(url, part, expected, tick)
        except (NetworkError, IntegrityError) as error:
            errors.append(error)
    raise next((error for error in errors if isinstance(error, IntegrityError)), errors[0])


def _persist(url: str, part: Part, expected: _Expected, tick: Tick) -> Fetched:
    """Try until the file is whole, or until waiting longer brings no further byte."""
    furthest, waits = part.size, iter(WAITS)
    while True:
        resumed = part.size > 0
        try:
            with storage_errors(part.path):
                return _attempt(url, part, expected, tick)
        except IntegrityError:
            part.discard()
            if not resumed:
                raise
            # The kept beginning may be of another version: once more, from the start.
        except TransientError as cut:
            if part.size > furthest:
                furthest, waits = part.size, iter(WAITS)
            wait = next(waits, None)
            if wait is None:
                raise cut.error from None
            sleep(max(wait, cut.after))


def _attempt(url: str, part: Part, expected: _Expected, tick: Tick) -> Fetched:
    if expected.size and part.size == expected.size and expected.sha256:
        return _judged(url, part, part.hash().hexdigest(), expected)  # killed before its move
    if path := local_path(url):
        return _copy(path, url, part, expected, tick)

    validator = part.validator(url)
    if not (validator or expected.sha256):
        part.discard()  # nothing could tell whether the rest belongs to this beginning
    headers = {"Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if validator:
            headers["If-Range"] = validator
    with answer(url, headers) as response:
        total = _begin_or_continue(response, url, part)
        if response.status_code == 416:
            return _judged(url, part, part.hash().hexdigest(), expected)
        return _receive(chunks_of(response, url), url, part, total, expected, tick)


def _copy(path: Path, url: str, part: Part, expected: _Expected, tick: Tick) -> Fetched:
    """Take a file from a folder, with the same care."""
    if not path.is_file():
        raise NetworkError(
            f"There is no {path}.",
            why="The mirror folder does not have this file.",
            hint="It must have the same folders as https://essentia.upf.edu/models",
        )
    part.begin(url, None)
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        return _receive(chunks, url, part, path.stat().st_size, expected, tick)


def _begin_or_continue(response: Response, url: str, part: Part) -> int | None:
    """Judge an answer by its headers: make the part ready, return the total size if told.

    The answers to a request for the rest of a file are 206 (the rest), 200 (all
    of it, because it changed or the server cannot do better) and 416 (there is
    no rest); see RFC 9110, 14 and 15.5.17.
    """
    status = response.status_code
    if status == 200:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise NetworkError(
                f"{host(url)} compressed the file despite being asked not to.",
                why=f"Content-Encoding: {response.headers['Content-Encoding']} for {url}",
            )
        part.begin(url, validator_of(response))
        return content_length(response)
    if status in (206, 416) and part.size:
        first, total = content_range(response)
        begun, now = part.validator(url), validator_of(response)
        if first not in (None, part.size) or (begun and now and begun != now):
            raise IntegrityError(f"{url} changed while it was downloaded.")
        if (status == 206 and first is None) or (status == 416 and total not in (None, part.size)):
            raise IntegrityError(f"{host(url)} answers for another part of {url} than asked for.")
        return total
    if status in TRANSIENT:
        raise TransientError(refusal(response, url), retry_after(response))
    raise refusal(response, url)


def _receive(
    chunks: Iterator[bytes],
    url: str,
    part: Part,
    total: int | None,
    expected: _Expected,
    tick: Tick,
) -> Fetched:
    """Append what comes, hashing on the way, and judge it when it is whole."""
    digest, done = part.hash(), part.size
    wrong_size = total is not None and (
        total > expected.limit or expected.size not in (None, total)
    )
    if not wrong_size:
        _require_space(part.path.parent, (total or expected.size or 0) - done)
    most = min(expected.limit, expected.size or expected.limit)
    with part.path.open("ab") as file:
        for chunk in chunks:
            if done == 0:
                refuse_impostor(chunk[:HEAD], url)
            done += len(chunk)
            if wrong_size or done > most:
                raise _wrong_size(url, total or done, expected)
            file.write(chunk)
            digest.update(chunk)
            tick(done, total or expected.size)
        file.flush()
        os.fsync(file.fileno())
    whole = expected.size if total is None else total
    if whole is not None and 0 < done < whole:
        cut = NetworkError(
            f"{host(url)} closed the connection early.",
            why=f"{done} of {whole} bytes arrived ({url})",
            hint="Run the same command again: the download resumes.",
        )
        raise TransientError(cut)
    return _judged(url, part, digest.hexdigest(), expected)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StorageError(
            f"The disk of {folder} is too full.",
            why=f"{needed} bytes are needed, {free} are free.",
            hint="Free some space, or choose another store: export ZOO_HOME=…",
        )


def _judged(url: str, part: Part, sha256: str, expected: _Expected) -> Fetched:
    """The finished file, if it is what it should be."""
    size = part.size
    refuse_impostor(part.head(HEAD) if size else b"", url)
    if expected.size not in (None, size):
        raise _wrong_size(url, size, expected)
    if expected.sha256 and sha256 not in expected.sha256:
        raise ChecksumError(
            f"{url} is not the expected file.",
            why=f"Its SHA-256 is {sha256}, not {' or '.join(expected.sha256)}.",
        )
    return Fetched(part.path, url, size, sha256)


def _wrong_size(url: str, size: int, expected: _Expected) -> ChecksumError:
    should = f"{expected.size} bytes" if expected.size else f"at most {expected.limit} bytes"
    return ChecksumError(
        f"{url} does not have the expected size.",
        why=f"It has {size} bytes or more, and should have {should}.",
    )
