"""A frozen graph over a row of descriptors, which its record lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from predictors import arrays
from predictors.descriptors import values
from predictors.descriptors.chain import Answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.model import Model


class Row:
    """A frozen graph that can be asked.

    Parameters
    ----------
    model : Model
        One whose record lists descriptors.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.names = [each.name for each in model.record.descriptors]
        self.classes = model.record.classes

    def vector(self, descriptors: Mapping[str, Any]) -> tuple[NDArray[np.float32], dict[str, str]]:
        """The row [shape=(width,)], and the texts that have no number, by their descriptors.

        Raises
        ------
        DescriptorError
            Descriptors are missing, or of another type or size.
        """
        listed = self.model.record.descriptors
        if absent := [name for name in self.names if name not in descriptors]:
            raise values.missing(absent, len(listed))
        columns: list[Any] = []
        unknown: dict[str, str] = {}
        for each in listed:
            value = values.taken(each.name, bool(each.texts), descriptors[each.name])
            if len(value) != each.size:
                raise values.wrong_size(each.name, len(value), each.size)
            if isinstance(value, tuple):
                value, strange = values.numbered(value, each.texts)
                if strange:
                    unknown[each.name] = ", ".join(strange)
            columns.append(value)
        return np.concatenate(columns), unknown

    def answer(self, descriptors: Mapping[str, Any]) -> Answer:
        """Run the graph; see `vector`.

        Raises
        ------
        DescriptorError, IntegrityError, UsageError
        """
        row, unknown = self.vector(descriptors)
        values.require_finite(row, descriptors, self.names)
        found = arrays.answer(self.model, row[None], "predictions")
        assert found
        output = found.output[0].astype(float)
        classes = self.classes or tuple(map(str, range(len(output))))
        return Answer(output, classes[int(output.argmax())], unknown)
