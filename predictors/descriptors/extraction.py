"""Descriptors of audio, which Essentia computes in a process of its own."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from catalog.errors import AudioError, MissingExtraError, NotFoundError
from catalog.leftovers import working_folder
from catalog.storage import save
from freeze.child import ChildError, ask
from predictors.descriptors import extraction_process, files

LICENSE = (
    "Descriptors of audio are computed by Essentia's MusicExtractor, in a process of its own. "
    "Essentia is licensed under the AGPL-3.0."
)


def extracted(path: Path, keep: Path | None = None) -> dict[str, Any]:
    """Compute the descriptors of a file of audio.

    Parameters
    ----------
    path : Path
    keep : Path, optional
        The ``.json`` that keeps them, without the tags of the audio.

    Returns
    -------
    dict of str to value
        See `files.read`.

    Raises
    ------
    NotFoundError
    MissingExtraError
        Essentia is not installed.
    AudioError
        It cannot be decoded, or is silent.
    StorageError
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.")
    if not find_spec("essentia"):
        raise MissingExtraError.of(
            "descriptors",
            "Descriptors of audio need Essentia, which is not installed.",
            "It comes with the extra `descriptors`, under the AGPL-3.0.",
        )
    with working_folder() as folder:
        made = folder / "descriptors.json"
        try:
            ask(extraction_process.__name__, {"path": str(path.absolute()), "to": str(made)})
        except ChildError as error:
            raise AudioError(
                f"{path} gives no descriptors.", why=f"Essentia says: {error.message}"
            ) from None
        if keep:
            save(keep, made.read_bytes())
        return files.read(made)
