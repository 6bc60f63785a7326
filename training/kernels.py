"""Kernel matrices of the same rows for many settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 4000
"""Rows whose kernel is kept in memory, where it takes 128 MB."""


class Kernels:
    """The kernels of rows with themselves, and of others with them.

    Parameters
    ----------
    rows : numpy.ndarray [shape=(rows, width)]
        That are learned from.
    asked : numpy.ndarray [shape=(asked, width)]
    """

    def __init__(self, rows: NDArray[Any], asked: NDArray[Any]) -> None:
        rows, asked = rows.astype(float), asked.astype(float)
        squares, others = (rows**2).sum(axis=1), (asked**2).sum(axis=1)
        self._products = rows @ rows.T, asked @ rows.T
        self._distances = tuple(
            np.maximum(each[:, None] + squares - 2 * products, 0)
            for each, products in zip((squares, others), self._products, strict=True)
        )

    def of(self, kernel: str, gamma: float, degree: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Both kernels [shape=(rows, rows)] and [shape=(asked, rows)].

        Parameters
        ----------
        kernel : {"RBF", "poly"}
        gamma : float
        degree : int
            Of a polynomial.
        """
        if kernel == "RBF":
            own, others = (np.exp(-gamma * each) for each in self._distances)
        else:
            own, others = ((gamma * each) ** degree for each in self._products)
        return own, others
