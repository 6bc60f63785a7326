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


def write_averaged(folder: Path) -> None:
    """``averaged``: a checkpoint with moving averages, as TensorFlow restores it with and without.

    ``stateful``: one of a network that keeps what it read.
    """
    import tensorflow.compat.v1 as tf

    for scope in ("", "train/"):
        with tf.Graph().as_default(), tf.Session() as session:
            tags = tower()
            average = tf.train.ExponentialMovingAverage(0.5)
            with tf.variable_scope(scope.strip("/") or tf.get_variable_scope()):
                average.apply(tf.trainable_variables())
            for seed, variable in enumerate(tf.global_variables()):
                least = 0.1 if "variance" in variable.name else -0.3
                values = np.random.default_rng(seed).uniform(least, 0.3, variable.shape)
                variable.load(values, session)
            prefix = str(folder / f"averaged{scope.strip('/')}" / "model")
            tf.train.Saver().save(session, prefix)
            feeds = {"mel:0": X, "is_training:0": False}
            own = session.run(tags, feeds)
            tf.train.Saver(average.variables_to_restore()).restore(session, prefix)
            np.savez(f"{prefix}.npz", own=own, averages=session.run(tags, feeds))
    with tf.Graph().as_default(), tf.Session() as session:
        mel = tf.placeholder(tf.float32, [1, 8], name="mel")
        memory = tf.get_variable("memory", [1, 8], trainable=False)
        now = mel + 0.5 * memory
        with tf.control_dependencies([memory.assign(now)]):
            tf.nn.sigmoid(tf.layers.dense(now, 3), name="tags")
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(folder / "stateful" / "model"))


def write_constants(folder: Path) -> None:
    """SavedModels of constants alone, with a training flag that is, or is not, of the signature.

    ``flagged-function`` is of TensorFlow 2, ``flagged`` and ``unflagged`` are of TensorFlow 1.
    ``variable`` is as ``unflagged``, with a variable; its flag is true by default.
    """
    import tensorflow as tf
    from tensorflow.compat import v1

    kernel = np.random.default_rng(3).normal(size=(8, 3)).astype(np.float32)
    with v1.Graph().as_default() as graph, v1.Session() as session:
        mel = v1.placeholder(tf.float32, [None, 16, 8], "mel")
        flag = v1.placeholder(tf.bool, [], "is_training")
        v1.disable_control_flow_v2()
        mean = v1.cond(flag, lambda: tf.nn.dropout(mel, 0.5), lambda: tf.identity(mel))
        tags = tf.nn.softmax(tf.reduce_mean(mean, 1) @ tf.constant(kernel), name="tags")
        np.savez(folder / "constants.npz", y=session.run(tags, {mel: X, flag: False}))
        for name, inputs in (("flagged", {"x": mel, "t": flag}), ("unflagged", {"x": mel})):
            v1.saved_model.simple_save(session, str(folder / name), inputs, {"tags": tags})
    definition = graph.as_graph_def()
    with v1.Graph().as_default(), v1.Session() as session:
        mel = v1.placeholder(tf.float32, [None, 16, 8], "mel")
        flag = v1.placeholder_with_default(True, [], "is_training")
        mean = v1.cond(flag, lambda: tf.nn.dropout(mel, 0.5), lambda: tf.identity(mel))
        weights = v1.get_variable("kernel", initializer=kernel, use_resource=False)
        tags = tf.nn.softmax(tf.reduce_mean(mean, 1) @ weights, name="tags")
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, str(folder / "variable"), {"x": mel}, {"tags": tags})
    v1.enable_control_flow_v2()
    imported = v1.wrap_function(lambda: v1.import_graph_def(definition, name=""), [])
    tensors = [imported.graph.get_tensor_by_name(f"{n}:0") for n in ("mel", "is_training", "tags")]
    inner = imported.prune(tensors[:2], tensors[2])

    class Module(tf.Module):  # type: ignore[misc]
        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 16, 8], tf.float32, name="mel"),
                tf.TensorSpec([], tf.bool, name="is_training"),
            ]
        )
        def __call__(self, mel: Any, flag: Any) -> Any:
            chosen = tf.cond(flag, lambda: tf.nn.dropout(mel, 0.5), lambda: mel)
            return {"tags": inner(chosen, flag), "loudness": tf.nn.relu(tf.reduce_max(mel, 1))}

    module = Module()
    tf.saved_model.save(module, str(folder / "flagged-function"), signatures=module.__call__)


def write_stateful(folder: Path) -> None:
    """``stateful.keras`` and ``stateful-saved``: an LSTM that goes on where it ended."""
    import keras
    import tensorflow as tf

    lstm = keras.layers.LSTM(4, stateful=True, name="memory")
    layers = [keras.Input((16, 8), batch_size=1, name="mel"), lstm, keras.layers.Dense(3)]
    model = keras.Sequential(layers)
    model.save(folder / "stateful.keras")
    spec = tf.TensorSpec([1, 16, 8], tf.float32, name="mel")
    serve = tf.function(lambda mel: {"tags": model(mel)}, input_signature=[spec])
    tf.saved_model.save(model, str(folder / "stateful-saved"), signatures=serve)


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
    write_constants(folder)
    write_stateful(folder)
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
        write_averaged(made)
    else:
        write_models(made)
