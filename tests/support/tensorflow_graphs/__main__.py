"""Write each graph as ``NAME.pb`` with its record, and what TensorFlow makes of an input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.tensorflow_graphs import GRAPHS
from tests.support.tensorflow_graphs.choices import attributes_left_out


def stripped(tf: Any, definition: Any) -> Any:
    """Without attributes that have their defaults."""
    from tensorflow.python.framework.meta_graph import strip_graph_default_valued_attrs

    meta = tf.compat.v1.MetaGraphDef(graph_def=definition)
    strip_graph_default_valued_attrs(meta)
    assert meta.graph_def.ByteSize() < definition.ByteSize()
    return meta.graph_def


def write(folder: Path) -> None:
    """Freeze all graphs, and run them."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2_as_graph as freeze,
    )

    for name, (shape, build) in GRAPHS.items():
        tf.keras.utils.set_random_seed(1)
        run = build(tf)
        spec = tf.TensorSpec([None, *shape], tf.float32, name="x")
        x = np.random.default_rng(7).random((2, *shape), np.float32)
        run(tf.constant(x))  # Keras makes its variables
        concrete = tf.function(
            lambda x, run=run: tf.identity(run(x), name="y")
        ).get_concrete_function(spec)
        frozen, definition = freeze(concrete, lower_control_flow=False)
        if name == attributes_left_out.__name__:
            definition = stripped(tf, definition)
        (output,) = (tensor.op.name for tensor in frozen.outputs)
        (folder / f"{name}.pb").write_bytes(definition.SerializeToString())
        reads = {"name": "x", "type": "float", "shape": [0, *shape]}
        gives = {"name": output, "output_purpose": "predictions"}
        record = {"schema": {"inputs": [reads], "outputs": [gives]}, "zoo": {"id": name}}
        (folder / f"{name}.json").write_text(json.dumps(record))
        np.savez(folder / f"{name}.npz", x=x, y=concrete(tf.constant(x)))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
