"""Numbers of few bits, and of half precision."""

from __future__ import annotations

from typing import Any

from tests.support.tensorflow_graphs.register import PATCH, graph, image, weights


@graph(*PATCH)
def quantized_convolution(tf: Any) -> Any:
    kernel = weights(3, 3, 1, 4)

    def run(x: Any) -> Any:
        x = tf.quantization.fake_quant_with_min_max_vars(image(x), 0.0, 1.0)
        by = tf.quantization.fake_quant_with_min_max_vars(kernel, -1.1, 1.3)
        return tf.nn.relu(tf.nn.conv2d(x, by, 1, "SAME"))

    return run


@graph(*PATCH)
def quantized_by_channel(tf: Any) -> Any:
    kernel = weights(16, 4)
    low, high = tf.constant([-1.0, -0.5, -0.7, -0.2]), tf.constant([0.6, 1.0, 0.8, 1.5])

    def run(x: Any) -> Any:
        by = tf.quantization.fake_quant_with_min_max_vars_per_channel(kernel, low, high, 4, True)
        return x @ by

    return run


@graph(*PATCH)
def quantized_with_fixed_limits(tf: Any) -> Any:
    kernel = weights(16, 4)
    return lambda x: tf.quantization.fake_quant_with_min_max_args(x @ kernel, -2.3, 2.9)


@graph(*PATCH)
def half_precision_weights(tf: Any) -> Any:
    kernel = tf.constant(weights(16, 4).numpy(), tf.float16)
    return lambda x: x @ tf.cast(kernel, tf.float32)


@graph(*PATCH)
def half_precision_throughout(tf: Any) -> Any:
    kernel = tf.constant(weights(16, 4).numpy(), tf.float16)
    return lambda x: tf.cast(tf.cast(x, tf.float16) @ kernel, tf.float32)
