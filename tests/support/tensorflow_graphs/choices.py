"""Choices, loops, lists of any length and tables."""

from __future__ import annotations

from typing import Any

from tests.support.tensorflow_graphs.register import PATCH, graph, image, weights


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
        x = tf.nn.conv2d(image(x), filters, 1, "SAME")
        x = tf.nn.depthwise_conv2d(x, apart, [1, 1, 1, 1], "SAME")
        small = 1e-4 * tf.abs(variance)  # so that epsilon counts
        x, *_ = tf.compat.v1.nn.fused_batch_norm(
            x, scale, offset, mean, small, epsilon=1e-4, is_training=False
        )
        x = tf.nn.depth_to_space(tf.cumsum(tf.nn.leaky_relu(x), -2), 2)[..., 0]
        return tf.math.top_k(tf.reduce_max(x, 1), 5).values

    return run
