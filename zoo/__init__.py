"""The public face.

Examples
--------
>>> import zoo
>>> prediction = zoo.load("msd-musicnn-1").predict("song.mp3")
>>> prediction.top(3)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog import __name__ as _catalog

if TYPE_CHECKING:
    from catalog.errors import ZooError
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor
    from zoo.api import load, load_many, pull

__version__ = "0.1.0"

__all__ = ["Prediction", "Predictor", "ZooError", "load", "load_many", "pull"]

# The other folders of the repository stand in an installation below `zoo._internal`.
_ROOMS = _catalog.removesuffix("catalog")

_HOMES = {
    "Prediction": f"{_ROOMS}predictors.prediction",
    "Predictor": f"{_ROOMS}predictors.predictor",
    "ZooError": f"{_ROOMS}catalog.errors",
    "load": "zoo.api",
    "load_many": "zoo.api",
    "pull": "zoo.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
