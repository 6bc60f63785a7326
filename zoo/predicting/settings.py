"""What numbers depend on: the models, what the user chooses, and the audio."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.predicting.collection import STDIN

if TYPE_CHECKING:
    from predictors.model import Model

Stamp = tuple[int, int]
"""The size of a file of audio, and when it was last changed, in nanoseconds."""


@dataclass(frozen=True)
class Settings:
    """What numbers depend on, beside the audio.

    Attributes
    ----------
    options : dict
        What the user can choose, the layer among it.
    models : dict of str to list of str
        From a model's id to the digests of its network and its record, and of those of the
        network whose embeddings it reads.
    """

    options: Mapping[str, Any]
    models: Mapping[str, Sequence[str]]

    def unlike(self, options: Mapping[str, Any], models: Mapping[str, Any]) -> str:
        """Why numbers of other models, or made with other options, do not go with these.

        Empty if they do; what the models' digests say is left to who asks.

        Raises
        ------
        KeyError
            An option is missing.
        """
        if list(models) != list(self.models):
            return f"It contains results of {', '.join(models)}, not of {', '.join(self.models)}."
        if other := [key for key, value in self.options.items() if options[key] != value]:
            was, now = (_told(each, other) for each in (options, self.options))
            return f"It was made with {was}, not {now}."
        return ""


def _told(options: Mapping[str, Any], keys: Iterable[str]) -> str:
    return ", ".join(f"{key} {options[key]}" for key in keys)


def stamp_of(file: str) -> Stamp | None:
    """The size and the time of a file; None of what is never the same again, as stdin."""
    if file == STDIN:
        return None
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def digests(model: Model) -> list[str]:
    """The digests of a network and its record, and of those of the network that it reads."""
    record = json.dumps(model.record.document, sort_keys=True).encode()
    of_extractor = digests(model.extractor) if model.extractor else []
    return [model.file.sha256, hashlib.sha256(record).hexdigest(), *of_extractor]
