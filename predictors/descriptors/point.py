"""What a history transforms: the descriptors of one piece of music."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.formats.gaia.layout import Descriptor, Layout
from predictors.descriptors import values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.descriptors.values import Value


@dataclass(frozen=True)
class Point:
    """Descriptors of one piece of music, so far as the classifier needs them.

    Attributes
    ----------
    values : mapping of str to (numpy.ndarray [dtype=float32] or tuple of str)
        By full names. Enumerated ones are texts here, too: only their numbers depend on tables.
    types : mapping of str to Descriptor
    tables : mapping of str to tuple of str
        Of the layout in force: the texts of enumerated descriptors by their numbers.
    """

    values: Mapping[str, Value]
    types: Mapping[str, Descriptor]
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def required(self, layout: Layout) -> Point:
        """Make sure that a step's layout is that of the point.

        Raises
        ------
        DescriptorError
            A descriptor has another size than the history was made for.
        ValueError
            The history contradicts itself.
        """
        for name, found in self.types.items():
            wanted = layout.descriptors.get(name)
            if wanted is None or wanted.kind != found.kind:
                raise ValueError(f"A step takes no {name[1:]}, which the one before gives.")
            if wanted != found:
                raise values.wrong_size(name[1:], found.size, wanted.size)
        return self

    def moved(self, layout: Layout) -> Point:
        """The same in a step's own layout: its tables are in force from here on."""
        return replace(self, tables=layout.tables)

    def keeping(self, keep: Callable[[str], bool]) -> Point:
        """Without some descriptors."""
        return replace(
            self,
            values={name: value for name, value in self.values.items() if keep(name)},
            types={name: type for name, type in self.types.items() if keep(name)},
        )

    def adding(self, added: Mapping[str, Value], types: Mapping[str, Descriptor]) -> Point:
        """With further descriptors, or other values of these.

        Raises
        ------
        DescriptorError
            One of fixed size has another one.
        """
        for name, value in added.items():
            if types[name].size not in (None, len(value)):
                raise values.wrong_size(name[1:], len(value), types[name].size)
        return replace(self, values={**self.values, **added}, types={**self.types, **types})

    def numbers(self, names: Iterable[str]) -> tuple[NDArray[np.float64], dict[str, str]]:
        """The numbers of descriptors one after the other, and the texts that have none.

        Returns
        -------
        numbers : numpy.ndarray [shape=(dimensions,)]
        unknown : dict of str to str
            From a descriptor to its text.
        """
        columns: list[Any] = []
        unknown = {}
        for name in names:
            value, kind = self.values[name], self.types[name].kind
            if kind == "string":
                raise ValueError(f"The classifier reads {name[1:]}, which is text.")
            if isinstance(value, tuple):
                value, strange = values.numbered(value, self.tables.get(name, ()))
                if strange:
                    unknown[name[1:]] = ", ".join(strange)
            columns.append(value.astype(float))
        return np.concatenate(columns or [np.empty(0)]), unknown
