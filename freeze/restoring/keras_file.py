"""A Keras file, loaded only if it has layers and no code."""

from __future__ import annotations

import json
from typing import Any

from catalog.errors import UsageError, WrongKindError
from freeze.formats.messages import GraphDef
from freeze.graph.state import refuse_state, state
from freeze.restoring.restored_model import RestoredModel, frozen


def keras(path: str) -> RestoredModel:
    """Load a Keras model, of layers only, and freeze it as it is at inference."""
    import tensorflow as tf

    refuse_code(path)
    model = _keras_of(path).models.load_model(path, compile=False, safe_mode=True)
    if not getattr(model, "inputs", None):
        raise UsageError(f"{path} has no inputs of known shape.", hint="Build it before saving.")
    specs = [tf.TensorSpec(each.shape, each.dtype, name=each.name) for each in model.inputs]

    def infer(*values: Any) -> Any:
        return model(values[0] if len(values) == 1 else list(values), training=False)

    function = tf.function(infer).get_concrete_function(*specs)
    refuse_state(path, _state(function), _STATELESS)
    return frozen(function, lambda values: function(*values), len(specs), tf.__version__)


_STATELESS = "Save it with the same weights, and without stateful=True in its layers"


def _state(function: Any) -> list[tuple[str, str]]:
    """The variables, by their names, that a function changes."""
    names = {id(each.handle): each.name for each in function.graph.variables}
    captured = {inside.op.name: names.get(id(it)) for it, inside in function.graph.captures}
    outputs = [each.op.name for each in function.outputs]
    found = state(GraphDef.FromString(function.graph.as_graph_def().SerializeToString()), outputs)
    return [(captured.get(variable) or variable, node) for variable, node in found.items()]


def _keras_of(path: str) -> Any:
    """The Keras that a file was saved with: Keras 3 does not know all layers of Keras 2."""
    import h5py

    if h5py.is_hdf5(path):
        with h5py.File(path, "r") as file:
            if str(file.attrs.get("keras_version", "")).startswith("2."):
                import tf_keras

                return tf_keras
    import keras

    return keras


def refuse_code(path: str) -> None:
    """Refuse a Keras file with Lambda layers: they are Python code, which loading may run."""
    import zipfile

    import h5py

    if not zipfile.is_zipfile(path) and not h5py.is_hdf5(path):
        raise WrongKindError(f"{path} is not a Keras file.", why="It is neither a zip nor HDF5.")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            config = archive.read("config.json")
    else:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config", "{}")
    waiting = [json.loads(config)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("class_name") in ("Lambda", "__lambda__"):
                raise UsageError(
                    f"{path} is not loaded.",
                    why="It has a Lambda layer: Python code that would run.",
                    hint="Replace the Lambda with layers, or save the model with model.export.",
                )
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
