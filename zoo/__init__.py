"""Part of audiozoo: the public face.

Examples
--------
>>> import zoo
>>> prediction = zoo.load("msd-musicnn-1").predict("song.mp3")
>>> prediction.top(3)
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.rooms import HiddenRoomError, require_own_rooms

if TYPE_CHECKING:
    from catalog.errors import ZooError
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor
    from zoo.api import load, load_many, pull

__version__ = "0.1.0"

__all__ = ["Prediction", "Predictor", "ZooError", "load", "load_many", "pull"]

try:
    require_own_rooms()
except HiddenRoomError as error:
    if Path(sys.argv[0]).stem != "zoo":
        raise
    print(f"error: {error}", file=sys.stderr)  # the command shows sentences, not tracebacks
    sys.exit(error.exit_code)

_HOMES = {
    "Prediction": "predictors.prediction",
    "Predictor": "predictors.predictor",
    "ZooError": "catalog.errors",
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
