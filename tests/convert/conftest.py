"""What the tests of conversion share."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    """The module ``networks``: small models, and how they are compared."""
    path = Path(__file__).with_name("networks.py")
    spec = spec_from_file_location("convert_networks", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["convert_networks"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(
    params=[
        *("msd-musicnn-1", "genre_dortmund_musicnn_msd", "small_vggish_init", "deeptemp_k16"),
        *("crepe-tiny-1", "emomusic-msd-musicnn-1", "vgg4"),
    ]
)
def small_model(request: pytest.FixtureRequest) -> str:
    """The name of each small model."""
    return str(request.param)
