"""Whether the graph of a trained model says what the model says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import ParityError
from catalog.leftovers import working_folder
from catalog.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Document
    from freeze.classifiers.preprocessing import Step
    from training.learners import Learner

ROWS = 256
"""That both are asked about."""

TOLERANCE = 1e-4
"""Of probabilities; of the largest value where values exceed 1."""


def require_same(
    graph: bytes,
    document: Document,
    model: Learner,
    steps: Sequence[Step],
    rows: NDArray[np.float32],
) -> None:
    """Run the graph, and refuse it if it does not say what the model says.

    Raises
    ------
    ParityError
    """
    from freeze.classifiers.preprocessing import applied
    from predictors.model import Model

    record = Record(document)
    asked = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(int)]
    expected = model.predict(applied(steps, asked))
    with working_folder() as folder:
        path = folder / f"{record.id}.pb"
        path.write_bytes(graph)
        made = Model(record, path, vouched={hashlib.sha256(graph).hexdigest()})
        pruned = made.graph(record.layer("predictions").name)
        (found,) = made.network(pruned, asked.shape[1:])(asked)
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ParityError(
            "The frozen graph does not compute what was trained, and was not kept.",
            why=f"They differ by {difference:.2g}.",
        )
