"""The descriptors of many pieces of music, as a Gaia data set holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.formats.gaia.layout import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Points:
    """Descriptors of several pieces of music, all of them of fixed length.

    Attributes
    ----------
    layout : Layout
        Of each point.
    rows : numpy.ndarray [shape=(points, width), dtype=float32]
        All numbers and enumerated texts, by the sorted names of their descriptors.
    texts : mapping of str to tuple of str
        The other descriptors: the text of each point.
    """

    layout: Layout
    rows: NDArray[np.float32]
    texts: Mapping[str, tuple[str, ...]]

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each descriptor stands in a row."""
        found, at = {}, 0
        for name, descriptor in sorted(self.layout.descriptors.items()):
            if descriptor.kind != "string":
                size = descriptor.size or 1
                found[name] = slice(at, at + size)
                at += size
        return found

    @property
    def reals(self) -> list[str]:
        """The descriptors that are numbers."""
        return [n for n in self.places if self.layout.descriptors[n].kind == "real"]

    @cached_property
    def real(self) -> NDArray[np.bool_]:
        """Which numbers of a row are those of real descriptors [shape=(width,)]."""
        return self.column(lambda name: np.ones(1)) > 0

    def of(self, chosen: NDArray[np.bool_]) -> Points:
        """Some of the points."""
        texts = {
            name: tuple(text for text, wanted in zip(values, chosen, strict=True) if wanted)
            for name, values in self.texts.items()
        }
        return replace(self, rows=self.rows[chosen], texts=texts)

    def keep(self, names: Collection[str]) -> Points:
        """Some of the descriptors."""
        kept = {n: d for n, d in self.layout.descriptors.items() if n in names}
        columns = [np.arange(p.start, p.stop) for n, p in self.places.items() if n in kept]
        return Points(
            replace(self.layout, descriptors=kept),
            self.rows[:, np.concatenate(columns)] if columns else self.rows[:, :0],
            {name: values for name, values in self.texts.items() if name in kept},
        )

    def without(self, names: Collection[str]) -> Points:
        """All descriptors but some."""
        return self.keep(self.layout.descriptors.keys() - set(names))

    def column(self, of_name: Callable[[str], NDArray[Any]]) -> NDArray[Any]:
        """Something of each real descriptor, where it stands in a row; elsewhere 0."""
        first = np.zeros(self.rows.shape[1], np.float32)
        for name in self.reals:
            first[self.places[name]] = of_name(name)
        return first


def matching(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The names that any of Gaia's patterns match, sorted.

    A pattern that begins with ``*`` or a dot is of the whole name; any other may begin after
    any dot, and must reach the end.
    """
    whole = [
        re.compile(
            ("" if pattern.startswith((".", "*")) else r"(.*)\.")
            + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        )
        for pattern in patterns
    ]
    return sorted(name for name in names if any(each.fullmatch(name) for each in whole))
