"""Attention, and what is built of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.support.tensorflow_graphs.register import PATCH, graph, image, weights


def _encoder(tf: Any, activation: Any) -> Any:
    heads = tf.keras.layers.MultiHeadAttention(2, 8)
    first, second = (tf.keras.layers.LayerNormalization() for _ in range(2))
    wide, narrow = tf.keras.layers.Dense(32, activation), tf.keras.layers.Dense(16)

    def run(x: Any) -> Any:
        x = first(x + heads(x, x))
        return second(x + narrow(wide(x)))

    return run


@graph(*PATCH)
def transformer(tf: Any) -> Any:
    return _encoder(tf, "relu")


@graph(*PATCH)
def transformer_with_gelu(tf: Any) -> Any:
    return _encoder(tf, tf.nn.gelu)


@graph(*PATCH)
def transformer_with_approximate_gelu(tf: Any) -> Any:
    return _encoder(tf, partial(tf.nn.gelu, approximate=True))


@graph(*PATCH)
def causal_attention(tf: Any) -> Any:
    made = [weights(16, 16, seed=seed) for seed in range(3)]

    def run(x: Any) -> Any:
        query, key, value = (x @ each for each in made)
        size = tf.shape(x)[1]
        mask = tf.linalg.band_part(tf.ones([size, size]), -1, 0)
        scores = tf.matmul(query, key, transpose_b=True) / 4.0 + (1 - mask) * -1e9
        return tf.nn.softmax(scores) @ value

    return run


@graph(32, 32)
def patches_of_pictures(tf: Any) -> Any:
    kernel, place = weights(64, 16), weights(16, 16, seed=1)

    def run(x: Any) -> Any:
        rows = tf.reshape(tf.nn.space_to_depth(image(x), 8), [-1, 16, 64])
        return tf.nn.gelu(rows @ kernel + place)

    return run


@graph(*PATCH)
def attention_pooling(tf: Any) -> Any:
    score, value = weights(16, 1), weights(16, 8, seed=1)
    return lambda x: tf.reduce_sum(tf.nn.softmax(x @ score, 1) * (x @ value), 1)
