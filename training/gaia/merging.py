"""Descriptor files of many pieces of music, as one data set of Gaia."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.errors import DescriptorError
from freeze.formats.gaia.history import Transformation
from freeze.formats.gaia.layout import Descriptor, Kind, Layout
from predictors.descriptors.values import NAMED, taken
from training.gaia.points import Points, matching
from training.gaia.steps import unusable

log = logging.getLogger("zoo")

EXCLUDED = ("metadata.tags*",)
"""What is never learned from."""

History = list[Transformation]


def merged(files: Sequence[Mapping[str, Any]]) -> tuple[Points, History]:
    """Put descriptors of many files together, and drop what nothing can be learned from.

    Left out are descriptors that not every file has, those whose length differs between files,
    and those that are constant, NaN or infinite.

    Parameters
    ----------
    files : sequence of mapping
        The descriptors of each, by their names with dots.

    Returns
    -------
    tuple of Points, list of Transformation

    Raises
    ------
    DescriptorError
        The files have no descriptor in common.
    """
    every = {f".{name}" for each in files for name in each}
    every -= set(matching(EXCLUDED, every))
    names = sorted(name for name in every if all(name[1:] in each for each in files))
    if len(names) < len(every):
        _tell_missing(sorted(every - set(names)))
    columns = {name: _column(name, [each[name[1:]] for each in files]) for name in names}
    known = {name: column for name, column in columns.items() if column}
    layout = Layout({name: Descriptor(column.kind) for name, column in known.items()})
    fixed = {name: column.values for name, column in known.items() if column.is_fixed}
    reals = {n: np.array(v, np.float32) for n, v in fixed.items() if known[n].kind == "real"}
    if not reals:
        raise DescriptorError("The files have no descriptors in common.")
    texts = {n: tuple(text for (text,) in v) for n, v in fixed.items() if n not in reals}
    points = Points(
        Layout({name: Descriptor(known[name].kind, len(v[0])) for name, v in fixed.items()}),
        np.concatenate([*reals.values()], axis=1),
        texts,
    )
    kept = points.without(unusable(points))
    gone = tuple(sorted(layout.descriptors.keys() - kept.layout.descriptors.keys()))
    left = Layout({n: d for n, d in layout.descriptors.items() if n not in gone})
    whole = tuple(left.descriptors)
    return kept, [
        _step("removedesc", "remove", gone, layout),
        _step("fixlengthapplier", "fixlength", whole, left),
    ]


def _tell_missing(names: Sequence[str]) -> None:
    told = ", ".join(name[1:] for name in names[:NAMED])
    told += f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    log.warning("Left out, since not every file has it: %s.", told)


def _step(applier: str, analyzer: str, names: tuple[str, ...], layout: Layout) -> Transformation:
    params = {"descriptorNames": names}
    return Transformation(applier, params, layout, analyzer, params)


@dataclass(frozen=True)
class _Column:
    """A descriptor of all files: the numbers or texts of each."""

    kind: Kind
    values: list[Any]

    @property
    def is_fixed(self) -> bool:
        """Whether all have the same length; of texts, whether each is one."""
        sizes = {len(each) for each in self.values}
        return len(sizes) == 1 and 0 not in sizes and (self.kind == "real" or sizes == {1})


def _column(name: str, given: Sequence[Any]) -> _Column | None:
    """A descriptor of all files, if all say the same kind of thing."""
    kinds: tuple[Kind, ...] = ("string", "real")
    for kind in kinds:
        try:
            return _Column(kind, [taken(name, kind == "string", each) for each in given])
        except DescriptorError:
            continue
    return None
