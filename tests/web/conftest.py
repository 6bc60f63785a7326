"""What the tests of the web engine share."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Python says of some audio: see ``reference.py``."""
    path = Path(__file__).with_name("reference.py")
    spec = spec_from_file_location("reference", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("reference")
    module.write(folder)
    return folder
