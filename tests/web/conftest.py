"""What the tests of the web engine share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Python says of some audio: see ``reference.py``."""
    from tests.support.reference import write

    folder = tmp_path_factory.mktemp("reference")
    write(folder)
    return folder
