"""Frozen graphs of the kinds that audio models are made of, as TensorFlow writes them.

A program of its own: ``python tensorflow_graphs.py FOLDER`` writes each as ``NAME.pb`` with its
record, and what TensorFlow makes of an input as ``NAME.npz``. Their input is ``x``, their output
``y``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
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


def _layers(*made: Any) -> Callable[[Any], Any]:
    """Keras layers, one after the other."""

    def run(x: Any) -> Any:
        for layer in made:
            x = layer(x)
        return x

    return run


def _image(x: Any) -> Any:
    return x[..., None]


# Front ends


@graph(*AUDIO)
def stft_log_mel(tf: Any) -> Any:
    mel = tf.signal.linear_to_mel_weight_matrix(24, 129, 8000, 20.0, 4000.0)
    return lambda x: tf.math.log(tf.abs(tf.signal.stft(x, 256, 128)) @ mel + 1e-3)


@graph(*AUDIO)
def stft_power_of_framed_audio(tf: Any) -> Any:
    window = tf.signal.hamming_window(200)

    def run(x: Any) -> Any:
        frames = tf.signal.frame(x, 200, 80, pad_end=True) * window
        spectrum = tf.signal.rfft(frames, [256])
        return tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2

    return run


@graph(*AUDIO)
def mfcc(tf: Any) -> Any:
    mel = tf.signal.linear_to_mel_weight_matrix(24, 129, 8000, 20.0, 4000.0)

    def run(x: Any) -> Any:
        bands = tf.abs(tf.signal.stft(x, 256, 128)) @ mel
        return tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(bands + 1e-2))[..., :13]

    return run


@graph(*AUDIO)
def masked_and_inverse_stft(tf: Any) -> Any:
    mask = tf.constant(np.linspace(0, 1, 129), tf.complex64)
    return lambda x: tf.signal.inverse_stft(tf.signal.stft(x, 256, 128) * mask, 256, 128)


@graph(*AUDIO)
def power_by_conjugates(tf: Any) -> Any:
    def run(x: Any) -> Any:
        spectrum = tf.signal.fft(tf.cast(tf.reshape(x, [-1, 10, 200]), tf.complex64))
        return tf.math.log(tf.math.real(spectrum * tf.math.conj(spectrum)) + 1e-2)

    return run


@graph(*AUDIO)
def learnt_filters(tf: Any) -> Any:
    kernel = weights(64, 1, 8)
    return lambda x: tf.abs(tf.nn.conv1d(_image(x), kernel, 16, "SAME"))


@graph(*PATCH)
def energy_normalisation_by_recursion(tf: Any) -> Any:
    def run(x: Any) -> Any:
        steps = tf.transpose(x, [1, 0, 2])
        smooth = tf.scan(lambda before, now: 0.9 * before + 0.1 * now, steps)
        return (x / (1e-3 + tf.transpose(smooth, [1, 0, 2])) ** 0.98 + 2) ** 0.5

    return run


@graph(*AUDIO)
def energy_normalisation_of_a_spectrogram(tf: Any) -> Any:
    def run(x: Any) -> Any:
        bands = tf.abs(tf.signal.stft(x, 256, 128))
        steps = tf.transpose(bands, [1, 0, 2])
        smooth = tf.scan(lambda before, now: 0.975 * before + 0.025 * now, steps)
        return (bands / (1e-3 + tf.transpose(smooth, [1, 0, 2])) ** 0.98 + 2) ** 0.5

    return run


# Recurrent networks


@graph(*PATCH)
def gru(tf: Any) -> Any:
    return tf.keras.layers.GRU(6)


@graph(*PATCH)
def gru_unrolled(tf: Any) -> Any:
    return tf.keras.layers.GRU(6, unroll=True)


@graph(*PATCH)
def gru_reset_before_of_sequences(tf: Any) -> Any:
    return tf.keras.layers.GRU(6, reset_after=False, return_sequences=True)


@graph(*PATCH)
def gru_in_both_directions(tf: Any) -> Any:
    return tf.keras.layers.Bidirectional(tf.keras.layers.GRU(6))


@graph(*PATCH)
def gru_by_hand(tf: Any) -> Any:
    kernel, recurrent = weights(16, 18), weights(6, 18, seed=1)

    def step(state: Any, now: Any) -> Any:
        a, b = tf.split(now @ kernel, 3, 1), tf.split(state @ recurrent, 3, 1)
        update, reset = tf.sigmoid(a[0] + b[0]), tf.sigmoid(a[1] + b[1])
        return update * state + (1 - update) * tf.tanh(a[2] + reset * b[2])

    def run(x: Any) -> Any:
        state = tf.zeros([tf.shape(x)[0], 6])
        for place in range(PATCH[0]):
            state = step(state, x[:, place])
        return state

    return run


@graph(*PATCH)
def gru_on_gru(tf: Any) -> Any:
    return _layers(tf.keras.layers.GRU(6, return_sequences=True), tf.keras.layers.GRU(4))


@graph(*PATCH)
def lstm(tf: Any) -> Any:
    return tf.keras.layers.LSTM(6)


@graph(*PATCH)
def lstm_unrolled(tf: Any) -> Any:
    return tf.keras.layers.LSTM(6, unroll=True)


@graph(*PATCH)
def lstm_of_sequences(tf: Any) -> Any:
    return tf.keras.layers.LSTM(6, return_sequences=True)


@graph(*PATCH)
def lstm_in_both_directions(tf: Any) -> Any:
    return tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(6))


@graph(*PATCH)
def lstm_block(tf: Any) -> Any:
    kernel, bias = weights(22, 24), tf.zeros([24])
    peephole = tf.zeros([6])

    def run(x: Any) -> Any:
        zero = tf.zeros([tf.shape(x)[0], 6])
        answer = tf.raw_ops.BlockLSTMV2(
            seq_len_max=tf.constant(PATCH[0], tf.int64),
            **{"x": tf.transpose(x, [1, 0, 2]), "cs_prev": zero, "h_prev": zero, "w": kernel},
            **{"wci": peephole, "wcf": peephole, "wco": peephole, "b": bias},
        )
        return answer.h[-1]

    return run


# Attention


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
        rows = tf.reshape(tf.nn.space_to_depth(_image(x), 8), [-1, 16, 64])
        return tf.nn.gelu(rows @ kernel + place)

    return run


@graph(*PATCH)
def attention_pooling(tf: Any) -> Any:
    score, value = weights(16, 1), weights(16, 8, seed=1)
    return lambda x: tf.reduce_sum(tf.nn.softmax(x @ score, 1) * (x @ value), 1)


# Quantization


@graph(*PATCH)
def quantized_convolution(tf: Any) -> Any:
    kernel = weights(3, 3, 1, 4)

    def run(x: Any) -> Any:
        x = tf.quantization.fake_quant_with_min_max_vars(_image(x), 0.0, 1.0)
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


# Convolutions


@graph(8, 8, 8)
def three_dimensions(tf: Any) -> Any:
    kernel = weights(3, 3, 3, 1, 4)

    def run(x: Any) -> Any:
        x = tf.nn.relu(tf.nn.conv3d(_image(x), kernel, [1] * 5, "SAME"))
        return tf.nn.max_pool3d(x, 2, 2, "VALID")

    return run


@graph(*PATCH)
def causal_convolution(tf: Any) -> Any:
    layer = tf.keras.layers.Conv1D
    return _layers(*(layer(8, 2, padding="causal", dilation_rate=rate) for rate in (1, 2, 4)))


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
        x = tf.nn.conv2d(_image(x), spread, 1, "SAME")
        return tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))

    return run


@graph(*PATCH)
def grouped_convolution_of_frames(tf: Any) -> Any:
    return tf.keras.layers.Conv1D(8, 3, groups=4, padding="same")


@graph(*PATCH)
def separable_convolution(tf: Any) -> Any:
    depth, point = weights(3, 3, 1, 4), weights(1, 1, 4, 6, seed=1)
    return lambda x: tf.nn.separable_conv2d(_image(x), depth, point, [1] * 4, "SAME")


@graph(*PATCH)
def transposed_convolution(tf: Any) -> Any:
    return _layers(_image, tf.keras.layers.Conv2DTranspose(3, 4, 2, "same"))


@graph(*PATCH)
def squeezed_and_excited(tf: Any) -> Any:
    kernel, down, up = weights(3, 3, 1, 8), weights(8, 2, seed=1), weights(2, 8, seed=2)

    def run(x: Any) -> Any:
        x = tf.nn.swish(tf.nn.conv2d(_image(x), kernel, 2, "SAME"))
        by = tf.sigmoid(tf.nn.relu(tf.reduce_mean(x, [1, 2]) @ down) @ up)
        return x * by[:, None, None]

    return run


@graph(*PATCH)
def resized(tf: Any) -> Any:
    return lambda x: tf.image.resize(_image(x), [30, 24])


# Choices, loops and tables


@graph(*PATCH)
def branch_on_the_mean(tf: Any) -> Any:
    kernel = weights(16, 4)

    def run(x: Any) -> Any:
        loud = tf.reduce_mean(x) > 0.1
        return tf.cond(loud, lambda: x @ kernel, lambda: tf.nn.relu(x @ (2 * kernel)))

    return run


@graph(*PATCH)
def loop_until_small(tf: Any) -> Any:
    def run(x: Any) -> Any:
        large = lambda now: tf.reduce_max(tf.abs(now)) > 0.01  # noqa: E731
        return tf.while_loop(large, lambda now: (now * 0.5,), (x,))[0]

    return run


@graph(*PATCH)
def loop_in_a_loop(tf: Any) -> Any:
    kernel = weights(16, 16)

    def inner(x: Any) -> Any:
        large = lambda now, _: tf.reduce_max(now) > 1.0  # noqa: E731
        return tf.while_loop(large, lambda now, by: (now * by, by), (x * 3.0, 0.7))[0]

    def run(x: Any) -> Any:
        goes_on = lambda turn, now: (turn < 9) & (tf.reduce_mean(now) > 0.1)  # noqa: E731
        turn = lambda turn, now: (turn + 1, tf.tanh(inner(now) @ kernel) * 0.9)  # noqa: E731
        turns, x = tf.while_loop(goes_on, turn, (tf.constant(0, tf.int64), x))
        return x + tf.cast(turns, tf.float32)

    return run


@graph(*PATCH)
def branch_with_a_loop(tf: Any) -> Any:
    """The loop of the branch that is not taken has no end."""

    def endless(x: Any) -> Any:
        return tf.while_loop(lambda now: tf.reduce_max(now) < 9.0, lambda now: (now * 1.0,), (x,))

    return lambda x: tf.cond(tf.reduce_mean(x) > 9.0, lambda: endless(x)[0], lambda: x + 1.0)


@graph(*PATCH)
def loop_that_grows(tf: Any) -> Any:
    any_length = tf.TensorShape([None, None, 16])

    def turn(x: Any, rows: Any) -> Any:
        x = tf.cond(tf.reduce_mean(x) > 0.3, lambda: x * 0.7, lambda: x * 0.8 - 0.01)
        return x, tf.concat([rows, tf.nn.gelu(x[:, :1])], 1)

    def run(x: Any) -> Any:
        shapes = (x.shape, any_length)
        return tf.reduce_sum(
            tf.while_loop(
                lambda now, _: tf.reduce_max(now) > 0.1,
                turn,
                (x, x[:, :1]),
                shape_invariants=shapes,
            )[1],
            1,
        )

    return run


@graph(*PATCH)
def functions_that_call_functions(tf: Any) -> Any:
    kernel = weights(16, 16)

    @tf.function  # type: ignore[untyped-decorator]
    def inner(x: Any) -> Any:
        return tf.tanh(x @ kernel)

    @tf.function  # type: ignore[untyped-decorator]
    def outer(x: Any) -> Any:
        return inner(inner(x)) + x

    def run(x: Any) -> Any:
        less = lambda place, now: place < 3  # noqa: E731
        return tf.while_loop(less, lambda place, now: (place + 1, outer(now)), (0, x))[1]

    return run


@graph(*PATCH)
def table_of_classes(tf: Any) -> Any:
    keys, values = tf.range(16, dtype=tf.int64), tf.random.stateless_uniform([16], [1, 2])
    start = tf.lookup.KeyValueTensorInitializer(keys, values)
    table = tf.lookup.StaticHashTable(start, -1.0)
    return lambda x: table.lookup(tf.argmax(x, -1))


@graph(*PATCH)
def ragged_rows(tf: Any) -> Any:
    def run(x: Any) -> Any:
        lengths = 1 + tf.argmax(x[:, :, 0], 1)
        rows = tf.RaggedTensor.from_tensor(x, lengths=lengths)
        return tf.reduce_sum(rows, 1)

    return run


@graph(*PATCH)
def loudest_band(tf: Any) -> Any:
    return lambda x: tf.one_hot(tf.argmax(x, -1), PATCH[1], 2.0, -1.0)


@graph(*PATCH)
def codes_of_bits(tf: Any) -> Any:
    def run(x: Any) -> Any:
        whole = tf.cast(x * 255, tf.int32)
        return tf.cast(tf.bitwise.bitwise_and(whole, 0x3C), tf.float32)

    return run


@graph(*PATCH)
def loudest_frames(tf: Any) -> Any:
    def run(x: Any) -> Any:
        places = tf.math.top_k(tf.reduce_mean(x, 2), 5).indices
        return tf.gather(x, places, batch_dims=1)

    return run


@graph(*PATCH)
def attributes_left_out(tf: Any) -> Any:
    """A graph without attributes that have their defaults, as some savers write it."""
    filters, apart = weights(3, 3, 1, 4), weights(3, 3, 4, 1, seed=1)
    scale, offset, mean, variance = (weights(4, seed=seed) for seed in range(2, 6))

    def run(x: Any) -> Any:
        x = tf.nn.conv2d(_image(x), filters, 1, "SAME")
        x = tf.nn.depthwise_conv2d(x, apart, [1, 1, 1, 1], "SAME")
        small = 1e-4 * tf.abs(variance)  # so that epsilon counts
        x, *_ = tf.compat.v1.nn.fused_batch_norm(
            x, scale, offset, mean, small, epsilon=1e-4, is_training=False
        )
        x = tf.nn.depth_to_space(tf.cumsum(tf.nn.leaky_relu(x), -2), 2)[..., 0]
        return tf.math.top_k(tf.reduce_max(x, 1), 5).values

    return run


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
