"""Convolutions."""

from __future__ import annotations

from typing import Any

from tests.support.tensorflow_graphs.register import PATCH, graph, image, layers, weights


@graph(8, 8, 8)
def three_dimensions(tf: Any) -> Any:
    kernel = weights(3, 3, 3, 1, 4)

    def run(x: Any) -> Any:
        x = tf.nn.relu(tf.nn.conv3d(image(x), kernel, [1] * 5, "SAME"))
        return tf.nn.max_pool3d(x, 2, 2, "VALID")

    return run


@graph(*PATCH)
def causal_convolution(tf: Any) -> Any:
    layer = tf.keras.layers.Conv1D
    return layers(*(layer(8, 2, padding="causal", dilation_rate=rate) for rate in (1, 2, 4)))


@graph(*PATCH)
def gated_convolution(tf: Any) -> Any:
    kernel, gate = weights(3, 16, 8), weights(3, 16, 8, seed=1)

    def run(x: Any) -> Any:
        two = (tf.nn.conv1d(x, each, 1, "SAME", dilations=2) for each in (kernel, gate))
        return tf.tanh(next(two)) * tf.sigmoid(next(two))

    return run


@graph(*PATCH)
def grouped_convolution(tf: Any) -> Any:
    kernel = weights(3, 3, 4, 8)
    spread = weights(1, 1, 1, 8, seed=1)

    def run(x: Any) -> Any:
        x = tf.nn.conv2d(image(x), spread, 1, "SAME")
        return tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))

    return run


@graph(*PATCH)
def grouped_convolution_of_frames(tf: Any) -> Any:
    return tf.keras.layers.Conv1D(8, 3, groups=4, padding="same")


@graph(*PATCH)
def separable_convolution(tf: Any) -> Any:
    depth, point = weights(3, 3, 1, 4), weights(1, 1, 4, 6, seed=1)
    return lambda x: tf.nn.separable_conv2d(image(x), depth, point, [1] * 4, "SAME")


@graph(*PATCH)
def transposed_convolution(tf: Any) -> Any:
    return layers(image, tf.keras.layers.Conv2DTranspose(3, 4, 2, "same"))


@graph(*PATCH)
def squeezed_and_excited(tf: Any) -> Any:
    kernel, down, up = weights(3, 3, 1, 8), weights(8, 2, seed=1), weights(2, 8, seed=2)

    def run(x: Any) -> Any:
        x = tf.nn.swish(tf.nn.conv2d(image(x), kernel, 2, "SAME"))
        by = tf.sigmoid(tf.nn.relu(tf.reduce_mean(x, [1, 2]) @ down) @ up)
        return x * by[:, None, None]

    return run


@graph(*PATCH)
def resized(tf: Any) -> Any:
    return lambda x: tf.image.resize(image(x), [30, 24])
