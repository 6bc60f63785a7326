"""The public face.

Examples
--------
>>> import zoo
>>> zoo.load("tiny.pb").predict("song.wav").top(1)
[('quiet', 0.50...)]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog import __name__ as _catalog
from zoo.version import __version__ as __version__

if TYPE_CHECKING:
    from catalog.errors import (
        AmbiguousNameError,
        AudioError,
        ChecksumError,
        DescriptorError,
        IntegrityError,
        MissingExtraError,
        NetworkError,
        NoError,
        NotFoundError,
        OfflineError,
        ParityError,
        StorageError,
        UnknownModelError,
        UsageError,
        WrongKindError,
        ZooError,
    )
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor
    from zoo.api import load, load_many, pull
    from zoo.exporting.exporter import export
    from zoo.freezing.frozen_model import freeze
    from zoo.inspecting import inspect
    from zoo.listing import info, models, search
    from zoo.publishing.publisher import publish
    from zoo.training.trainer import train
    from zoo.validating import validate

__all__ = [
    "AmbiguousNameError",
    "AudioError",
    "ChecksumError",
    "DescriptorError",
    "IntegrityError",
    "MissingExtraError",
    "NetworkError",
    "NoError",
    "NotFoundError",
    "OfflineError",
    "ParityError",
    "Prediction",
    "Predictor",
    "StorageError",
    "UnknownModelError",
    "UsageError",
    "WrongKindError",
    "ZooError",
    "export",
    "freeze",
    "info",
    "inspect",
    "load",
    "load_many",
    "models",
    "publish",
    "pull",
    "search",
    "train",
    "validate",
]

# The other folders of the repository stand in an installation below `zoo._internal`.
_ROOMS = _catalog.removesuffix("catalog")

_HOMES = {
    "Prediction": f"{_ROOMS}predictors.prediction",
    "Predictor": f"{_ROOMS}predictors.predictor",
    "export": "zoo.exporting.exporter",
    "freeze": "zoo.freezing.frozen_model",
    "info": "zoo.listing",
    "inspect": "zoo.inspecting",
    "load": "zoo.api",
    "load_many": "zoo.api",
    "models": "zoo.listing",
    "publish": "zoo.publishing.publisher",
    "pull": "zoo.api",
    "search": "zoo.listing",
    "train": "zoo.training.trainer",
    "validate": "zoo.validating",
}
"""The modules of the public names; errors are in `catalog.errors`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, f"{_ROOMS}catalog.errors")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
