"""How soon a checkpoint is a frozen graph."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.bench.row import Row, medians

TRAINED = """
import sys
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [None, 187, 96])
y = tf.expand_dims(x, 3)
for number in range(5):
    kernel = tf.get_variable(f"kernel{number}", [3, 3, y.shape[3], 128])
    bias = tf.get_variable(f"bias{number}", [128])
    y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(y, kernel, 2, "SAME"), bias))
kernel = tf.get_variable("kernel", [128, 50])
logits = tf.nn.bias_add(tf.reduce_mean(y, [1, 2]) @ kernel, tf.get_variable("bias", [50]))
tf.nn.sigmoid(logits, name="tags")
labels = tf.placeholder(tf.float32, [None, 50])
tf.train.AdamOptimizer().minimize(tf.losses.sigmoid_cross_entropy(labels, logits))
session = tf.Session()
session.run(tf.global_variables_initializer())
tf.train.Saver().save(session, sys.argv[1])
"""

RECIPE = """
import sys
import tensorflow.compat.v1 as tf

session = tf.Session(graph=tf.Graph())
with session.graph.as_default():
    tf.train.import_meta_graph(sys.argv[1] + ".meta").restore(session, sys.argv[1])
    graph = session.graph.as_graph_def()
    frozen = tf.graph_util.convert_variables_to_constants(session, graph, ["tags"])
tf.io.write_graph(frozen, ".", sys.argv[2], as_text=False)
"""

WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = None
from zoo.cli import main
main()
"""


def freeze() -> list[Row]:
    """The whole process of freezing a checkpoint of 7 MB against TensorFlow's own recipe."""
    if find_spec("tensorflow") is None:
        return []
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with tempfile.TemporaryDirectory() as folder:
        prefix, file = f"{folder}/model", str(Path(folder, "model.pb"))
        command = [sys.executable, "-W", "ignore", "-c"]
        subprocess.run([*command, TRAINED, prefix], check=True, capture_output=True)
        ours = [*command, WITHOUT_TENSORFLOW, "freeze", prefix, "-o", file, "--node", "tags"]
        mine, theirs = medians([[*ours, "-q"], [*command, RECIPE, prefix, f"{file}.theirs"]])
    against = "TensorFlow: restore, `convert_variables_to_constants`"
    rest = "starting Python and NumPy; there, importing TensorFlow"
    return [Row("`zoo freeze` of a 7 MB checkpoint", against, mine / theirs, "≤ 0.2", rest)]
