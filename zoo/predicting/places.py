"""Where the results of files go, and what is written there of their activations."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from catalog.systems import as_compared

if TYPE_CHECKING:
    from predictors.prediction import Prediction


def places(target: Path, files: Mapping[str, Path], ending: str) -> dict[str, Path]:
    """Where the result of each file is written.

    Parameters
    ----------
    target : Path
        A file, or a folder that gets one a file of audio: it exists, or has no ending.
    files : mapping of str to Path
        Each file's place in such a folder.
    ending : str
        What is put behind the names in a folder.

    Raises
    ------
    UsageError
        Several results would be written to one file.
    """
    if not is_folder(target):
        if len(files) > 1:
            raise UsageError(
                f"{target} can hold the result of one file, but there are {len(files)}.",
                hint=f"Name a folder instead: {target.with_suffix('')}/",
            )
        return dict.fromkeys(files, target)
    found = {
        file: target / place.with_name(f"{place.name}{ending}") for file, place in files.items()
    }
    require_distinct(target, found.values())
    return found


def require_distinct(target: Path, found: Collection[Path]) -> None:
    """Refuse to write two results to one place.

    Raises
    ------
    UsageError
    """
    if len({as_compared(path) for path in found}) < len(found):
        raise UsageError(
            f"Two results would have the same name in {target}.",
            why="Some files differ only in the folders that were named.",
            hint="Name the folder that holds them all, or run one file at a time.",
        )


def is_folder(target: Path) -> bool:
    """Tell whether a place for results is a folder: it exists, or has no ending."""
    return target.is_dir() or not target.suffix


def npz(predictions: Sequence[Prediction]) -> bytes:
    """Arrays as an ``.npz`` file; those of several models behind ``<id>/``."""
    import numpy as np

    arrays = {
        f"{prediction.model}/{key}" if len(predictions) > 1 else key: value
        for prediction in predictions
        for key, value in prediction.arrays().items()
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def csv(predictions: Sequence[Prediction]) -> bytes:
    """The activations of one model as a table."""
    stream = io.StringIO(newline="")
    for prediction in predictions:
        prediction.write_csv(stream)
    return stream.getvalue().encode()
