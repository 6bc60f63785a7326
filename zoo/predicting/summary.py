"""What a long run comes to: how many files, and each reason why others failed once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.errors import NoError

if TYPE_CHECKING:
    from catalog.errors import ZooError

FEW = 10
"""Files of which each can be told its own error."""


@dataclass
class Summary:
    """Counts what went wrong with files.

    Attributes
    ----------
    files : int
        All of the run.
    """

    files: int
    _reasons: dict[str, list[ZooError]] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many files failed."""
        return sum(map(len, self._reasons.values()))

    def add(self, file: str, error: ZooError) -> None:
        """Count a file that failed."""
        self._reasons.setdefault(reason(file, error), []).append(error)

    def error(self) -> NoError:
        """One sentence, each reason with its count, and an example of each with its hint."""
        often = sorted(self._reasons.items(), key=lambda item: -len(item[1]))
        counts = ", ".join(f"{len(errors)} {reason}" for reason, errors in often)
        examples = [" ".join(filter(None, (e.message, e.why, e.hint))) for _, (e, *_) in often]
        good = self.files - self.failed
        return NoError(
            f"{good} of {self.files} files; {self.failed} failed: {counts}.",
            hint="\n  ".join(examples),
        )


def reason(file: str, error: ZooError) -> str:
    """What went wrong, without the file's name and its numbers."""
    told = error.message.replace(file, "").strip(" .")
    return re.split(r"[:;] ", told)[0].removeprefix("is ")
