"""What is learned from: labelled files, and their embeddings."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import NoError, UsageError
from zoo.training.embedding import LAYER, embedded, is_stored, stored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from catalog.record import Record
    from training.embeddings import Embeddings
    from training.labels import Labelled, Labels

    Arrays = Mapping[str, NDArray[np.float32]]

log = logging.getLogger("zoo")

FEW = 10
"""Files, or dimensions, that are told by name."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled embeddings.

    Attributes
    ----------
    extractor : Record
    labels : Labels
    embeddings : Embeddings
    left_out : dict of str to str
        From files that cannot be learned from to the reason.
    """

    extractor: Record
    labels: Labels
    embeddings: Embeddings
    left_out: Mapping[str, str]

    @property
    def told(self) -> str:
        """What is learned from."""
        return f"the embeddings of {self.extractor.id}"

    @property
    def source(self) -> str | None:
        """The extractor's name, where there is one."""
        return self.extractor.id


def examples(
    data: Sequence[Path],
    on: str | Path | None,
    labels: Path | None,
    groups: str | None,
    folder: Path,
    check: Callable[[Labels], object],
    *,
    force: bool = False,
) -> Examples:
    """Find labelled files and their embeddings.

    Parameters
    ----------
    data : sequence of Path
        See `training.data.read`; or embeddings that were stored.
    on : str, Path or None
        The extractor; of stored embeddings, the one that they are of if not given.
    labels : Path or None
        A table of the labels of stored embeddings; their files' folders if not given.
    groups : str or None
        The column of a table that names each file's group.
    folder : Path
        Keeps the embeddings.
    check : callable
        Refuses labels that cannot be learned, before anything is computed.
    force : bool
        Whether to compute them anew.
    """
    if len(data) == 1 and is_stored(data[0]):
        return _stored(data[0], on, labels, groups)
    if labels:
        raise UsageError(
            "Only stored embeddings are given labels by a table.",
            hint=f"Name the table instead of {data[0]}: zoo train {labels}",
        )
    return _heard(data, on, groups, folder, check, force)


def _heard(
    data: Sequence[Path],
    on: str | Path | None,
    groups: str | None,
    folder: Path,
    check: Callable[[Labels], object],
    force: bool,
) -> Examples:
    from predictors.audio.decoding import ENDINGS
    from training import data as labelled
    from training.duplicates import duplicates
    from training.labels import Labels
    from zoo.finding import find

    if on is None:
        raise UsageError(
            "On the embeddings of which model?",
            hint=f"zoo train {data[0]} --on msd-musicnn-1 -o NAME.pb",
        )
    extractor = find(on)
    _require_embeddings(extractor.record)
    rows = labelled.read(data, sorted(ENDINGS), groups)
    left_out = duplicates(rows)
    single = [row for row in rows if row.file not in left_out]
    check(Labels.of(single))
    files = [row.file for row in single]
    root = data[0] if data[0].is_dir() else data[0].parent
    record, arrays, errors = embedded(extractor, files, root, folder, force=force)
    return _examples(record, rows, arrays, left_out | errors)


def _stored(path: Path, on: str | Path | None, table: Path | None, groups: str | None) -> Examples:
    from training import tables
    from training.labels import Labelled
    from zoo.finding import find

    model, arrays = stored(path)
    extractor = find(on or model).record
    if extractor.id != model:
        raise UsageError(
            f"{path} holds embeddings of {model}, not of {extractor.id}.",
            hint=f"Leave out the --on, or compute them: zoo predict {on} music/ --layer {LAYER}",
        )
    if groups and not table:
        raise UsageError("Groups are a column of a table.", hint=f"zoo train {path} --labels TABLE")
    if table is None:
        return _examples(
            extractor, [Labelled(file, (Path(file).parent.name,)) for file in arrays], arrays, {}
        )
    rows = tables.read(table, groups)
    known = {os.path.realpath(file): array for file, array in arrays.items()}
    found = {row.file: known.get(os.path.realpath(row.file)) for row in rows}
    missing = {f: f"{path} has no embeddings of it." for f, array in found.items() if array is None}
    return _examples(extractor, rows, {f: a for f, a in found.items() if a is not None}, missing)


def _examples(
    extractor: Record, rows: Sequence[Labelled], arrays: Arrays, left_out: Mapping[str, str]
) -> Examples:
    """Put labels and embeddings together, and tell what is left out."""
    import numpy as np

    from training.embeddings import Embeddings
    from training.labels import Labels

    wrong = {
        file: "Its embeddings are not finite numbers."
        for file, array in arrays.items()
        if not np.isfinite(array).all()
    }
    left_out = {**left_out, **wrong}
    good = [row for row in rows if row.file in arrays and row.file not in left_out]
    tell(left_out, len(rows))
    if not good:
        raise NoError("No file is left to train on.")
    labels = Labels.of(good)
    lost = {str(name) for row in rows for name in row.labels} - set(labels.classes)
    if lost and labels.task != "regression":
        log.warning("No file is left of: %s.", ", ".join(sorted(lost)))
    embeddings = Embeddings.joined([arrays[row.file] for row in good])
    _compare(extractor, embeddings.width)
    constant = embeddings.constant
    if len(constant) == embeddings.width:
        raise NoError("All files have the same embeddings.", why="There is nothing to learn.")
    if len(constant):
        numbers = ", ".join(map(str, constant[:FEW])) + " …" * (len(constant) > FEW)
        log.info(
            f"{len(constant)} of {embeddings.width} dimensions are the same in all files and say "
            f"nothing: dropped {numbers}."
        )
    return Examples(extractor, labels, embeddings, left_out)


def tell(left_out: Mapping[str, str], total: int) -> None:
    """Name files that were left out, with the reasons."""
    for file, reason in list(left_out.items())[:FEW]:
        log.warning("%s was left out: %s", file, reason)
    if len(left_out) > FEW:
        log.warning("%d of %d files were left out; the report names all.", len(left_out), total)


def _require_embeddings(extractor: Record) -> None:
    try:
        extractor.layer(LAYER)
    except UsageError as error:
        error.hint = "Choose an extractor: --on msd-musicnn-1"
        raise


def _compare(extractor: Record, width: int) -> None:
    """Refuse embeddings that cannot be of an extractor."""
    shape = extractor.layer(LAYER).shape
    known = shape[-1] if shape else None
    if isinstance(known, int) and known != width:
        raise UsageError(
            f"These are no embeddings of {extractor.id}.",
            why=f"They have {width} values, its embeddings {known}.",
        )
