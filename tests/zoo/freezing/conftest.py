"""What the tests of freezing share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from freeze import with_tensorflow
from tests.support import graphs
from tests.support.checkpoints import BIAS, GRAPH, KERNEL, SHAPES


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write a checkpoint of a graph; give its prefix."""

    def save(text: str = GRAPH, prefix: str = "model") -> Path:
        graph = graphs.graph(text.rstrip())
        for node in graph.node:
            for size in SHAPES.get(node.name, ()):
                node.attr["shape"].shape.dim.add(size=size)
        variables = {"kernel": KERNEL, "bias": BIAS}
        graphs.save(graphs.checkpoint(variables, graph), f"{tmp_path}/{prefix}")
        return tmp_path / prefix

    return save


@pytest.fixture
def no_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(with_tensorflow, "is_installed", lambda: False)
