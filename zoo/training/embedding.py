"""Embeddings of labelled files: computed once and kept, or stored by an earlier run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from catalog.storage import make_folder, storage_errors
from zoo.predicting.stored import arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from catalog.record import Record
    from zoo.finding import Found

log = logging.getLogger("zoo")

LAYER = "embeddings"


def embedded(
    extractor: Found, files: Sequence[str], root: Path, folder: Path, *, force: bool
) -> tuple[Record, dict[str, NDArray[np.float32]], dict[str, str]]:
    """Compute the embeddings of files, or take up what an earlier run computed.

    Parameters
    ----------
    extractor : Found
    files : sequence of str
    root : Path
        The folder that the files are called from in the folder of embeddings.
    folder : Path
        Gets an ``.npz`` file for each file of audio.
    force : bool
        Whether to begin anew.

    Returns
    -------
    record : Record
        Of the extractor.
    embeddings : dict of str to numpy.ndarray [shape=(rows, width), dtype=float32]
    errors : dict of str to str
        Of files that cannot be heard.
    """
    import numpy as np

    from zoo.predicting.request import Request
    from zoo.predicting.run import Run

    with storage_errors(folder):
        make_folder(folder)
    request = Request(LAYER, None, "discard", None, None)
    names = {str(Path(file).resolve()): file for file in files}  # the same from each folder
    run = Run.prepared([extractor], _places(names, root), request, to=folder, force=force)
    errors: dict[str, str] = {}
    total = len(run.missing)
    try:
        for done, results in enumerate(run.results(), start=1):
            if results[0].error:
                path = results[0].file
                errors[names[path]] = str(results[0].said).replace(path, names[path])
            log.debug("Embeddings", extra={"done": done, "total": total})
    finally:
        log.debug("Embeddings", extra={"done": None, "total": total})
    good = {path: file for path, file in names.items() if file not in errors}
    found = {file: np.load(run.writer.arrays[path])["activations"] for path, file in good.items()}
    return run.ensemble.models[0].record, found, errors


def _places(files: Iterable[str], root: Path) -> dict[str, Path]:
    """Where the embeddings of each file go in their folder."""
    base = root.resolve()
    paths = {file: Path(file) for file in files}
    return {
        file: path.relative_to(base if path.is_relative_to(base) else path.anchor)
        for file, path in paths.items()
    }


def is_stored(path: Path) -> bool:
    """Tell whether a path is embeddings that an earlier run stored: an .npz, or a data set."""
    return path.suffix == ".npz" or (path.suffix == ".parquet" and path.is_dir())


def stored(path: Path) -> tuple[str, dict[str, NDArray[np.float32]]]:
    """Read the mean embeddings of files that ``zoo predict --layer embeddings`` wrote.

    Returns
    -------
    model : str
        The extractor's id.
    embeddings : dict of str to numpy.ndarray [shape=(1, width), dtype=float32]

    Raises
    ------
    NotFoundError, WrongKindError, StorageError
        It cannot be read.
    UsageError
        It has something else.
    """
    hint = f"zoo predict EXTRACTOR music/ --layer {LAYER} --output {path}"
    if path.is_dir():
        return _of_dataset(path, hint)
    found = arrays(path)
    if not _is_of_several(found):
        raise UsageError(
            f"{path} does not hold the embeddings of several files by one model.",
            why=f"It has: {', '.join(found)}.",
            hint=hint,
        )
    if str(found["layer"]) != LAYER:
        raise UsageError(f"{path} holds {found['layer']}, not {LAYER}.", hint=hint)
    names = map(str, found["files"])
    return str(found["model"]), dict(zip(names, found["matrix"][:, None, :], strict=True))


def _is_of_several(found: Mapping[str, NDArray[Any]]) -> bool:
    """Whether arrays are such as a table of one model has."""
    if not {"matrix", "files", "model", "layer"} <= found.keys():
        return False
    matrix, files = found["matrix"], found["files"]
    return matrix.dtype.kind == "f" and matrix.ndim == 2 and files.shape == matrix.shape[:1]


def _of_dataset(path: Path, hint: str) -> tuple[str, dict[str, NDArray[np.float32]]]:
    """Read those of a data set of one model."""
    from zoo.collecting.collect import Stored

    dataset = Stored.open(str(path))
    model, *others = dataset.models
    if dataset.layer != LAYER or others:
        raise UsageError(
            f"{path} does not hold the embeddings of one model.",
            why=f"It holds {dataset.layer} of {', '.join(dataset.models)}.",
            hint=f"{hint}/",
        )
    means = (row for files, rows in dataset.means(model) for row in zip(files, rows, strict=True))
    return model, {file: row[None] for file, row in means}
