"""Arrays that somebody stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import WrongKindError
from catalog.storage import reading

if TYPE_CHECKING:
    from numpy.typing import NDArray


def arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays in an ``.npz`` file.

    Raises
    ------
    NotFoundError, StorageError
        It is not there, or cannot be read.
    WrongKindError
        It is damaged, or something else.
    """
    import numpy as np

    from freeze.child import sentence

    with reading(path):
        try:
            with np.load(path, allow_pickle=False) as archive:
                return dict(archive)
        except Exception as error:  # those of zipfile, zlib, struct and NumPy's parser
            if isinstance(error, OSError) and error.errno:
                raise
            why = sentence(error)
            raise WrongKindError(f"{path} cannot be read as arrays.", why=why) from None
