"""The combinations of settings that a search has judged so far, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.storage import ELSEWHERE, storage_errors
from training.scores import Scores


class Finished:
    """A file with a line for each combination, behind one that says what they are of.

    Parameters
    ----------
    path : Path
    digest : str
        Of the problem; what the file has of another one is forgotten.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self.path = path
        self._header = {"problem": digest}
        self._known: dict[str, Scores] = {}
        self._end = self._read()

    def scores(self, settings: Mapping[str, Any]) -> Scores | None:
        """The scores of a combination that is finished."""
        return self._known.get(_key(settings))

    def add(self, settings: Mapping[str, Any], scores: Scores) -> None:
        """Keep the scores of a combination.

        Raises
        ------
        StorageError
        """
        self._known[_key(settings)] = scores
        lines: list[dict[str, Any]] = [] if self._end else [self._header]
        lines.append({"settings": dict(settings), "scores": scores.known()})
        text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        with storage_errors(self.path, ELSEWHERE), self.path.open("ab") as file:
            file.truncate(self._end)  # of what a kill left unfinished
            self._end += file.write(text)

    def _read(self) -> int:
        """Learn what is finished; the place where the file goes on."""
        if not self.path.is_file():
            return 0
        end = 0
        with storage_errors(self.path, ELSEWHERE), self.path.open("rb") as file:
            for text in file:
                try:
                    line = json.loads(text)
                    if end:
                        self._known[_key(line["settings"])] = Scores(**line["scores"])
                    elif line != self._header:
                        return 0
                except (ValueError, LookupError, TypeError):
                    break
                end += len(text) if text.endswith(b"\n") else 0
        return end


def _key(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
