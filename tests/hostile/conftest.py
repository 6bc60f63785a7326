"""What the tests with hostile files share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def is_long() -> bool:
    """Whether the whole corpus is tried: ``ZOO_FUZZ=N``, N examples of each property."""
    return "ZOO_FUZZ" in os.environ
