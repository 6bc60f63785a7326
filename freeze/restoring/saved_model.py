"""A SavedModel, loaded only if it does nothing but compute."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError
from freeze.formats.savedmodel import FILE, SERVED, read
from freeze.operations.allowed import RESTORING, TRAINED, require
from freeze.restoring.restored_model import RestoredModel, frozen


def savedmodel(folder: str) -> RestoredModel:
    """Load a SavedModel and freeze its serving signature."""
    import tensorflow as tf

    refuse_effects(Path(folder))
    model = tf.saved_model.load(folder)
    signatures = dict(model.signatures)
    function = signatures.get(SERVED) or next(iter(signatures.values()))
    arguments = tf.nest.flatten(function.structured_input_signature)
    keys = [argument.name for argument in arguments]

    def call(values: Sequence[Any]) -> Any:
        return function(**dict(zip(keys, values, strict=True)))

    return frozen(function, call, len(keys), model.tensorflow_version)


def refuse_effects(folder: Path) -> None:
    """Refuse a SavedModel that does more than compute when it is loaded, or run.

    TensorFlow runs what restores it, and initializers, as soon as it loads a model.
    """
    model = read(folder / FILE)
    if model.resources:
        raise IntegrityError(
            f"{folder} is not loaded.",
            why=f"It has tables or other resources ({', '.join(model.resources[:3])}), which "
            "functions of its own make, maybe from files.",
            hint="Save it without them: feed numbers where it looks texts up.",
        )
    also = TRAINED
    require(model.graph, [*model.outputs, *model.initializers], str(folder), also)
    if model.restorer:
        require(model.graph, [model.restorer], str(folder), also | RESTORING)
