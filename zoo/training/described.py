"""Files of descriptors that are learned from, and the models that come of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import NoError
from freeze.formats import gaia

if TYPE_CHECKING:
    from catalog.fields import DescriptorInput
    from training.gaia.merging import History
    from training.gaia.points import Points
    from training.gaia.problem import DescriptorProblem
    from training.labels import Labelled, Labels

log = logging.getLogger("zoo")


@dataclass(frozen=True, eq=False)
class Described:
    """Labelled descriptors.

    Attributes
    ----------
    labels : Labels
    points : Points
    merging : list of Transformation
        What was left out of the files.
    left_out : dict of str to str
        From files that cannot be learned from to the reason.
    name : str
        What is told of a piece, if Gaia's ground truth says so: ``genre``.
    """

    labels: Labels
    points: Points
    merging: History
    left_out: Mapping[str, str]
    name: str

    source = None
    """There is no extractor."""

    @property
    def told(self) -> str:
        """What is learned from."""
        return "descriptors of Essentia's music extractor"

    def problem(self, count: int, seed: int) -> DescriptorProblem:
        """What is to be learned, judged in as many folds."""
        from training.gaia.problem import DescriptorProblem

        return DescriptorProblem.of(self.labels, self.points, count, seed)

    def machine(
        self, settings: Mapping[str, Any], output: Path, seed: int
    ) -> tuple[bytes, tuple[DescriptorInput, ...]]:
        """Train a support vector machine on all files.

        Returns
        -------
        bytes
            A history of Gaia, or a frozen graph: what the output's ending says.
        tuple of DescriptorInput
            What it reads.

        Raises
        ------
        ParityError
            The frozen graph does not say what the history says.
        """
        from freeze.formats.gaia import history
        from predictors.descriptors.chain import Chain
        from predictors.descriptors.folding import folded
        from training.gaia.chain import trained
        from zoo.freezing.history import verify, written

        name, labels = self.name or re.sub(r"-\d+$", "", output.stem), self.labels
        steps = trained(self.points, labels.targets, settings, name, labels.classes, seed)
        data = history.serialize([*self.merging, *steps])
        made = folded(Chain(history.parse(data, str(output)), str(output)))
        frozen = written(made)
        verify(frozen, made)
        return data if output.suffix == gaia.ENDING else frozen.data, made.inputs


def is_described(words: Sequence[Path], groups: str | None) -> bool:
    """Whether what is to be learned from are files of descriptors, and not audio."""
    from predictors.audio.decoding import ENDINGS as AUDIO
    from predictors.descriptors.files import ENDINGS
    from training import data
    from zoo.training.embedding import is_stored

    if is_stored(words[0]):
        return False
    if words[0].is_dir():
        found = {file.suffix.lower() for file in words[0].rglob("*")}
    else:
        found = {Path(row.file).suffix.lower() for row in data.read(words, (), groups)}
    return not found.isdisjoint(ENDINGS) and found.isdisjoint(AUDIO)


def described(
    words: Sequence[Path], groups: str | None, check: Callable[[Labels], object]
) -> Described:
    """Read labelled files of descriptors.

    Parameters
    ----------
    words : sequence of Path
        See `training.data.read`.
    groups : str or None
        The column of a table that names each file's group.
    check : callable
        Refuses labels that cannot be learned, before anything is read.

    Raises
    ------
    NoError
        No file is left.
    """
    from predictors.descriptors.files import ENDINGS
    from training import data
    from training.duplicates import duplicates
    from training.gaia.merging import merged
    from training.labels import Labels
    from zoo.training.examples import tell

    rows = data.read(words, ENDINGS, groups)
    left_out = duplicates(rows)
    check(Labels.of([row for row in rows if row.file not in left_out]))
    found = _read([row for row in rows if row.file not in left_out], left_out)
    tell(left_out, len(rows))
    if not found:
        raise NoError("No file is left to train on.")
    points, merging = merged([*found.values()])
    labels = Labels.of([row for row in rows if row.file in found])
    return Described(labels, points, merging, left_out, data.class_name(words))


def _read(rows: Sequence[Labelled], left_out: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The descriptors of each file; what cannot be read is told."""
    from predictors.descriptors import files

    found = {}
    try:
        for done, row in enumerate(rows, start=1):
            try:
                found[row.file] = files.read(Path(row.file))
            except NoError as error:
                left_out[row.file] = error.why or str(error)
            log.debug("Descriptors", extra={"done": done, "total": len(rows)})
    finally:
        log.debug("Descriptors", extra={"done": None, "total": len(rows)})
    return found
