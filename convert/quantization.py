"""Weights in fewer bits, as TensorFlow.js stores them: ``stored * scale + min``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Document

Quantization = Literal["float16", "uint16", "uint8"]


def quantized(
    values: NDArray[np.float32], kind: Quantization
) -> tuple[Document, NDArray[Any]] | None:
    """Store a weight in fewer bits.

    Zero stays exactly zero, for what is padded or was pruned; so the range is moved by
    less than a step, as the official converter does.

    Parameters
    ----------
    values : numpy.ndarray [dtype=float32]
    kind : {"float16", "uint16", "uint8"}

    Returns
    -------
    dict
        The rule to get the values back, as the manifest says it.
    numpy.ndarray [dtype=kind]
        Nothing at all for weights that are too large for half precision.
    """
    rule: Document = {"dtype": kind, "original_dtype": "float32"}
    if kind == "float16":
        with np.errstate(over="ignore"):
            halves = values.astype("<f2")
        return (rule, halves) if np.isfinite(halves).all() else None
    low, high = float(values.min()), float(values.max())
    steps = int(np.iinfo(kind).max)
    if low == high:
        return rule | {"min": low, "scale": 1.0}, np.zeros(values.shape, kind)
    scale = (high - low) / steps
    if low <= 0 <= high:
        low = -round(-low / scale) * scale
    stored = np.clip(np.round((values - low) / scale), 0, steps)
    return rule | {"min": low, "scale": scale}, stored.astype(np.dtype(kind).newbyteorder("<"))
