"""The tree of all errors, with the exit code that each one gives the command.

::

    ZooError                        70  root; raised itself only for a bug
    ├── NoError                      1  the answer to the question is no
    │   ├── AudioError                  this audio cannot be used
    │   ├── DescriptorError             these descriptors cannot be used
    │   └── ParityError                 two networks that must agree do not
    ├── UsageError                   2  wrong use of the command
    │   └── AmbiguousNameError          a name that could mean several models
    ├── NotFoundError                3  an unknown name or a missing path
    │   └── UnknownModelError           no such model, with suggestions
    ├── NetworkError                 4  no answer, or a bad one
    │   └── OfflineError                the network was needed and is switched off
    ├── IntegrityError               5  a file is not what it should be
    │   ├── ChecksumError               size or digest differ from the record
    │   └── WrongKindError              an HTML page, an LFS pointer, another format
    ├── MissingExtraError            6  an optional dependency is not installed
    ├── StorageError                 7  disk full, no permission
    └── InterruptedByUserError     130  Ctrl-C
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from catalog.hints import in_python

if TYPE_CHECKING:
    from collections.abc import Iterable

NEWEST_PYTHON = (3, 12)
"""For TensorFlow 2.19, which some extras bring."""


class ZooError(Exception):
    """Root of every error that zoo raises on purpose.

    Parameters
    ----------
    message : str
        What happened, one sentence.
    why : str
        The cause, where it is known.
    hint : str
        What to do next, as a command with the user's own words where possible. It ends the
        hint, or stands after its last colon; `str` of the error shows it as a Python call.
    """

    exit_code = 70

    def __init__(self, message: str, why: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        lines = (self.message, self.why, in_python(self.hint))
        return "\n".join(filter(None, lines))


class NoError(ZooError):
    """The question was understood and the answer is no."""

    exit_code = 1


class AudioError(NoError):
    """This audio cannot be decoded, or is too short for the model."""


class DescriptorError(NoError):
    """These descriptors are not those that the model takes."""


class ParityError(NoError):
    """Two networks that must agree do not."""


class UsageError(ZooError):
    """The command or function was used in a way that has no meaning."""

    exit_code = 2


class AmbiguousNameError(UsageError):
    """A name that could mean several models."""


class NotFoundError(ZooError):
    """A path or a name that does not exist."""

    exit_code = 3


class UnknownModelError(NotFoundError):
    """No model has this name."""


class NetworkError(ZooError):
    """A server did not answer, or answered with an error."""

    exit_code = 4


class OfflineError(NetworkError):
    """The network was needed, and ``ZOO_OFFLINE`` forbids it."""


class IntegrityError(ZooError):
    """A file is not what it claims to be."""

    exit_code = 5


class ChecksumError(IntegrityError):
    """The size or the digest of a file differs from the expected one."""


class WrongKindError(IntegrityError):
    """A file is of another kind than expected, told by its content."""


class MissingExtraError(ZooError):
    """An optional dependency is needed and not installed."""

    exit_code = 6

    @classmethod
    def of(
        cls, extra: str, message: str, why: str = "", *, tensorflow: bool = False
    ) -> MissingExtraError:
        """Name the extra of zoo that brings what is missing.

        Parameters
        ----------
        extra, message : str
        why : str
            By default that it comes with the extra.
        tensorflow : bool
            Whether it needs TensorFlow, which is not to be had for each Python.
        """
        why, command = (
            why or f"It comes with the extra `{extra}`.",
            f"pip install 'audiozoo[{extra}]'",
        )
        if not tensorflow or sys.version_info[:2] <= NEWEST_PYTHON:
            return cls(message, why, command)
        newest, this = (".".join(map(str, each[:2])) for each in (NEWEST_PYTHON, sys.version_info))
        why += f" TensorFlow 2.19 needs Python {newest} or older, and this is {this}."
        return cls(message, why, f"In an environment with Python {newest}: {command}")


class StorageError(ZooError):
    """The disk is full, or a folder cannot be written."""

    exit_code = 7


class InterruptedByUserError(ZooError):
    """The user pressed Ctrl-C."""

    exit_code = 130


def listed(items: Iterable[object], most: int = 8) -> str:
    """Join some items into one line, and only count the rest: ``a, b and 2 more``."""
    texts = list(map(str, items))
    rest = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + rest


def bug(error: BaseException) -> ZooError:
    """An error that zoo did not foresee, and how to report it."""
    return ZooError(
        f"This is a bug in zoo: {type(error).__name__}: {error}",
        hint="Run the same command with ZOO_DEBUG=1 and report what it prints.",
    )
