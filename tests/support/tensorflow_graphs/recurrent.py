"""Recurrent networks."""

from __future__ import annotations

from typing import Any

from tests.support.tensorflow_graphs.register import PATCH, graph, layers, weights


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
    return layers(tf.keras.layers.GRU(6, return_sequences=True), tf.keras.layers.GRU(4))


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
