"""The files of audio, and the models, that the words of a command line mean."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from glob import glob, has_magic
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from catalog.errors import (
    AudioError,
    NotFoundError,
    UnknownModelError,
    UsageError,
    WrongKindError,
)
from zoo.addresses import found_in, is_address, opened
from zoo.predicting.stored import arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

STDIN = "-"
"""The audio that is piped in, among names of files."""

log = logging.getLogger("zoo")


def audio_files(words: Iterable[str], *, descriptors: bool = False) -> dict[str, Path]:
    """Find the files of audio that are named, match a pattern, or lie in a folder.

    Parameters
    ----------
    words : iterable of str
        Files, folders (searched with all folders in them), or patterns such as
        ``music/**/*.flac``, where no shell has resolved them; or ``-`` alone for stdin.
    descriptors : bool
        Whether files of descriptors are looked for in folders, too.

    Returns
    -------
    dict of str to Path
        Each file once, and the place of its results in a folder of results: its name, behind
        the folders in which it was found.

    Raises
    ------
    NotFoundError
        A pattern gives nothing, or there is no audio at all.
    UsageError
        There are files beside stdin.
    """
    words = list(words)
    if STDIN in words and len(words) > 1:
        raise UsageError("The audio on stdin is heard alone.", hint="Name the files without the -.")
    found: dict[str, Path] = {}
    empty: list[str] = []
    endings = _endings(descriptors=descriptors)
    for word in words:
        if is_pattern(word):
            paths = _audio_matches(word, endings)
            fresh = dict(chain.from_iterable(_files(path, endings) for path in paths))
            if not fresh:
                raise NotFoundError(f"No audio found in {word}.")
        else:
            fresh = dict(_files(word, endings))
            empty += [] if fresh else [word]
        found |= fresh
    if empty and not found:
        raise NotFoundError(f"No audio found in {', '.join(empty)}.")
    for folder in empty:  # perhaps one of those that a shell put for a pattern
        log.info("No audio found in %s.", folder)
    return found


@contextmanager
def source(file: str) -> Iterator[str | BinaryIO | NDArray[Any]]:
    """What to read for the name of a file: audio, or embeddings that were kept.

    Raises
    ------
    UsageError
        There is no input on stdin.
    AudioError
        An ``.npz`` file without the embeddings of a file.
    """
    if file.endswith(".npz"):
        yield _embeddings(file)
    elif is_address(file):
        with opened(file) as remote:
            yield remote
    elif file != STDIN:
        yield file
    elif sys.stdin is None or sys.stdin.isatty():
        raise UsageError("There is no input on stdin.", hint="cat song.mp3 | zoo predict MODEL -")
    else:
        yield sys.stdin.buffer


def _embeddings(path: str) -> NDArray[Any]:
    """The embeddings in an ``.npz`` file of one file of audio [shape=(rows, 1, width)]."""
    try:
        found = arrays(Path(path))
    except WrongKindError as error:
        raise AudioError(error.message, why=error.why) from None
    if "activations" in found and found["activations"].ndim == 2:
        return found["activations"][:, None, :]
    if "matrix" in found:
        raise AudioError(
            f"{path} holds the means of several files, not the embeddings of one.",
            hint=f"In Python, a row per file: zoo.load(HEAD).predict(np.load({path!r})['matrix']"
            "[:, None, :])",
        )
    raise AudioError(
        f"{path} holds no embeddings.",
        hint=f"zoo predict EXTRACTOR song.mp3 --layer embeddings --output {path}",
    )


def may_be_audio(word: str) -> bool:
    """Tell whether a word means audio: an existing path, what a pattern matches, or stdin."""
    from zoo.local_models import graph_path

    if is_address(word):
        return True
    if is_pattern(word):
        from predictors.descriptors import files

        descriptors = Path(word).suffix.lower() in files.ENDINGS
        return bool(_audio_matches(word, _endings(descriptors=descriptors)))
    return word == STDIN or (Path(word).exists() and graph_path(word) is None)


def _files(path: str, endings: Collection[str]) -> Iterator[tuple[str, Path]]:
    """A file, or those in a folder, and in its folders, whose names end so."""
    if is_address(path):
        yield from _behind(path, endings)
        return
    folder = Path(path)
    if not folder.is_dir():
        yield path, Path(folder.name)
        return
    for file in sorted(folder.rglob("*")):
        place = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in place.parts)
        if file.suffix.lower() in endings and file.is_file() and not hidden:
            yield str(file), place


def _behind(address: str, endings: Collection[str]) -> Iterator[tuple[str, Path]]:
    """What `_files` gives for an address; a folder's ends in a slash."""
    if not address.endswith("/"):
        yield address, Path(Path(address).name)
        return
    for file in found_in(address):
        if Path(file).suffix.lower() in endings:
            yield file, Path(file.removeprefix(address))


def _audio_matches(pattern: str, endings: Collection[str]) -> list[str]:
    found = matches(pattern)
    return [str(path) for path in found if path.is_dir() or path.suffix.lower() in endings]


def _endings(*, descriptors: bool) -> Collection[str]:
    """How the names of files of audio end, or those of audio and of descriptors."""
    from predictors.audio.decoding import ENDINGS

    if not descriptors:
        return ENDINGS
    from predictors.descriptors import files

    return {*ENDINGS, *files.ENDINGS}


def model_names(words: Iterable[str]) -> list[str]:
    """Resolve the patterns among names of models; each name once.

    Raises
    ------
    UnknownModelError
        No network fits a pattern.
    """
    names: dict[str, None] = {}
    for word in words:
        names |= dict.fromkeys(_matching(word) if is_pattern(word) else [word])
    return list(names)


def is_pattern(word: str) -> bool:
    """Tell whether a word is a pattern and not the name of anything that exists."""
    return has_magic(word) and not is_address(word) and not Path(word).exists()


def matches(word: str) -> list[Path]:
    """The paths that a pattern means, or the one of that name; nothing if there is none."""
    if not is_pattern(word):
        is_there = word == STDIN or is_address(word) or Path(word).exists()
        return [Path(word)] if is_there else []
    return sorted(map(Path, glob(word, recursive=True)))  # noqa: PTH207 (it may be absolute)


def _matching(pattern: str) -> list[str]:
    from catalog.index import catalog

    found = [model.id for model in catalog().match(pattern) if model.kind != "svm"]
    if not found:
        raise UnknownModelError(f"No models match {pattern!r}.", hint=f"See: zoo ls '{pattern}'")
    return found
