"""Descriptors as models take them, of the numbers, texts and lists that somebody gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import DescriptorError, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Value = NDArray[np.float32] | tuple[str, ...]

NAMED = 8
"""So many names are told, where more are missing."""


def taken(name: str, is_text: bool, given: Any) -> Value:
    """A descriptor as a model takes it; a matrix as its numbers of rows and columns, and its rows.

    Raises
    ------
    DescriptorError
        It is text where numbers are wanted, or numbers where text is.
    """
    if is_text:
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise DescriptorError(f"{name} is not the text that the model takes.")
        return tuple(texts)
    try:
        numbers = np.array(given, float)
    except (ValueError, TypeError):
        numbers = np.empty((0, 0, 0))
    if numbers.ndim > 2:
        raise DescriptorError(f"{name} is not the numbers that the model takes.")
    sizes = numbers.shape if numbers.ndim == 2 else ()
    with np.errstate(over="ignore"):
        return np.array([*sizes, *numbers.ravel()], np.float32)


def numbered(texts: Sequence[str], table: Sequence[str]) -> tuple[NDArray[np.float32], list[str]]:
    """The numbers of texts, and those that the table lacks: as in Gaia, they get the next ones."""
    unknown = [text for text in dict.fromkeys(texts) if text not in table]
    known = [*table, *unknown]
    return np.array([known.index(text) for text in texts], np.float32), unknown


def missing(names: Sequence[str], count: int) -> DescriptorError:
    """Name the descriptors that are missing, of all that a model needs."""
    return DescriptorError(
        f"{len(names)} of the {count} descriptors that the model needs are missing.",
        why=f"They are: {listed(names, NAMED)}.",
    )


def wrong_size(name: str, found: int | None, wanted: int | None) -> DescriptorError:
    """Say that a descriptor has not as many values as a model takes."""
    had, takes = ("any number of values" if n is None else f"{n} values" for n in (found, wanted))
    return DescriptorError(
        f"{name} has {had}, but the model takes {takes}.",
        why="It may be of another version of the extractor.",
    )


def require_finite(
    numbers: NDArray[Any], descriptors: Mapping[str, Any], names: Iterable[str]
) -> None:
    """Refuse descriptors that are NaN or infinite, by their names.

    Raises
    ------
    DescriptorError
    """
    if np.isfinite(numbers).all():
        return
    culprits = [
        name
        for name in names
        if not isinstance(descriptors.get(name, ""), str)
        and not np.isfinite(taken(name, False, descriptors[name])).all()
    ]
    told = ", ".join(culprits[:NAMED]) or "what the model makes of them"
    raise DescriptorError("Some descriptors are no numbers.", why=f"NaN or infinite: {told}.")
