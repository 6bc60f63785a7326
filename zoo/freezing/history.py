"""A history of Gaia as a frozen graph that is known to say the same."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import ParityError, UsageError

if TYPE_CHECKING:
    from predictors.descriptors.folding import Folded
    from zoo.freezing.freezer import Frozen
    from zoo.freezing.said import Said

log = logging.getLogger("zoo")

ROWS = 64
TOLERANCE = 1e-4
"""Rows that the graph is tried on, and how far it may be off."""


def freeze(source: Path, said: Said) -> tuple[Frozen, Said]:
    """Make the frozen graph of a history.

    Parameters
    ----------
    source : Path
    said : Said
        What the author tells.

    Returns
    -------
    Frozen
    Said
        What the author and the history tell.

    Raises
    ------
    NotFoundError, IntegrityError
        There is no such history, or it is damaged.
    UsageError
        It does not classify, or not by choosing, scaling and gaussianising alone.
    ParityError
        The graph does not say what the history says.
    """
    from freeze.network_file import HistoryFile
    from predictors.descriptors.chain import Chain
    from predictors.descriptors.folding import folded

    chain = Chain(HistoryFile(source).history, str(source))
    if not chain.classifier:
        raise UsageError(f"{source} has no step that classifies.")
    made = folded(chain)
    frozen = written(made)
    log.info("Within %.1e of the history, on %d rows.", verify(frozen, made), ROWS)
    classes = said.classes or chain.classes
    return frozen, replace(said, classes=classes, descriptors=made.inputs)


def written(made: Folded) -> Frozen:
    """The frozen graph of a folded history."""
    from freeze.analysis.summary import summarize
    from freeze.classifiers.graph import SOFTMAX
    from freeze.classifiers.svm_graph import svm_graph
    from freeze.formats.graphdef import serialize
    from zoo.freezing.freezer import Frozen

    graph = svm_graph(made.svm, made.steps)
    return Frozen(serialize(graph), summarize(graph, outputs=(SOFTMAX,)))


def verify(frozen: Frozen, made: Folded) -> float:
    """Compare a frozen graph with what it was made of.

    Returns
    -------
    float
        The greatest difference.

    Raises
    ------
    ParityError
    """
    import numpy as np

    from freeze.classifiers.graph import INPUT, SOFTMAX
    from freeze.classifiers.preprocessing import applied
    from freeze.formats.graphdef import parse
    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import openvino

    rows = made.rows(ROWS)
    graph = PrunedGraph(parse(frozen.data, "the frozen graph"), INPUT, (), (SOFTMAX,))
    (found,) = openvino(graph, rows.shape)(rows)
    expected = made.svm.predict(applied(made.steps, rows))
    worst = float(np.abs(found - expected).max())
    if not worst <= TOLERANCE:
        raise ParityError(
            "The frozen graph does not say what the history says.",
            why=f"They differ by {worst:.1e}, and may differ by {TOLERANCE:g}.",
        )
    return worst
