"""Classifiers of random numbers, and their graphs in the runtimes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from freeze.classifiers.svm import SVM, Kernel
from predictors.runtimes.engines import Runtime
from predictors.runtimes.graph import PrunedGraph

WIDTH = 12


def svm(kernel: Kernel = "rbf", classes: int = 3, platt: bool = True, seed: int = 0) -> SVM:
    """One whose classes are numbered in another order than its outputs."""
    random = np.random.default_rng(seed)
    counts = [4 + number for number in range(classes)]
    pairs = classes * (classes - 1) // 2
    return SVM(
        kernel,
        vectors=random.normal(size=(sum(counts), WIDTH)),
        coefficients=random.normal(size=(classes - 1, sum(counts))),
        rho=random.normal(size=pairs) / 4,
        counts=counts,
        labels=[*range(1, classes), 0],
        gamma=0.1,
        coef0=0.2 if kernel in ("polynomial", "sigmoid") else 0.0,
        slope=-random.uniform(0.5, 2, pairs) if platt else None,
        intercept=random.normal(size=pairs) / 8 if platt else None,
    )


def rows(count: int = 50, width: int = WIDTH) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(size=(count, width)).astype(np.float32)


def run(
    graph: Any, read: NDArray[np.float32], runtime: Runtime, output: str = "model/Softmax"
) -> NDArray[np.float32]:
    """What a runtime computes of rows."""
    pruned = PrunedGraph(graph, "model/Placeholder", (-1, read.shape[1]), (output,))
    return runtime(pruned, read.shape)(read)[0]
