"""The graphs by name, and what they are built of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PATCH = (20, 16)
AUDIO = (2000,)

Build = Callable[[Any], Callable[[Any], Any]]

GRAPHS: dict[str, tuple[tuple[int, ...], Build]] = {}
"""The shape of an item, and what makes a function of a batch, by name."""


def graph(*shape: int, name: str = "") -> Callable[[Build], Build]:
    """Register a graph under the name of its function."""

    def register(build: Build) -> Build:
        GRAPHS[name or build.__name__] = (shape, build)
        return build

    return register


def weights(*shape: int, seed: int = 0) -> Any:
    import tensorflow as tf

    values = np.random.default_rng(seed).normal(0, 1 / np.sqrt(np.prod(shape[:-1])), shape)
    return tf.Variable(values.astype(np.float32))


def layers(*made: Any) -> Callable[[Any], Any]:
    """Keras layers, one after the other."""

    def run(x: Any) -> Any:
        for layer in made:
            x = layer(x)
        return x

    return run


def image(x: Any) -> Any:
    return x[..., None]
