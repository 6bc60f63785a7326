"""Small models in every form that TensorFlow saves, with what they answer.

A program of its own, because the two Keras cannot be in one process:
``python tensorflow_models.py FOLDER`` writes the newer forms, and with
``TF_USE_LEGACY_KERAS=1`` the older ones. `tower` is what ``--architecture`` is given.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

X: NDArray[np.float32] = np.random.default_rng(5).random((3, 16, 8), np.float32)


def tower() -> Any:
    """Two layers with batch norm and dropout that a training flag switches."""
    import tensorflow.compat.v1 as tf

    x = tf.placeholder(tf.float32, [None, 16, 8], name="mel")
    training = tf.placeholder(tf.bool, [], name="is_training")
    hidden = tf.layers.conv2d(x[..., None], 4, 3, activation=tf.nn.relu)
    hidden = tf.layers.batch_normalization(hidden, training=training)
    hidden = tf.layers.dense(tf.layers.flatten(hidden), 6, activation=tf.nn.relu)
    hidden = tf.layers.dropout(hidden, 0.5, training=training)
    return tf.nn.sigmoid(tf.layers.dense(hidden, 3), name="tags")


def narrow_tower() -> Any:
    """Another network than the one that was trained."""
    import tensorflow.compat.v1 as tf

    return tf.layers.dense(tf.placeholder(tf.float32, [None, 16, 8], name="mel"), 3)


def broken_tower() -> Any:
    raise ZeroDivisionError("layers")


def write_checkpoints(folder: Path) -> None:
    """``graphless``: variables only; ``trained``: with its graph, optimizer and losses."""
    import tensorflow.compat.v1 as tf

    tf.disable_control_flow_v2()
    tf.disable_resource_variables()
    with tf.Graph().as_default():
        tags = tower()
        labels = tf.placeholder(tf.float32, [None, 3], name="labels")
        loss = tf.losses.sigmoid_cross_entropy(labels, tags.op.inputs[0])
        tf.train.AdamOptimizer().minimize(loss)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        for seed, variable in enumerate(tf.trainable_variables() + tf.moving_average_variables()):
            values = np.random.default_rng(seed).uniform(0.1, 0.5, variable.shape)
            variable.load(values, session)
        tf.train.Saver().save(session, str(folder / "trained" / "model"))
        own = [v for v in tf.global_variables() if "Adam" not in v.name and "power" not in v.name]
        graphless = str(folder / "graphless" / "model")
        tf.train.Saver(own).save(session, graphless, write_meta_graph=False)
        y = session.run(tags, {"mel:0": X, "is_training:0": False})
        np.savez(folder / "tower.npz", y=y)


def write_models(folder: Path) -> None:
    """``saved`` (a tf.function), ``exported`` (by Keras), ``model.keras``, ``model.h5``."""
    import keras
    import tensorflow as tf

    class Module(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.weights = tf.Variable(
                np.random.default_rng(0).normal(size=(8, 3)), dtype=tf.float32
            )

        @tf.function(input_signature=[tf.TensorSpec([None, 16, 8], tf.float32, name="mel")])
        def __call__(self, mel: Any) -> Any:
            return {"tags": tf.nn.softmax(tf.reduce_mean(mel, 1) @ self.weights)}

    module = Module()
    tf.saved_model.save(module, str(folder / "saved"), signatures=module.__call__)
    np.savez(folder / "saved.npz", y=module(X)["tags"])

    keras.utils.set_random_seed(1)
    mel = keras.Input((16, 8), name="mel")
    hidden = keras.layers.Conv1D(4, 3, activation="relu")(mel)
    hidden = keras.layers.BatchNormalization()(hidden)
    hidden = keras.layers.GlobalAveragePooling1D()(hidden)
    hidden = keras.layers.Dropout(0.5)(hidden)
    model = keras.Model(mel, keras.layers.Dense(3, activation="sigmoid", name="tags")(hidden))
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    model.export(folder / "exported", verbose=False)
    np.savez(folder / "model.npz", y=model(X, training=False))
    write_recurrent(folder)
    code = keras.layers.Lambda(lambda x: x * 2)
    for name in ("lambda.keras", "lambda.h5"):
        keras.Model(mel, code(model(mel))).save(folder / name)


def write_recurrent(folder: Path) -> None:
    """``recurrent.h5``, as Keras 2 wrote it, and its answer."""
    import tf_keras

    mel = tf_keras.Input((16, 8), name="mel")
    hidden = tf_keras.layers.LSTM(5, dropout=0.2)(mel)
    model = tf_keras.Model(mel, tf_keras.layers.Dense(3, activation="softmax", name="tags")(hidden))
    model.save(folder / "recurrent.h5")
    np.savez(folder / "recurrent.npz", y=model(X, training=False))


if __name__ == "__main__":
    made = Path(sys.argv[1])
    if os.environ.get("TF_USE_LEGACY_KERAS"):
        write_checkpoints(made)
    else:
        write_models(made)
