"""What the tests with hostile files share."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def corpus() -> ModuleType:
    """The module ``corpus``: files made to break a reader."""
    return _module(HERE / "corpus.py")


@pytest.fixture(scope="session")
def write() -> ModuleType:
    """The module ``graph_writer``: small graphs and checkpoints."""
    return _module(HERE.parent / "freeze" / "graph_writer.py")


@pytest.fixture(scope="session")
def is_long() -> bool:
    """Whether the whole corpus is tried: ``ZOO_FUZZ=N``, N examples of each property."""
    return "ZOO_FUZZ" in os.environ
