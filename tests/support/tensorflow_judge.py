"""TensorFlow as the judge of graphs: does it import and run them. The program of a child process.

Asked for nothing, it answers with small graphs of all kinds, which it made itself.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from freeze.child import sentence, serve

OUTPUT = "y"
UNKNOWN = "It is not known what to feed."
FOLDED = "It runs only because TensorFlow folds or prunes what is wrong in it."


def _graphs() -> dict[str, str]:
    import tensorflow.compat.v1 as tf

    found = {}
    for name, build in BUILDERS.items():
        with tf.Graph().as_default() as graph:
            tf.identity(build(tf, tf.placeholder(tf.float32, [1, 8, 6], name="x")), name=OUTPUT)
        found[name] = b64encode(graph.as_graph_def().SerializeToString()).decode()
    return found


def _constant(tf: Any, *shape: int) -> Any:
    import numpy as np

    return tf.constant(np.random.default_rng(0).random(shape, np.float32))


def _dense(tf: Any, x: Any) -> Any:
    hidden = tf.matmul(tf.reduce_mean(x, [1]), _constant(tf, 6, 4))
    return tf.nn.softmax(tf.matmul(tf.nn.relu(hidden + _constant(tf, 4)), _constant(tf, 4, 3)))


def _convolution(tf: Any, x: Any) -> Any:
    image = tf.nn.conv2d(x[..., None], _constant(tf, 3, 3, 1, 4), [1, 1, 2, 1], "SAME")
    image = tf.nn.bias_add(image, _constant(tf, 4))
    image, *_ = tf.nn.fused_batch_norm(
        image, *(_constant(tf, 4) for _ in range(4)), is_training=False
    )
    image = tf.nn.max_pool2d(tf.nn.elu(image), 2, 2, "VALID")
    image = tf.nn.depthwise_conv2d(image, _constant(tf, 1, 1, 4, 2), [1, 1, 1, 1], "VALID")
    return tf.sigmoid(tf.reshape(image, [1, -1]))


def _layout(tf: Any, x: Any) -> Any:
    left, right = tf.split(tf.transpose(x, [0, 2, 1]), 2, axis=1)
    joined = tf.concat([left, tf.reverse(right, [1]), left[:, 1:2]], axis=1)
    packed = tf.stack([joined, joined * 2], axis=1)
    padded = tf.pad(tf.squeeze(packed[:, 0:1], [1]), [[0, 0], [1, 1], [0, 2]])
    tiled = tf.tile(tf.expand_dims(padded, -1), [1, 1, 1, 2])
    return tf.gather(tf.reshape(tiled, [1, tf.shape(tiled)[1], -1]), [0, 2], axis=1)


def _choice(tf: Any, x: Any) -> Any:
    best = tf.cast(tf.argmax(x, axis=-1), tf.float32)
    values, indices = tf.nn.top_k(x, 3)
    hot = tf.one_hot(indices, 6)
    count = tf.cast(tf.range(0, 3), tf.float32)
    chosen = tf.where(values > 0.5, values + count, tf.zeros_like(values))
    return tf.reduce_sum(hot, [2, 3]) + best + tf.reduce_max(chosen, -1)


def _spectrum(tf: Any, x: Any) -> Any:
    frames = tf.signal.rfft(tf.reshape(x, [6, 8]), [8])
    bands = tf.matmul(tf.square(tf.abs(frames)), _constant(tf, 5, 4))
    scaled = tf.log(tf.maximum(bands, 1e-6)) / tf.sqrt(tf.reduce_sum(bands) + 1.0)
    return tf.einsum("ij,kj->ik", scaled, _constant(tf, 3, 4))


def _control(tf: Any, x: Any) -> Any:
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(x >= 0), [x])]):
        checked = tf.identity(x)
    return tf.clip_by_value(checked, 0.1, 0.9) ** 2.0


def _branches(tf: Any, x: Any) -> Any:
    tf.disable_control_flow_v2()
    flag = tf.placeholder_with_default(False, [], name="is_training")
    return tf.cond(flag, lambda: x * 2.0, lambda: tf.nn.relu(x))


def _loop(tf: Any, x: Any) -> Any:
    tf.disable_control_flow_v2()
    return tf.while_loop(lambda i, _: i < 3, lambda i, a: (i + 1, a * 0.5), [0, x])[1]


def _functions(tf: Any, x: Any) -> Any:
    tf.enable_control_flow_v2()

    @tf.function
    def inner(a: Any) -> Any:
        return tf.nn.relu(a) + 1.0

    @tf.function
    def outer(a: Any, b: Any) -> Any:
        low, high = tf.split(inner(a), 2, axis=1)
        return tf.cond(tf.reduce_sum(b) > 0.0, lambda: low * b, lambda: high - b)

    return outer(x, tf.reduce_mean(x))


BUILDERS = {
    build.__name__.strip("_"): build
    for build in (
        *(_dense, _convolution, _layout, _choice, _spectrum, _control, _branches, _loop),
        _functions,
    )
}


def _refused(data: bytes) -> str:
    """What TensorFlow says against a graph; empty if it imports it and runs it on any values.

    It is run as it was written, too, without what TensorFlow folds and prunes before it runs a
    graph: one that works as it is optimized, and only so, may be judged either way.
    """
    import tensorflow.compat.v1 as tf

    graph_def = tf.GraphDef.FromString(data)
    try:
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(graph_def, name="")
    except Exception as error:
        return f"import: {sentence(error)}"
    fed = [operation.outputs[0] for operation in graph.get_operations() if _is_fed(operation)]
    if not all(tensor.shape.is_fully_defined() for tensor in fed):
        return UNKNOWN
    usual = tf.ConfigProto(allow_soft_placement=True)  # with or without a GPU
    for config, value in ((usual, 0), (usual, 1), (_plain(tf), 1)):
        try:
            with tf.Session(graph=graph, config=config) as session:
                session.run(f"{OUTPUT}:0", {tensor: _filled(tensor, value) for tensor in fed})
        except Exception as error:
            told = [line for line in str(error).splitlines() if line.strip()]
            return f"run: {' '.join(told)[:400]}" if config is usual else FOLDED
    return ""


def _is_fed(operation: Any) -> bool:
    return bool(operation.type == "Placeholder")


def _filled(tensor: Any, value: int) -> Any:
    import numpy as np

    return np.full(tensor.shape.as_list(), value).astype(tensor.dtype.as_numpy_dtype)


def _plain(tf: Any) -> Any:
    """A configuration in which a graph is run as it was written."""
    from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig

    config = tf.ConfigProto(allow_soft_placement=True)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.rewrite_options.constant_folding = RewriterConfig.OFF
    config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
    return config


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if "graph" not in request:
        return _graphs()
    return {"refused": _refused(b64decode(request["graph"]))}


if __name__ == "__main__":
    serve(answer)
