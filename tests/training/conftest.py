"""What the tests of training share: embeddings of files that have been labelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from training import search
from training.embeddings import Embeddings
from training.folds import folds
from training.labels import Labelled, Labels
from training.problem import Problem

FILES, WIDTH = 30, 6


@pytest.fixture
def embeddings() -> Embeddings:
    """Of thirty files of one to four patches; the third of three kinds of files is far off."""
    random = np.random.default_rng(5)
    files = [
        random.normal(index % 3, 0.7, (1 + index % 4, WIDTH)).astype(np.float32)
        for index in range(FILES)
    ]
    return Embeddings.joined(files)


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the others would take longer to begin."""
    monkeypatch.setattr(search, "available_cores", lambda: 1)


LABELS: dict[str, Callable[[int], tuple[str | float, ...]]] = {
    "classification": lambda index: ("abc"[index % 3],),
    "auto-tagging": lambda index: ("low", "even") if index % 2 else ("abc"[index % 3],),
    "regression": lambda index: (float(10 * (index % 3) + 1900),),
}


@pytest.fixture
def problem(embeddings: Embeddings) -> Callable[..., Problem]:
    """Make a problem: ``problem("mlp", "regression", groups=…)``."""

    def make(learner: Any, task: str = "classification", **more: Any) -> Problem:
        groups = more.pop("groups", [None] * FILES)
        rows = [Labelled(f"{i}.wav", LABELS[task](i), groups[i]) for i in range(FILES)]
        labels = Labels.of(rows)
        options = {"pooled": False, "seed": 1, **more}
        return Problem(labels, embeddings, learner, folds(labels, 3, 1), **options)

    return make
