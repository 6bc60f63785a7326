"""Networks run by OpenVINO, TensorFlow or ONNX Runtime.

A runtime is a function that makes another one: from a graph and the shape of a batch to a
function from a batch to the graph's outputs. What may be missing is imported when asked for.
"""

from __future__ import annotations

import os
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from catalog.errors import MissingExtraError, UsageError
from freeze.formats.graphdef import serialize, tensor_name
from freeze.network_file import NetworkFile
from predictors.runtimes.openvino_engine import errors, openvino

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from predictors.runtimes.graph import PrunedGraph
    from predictors.runtimes.openvino_engine import Run


class Runtime(Protocol):
    """Makes a graph runnable for batches of one shape, from any thread.

    Raises
    ------
    UsageError
        It cannot run this graph.
    """

    def __call__(self, graph: PrunedGraph, shape: tuple[int, ...]) -> Run: ...


def tensorflow(graph: PrunedGraph, shape: tuple[int, ...]) -> Run:
    """Run in a TensorFlow session."""
    require("tensorflow", graph)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it tells of missing graphics cards
    from tensorflow.compat import v1

    saying = partial(errors, "TensorFlow", "openvino")
    with saying(), v1.Graph().as_default() as imported:
        v1.import_graph_def(v1.GraphDef.FromString(serialize(graph.definition)), name="")
        session = v1.Session(graph=imported)
    tensors = [tensor_name(name) for name in graph.outputs]

    def run(batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with saying():
            return list(session.run(tensors, {tensor_name(graph.input): batch}))

    return run


def onnxruntime(graph: PrunedGraph, shape: tuple[int, ...]) -> Run:
    """Run in ONNX Runtime; a TensorFlow graph is converted by tf2onnx."""
    require("onnxruntime", graph)
    import onnxruntime

    onnx = isinstance(graph.definition, NetworkFile)
    saying = partial(errors, "ONNX Runtime", "openvino")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised too
    with saying():
        model = str(graph.definition.path) if onnx else _converted(graph)
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    given = {output.name for output in session.get_outputs()}
    tensors = [name if name in given else tensor_name(name) for name in graph.outputs]
    fed = graph.input if onnx else tensor_name(graph.input)

    def run(batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with saying():
            return list(session.run(tensors, {fed: batch}))

    return run


def _converted(graph: PrunedGraph) -> bytes:
    """A TensorFlow graph as an ONNX model."""
    try:
        from tensorflow.compat import v1
        from tf2onnx.convert import from_graph_def
    except ImportError:
        raise MissingExtraError.of("onnx", "tf2onnx is not installed.", tensorflow=True) from None

    model, _ = from_graph_def(
        v1.GraphDef.FromString(serialize(graph.definition)),
        input_names=[tensor_name(graph.input)],
        output_names=list(map(tensor_name, graph.outputs)),
    )
    data: bytes = model.SerializeToString()
    return data


def require(runtime: str, graph: PrunedGraph) -> None:
    """Ask for a runtime that can run a graph of this kind, without importing it.

    Raises
    ------
    MissingExtraError
        It is not installed.
    UsageError
        It cannot run graphs of this kind.
    """
    if runtime == "tensorflow" and isinstance(graph.definition, NetworkFile):
        raise UsageError(
            f"TensorFlow cannot run {graph.definition.path}.",
            why="It is an ONNX model.",
            hint="Choose another: --runtime openvino",
        )
    if runtime == "tensorflow" and find_spec("tensorflow") is None:
        raise MissingExtraError.of("tensorflow", "TensorFlow is not installed.", tensorflow=True)
    if runtime == "onnxruntime" and find_spec("onnxruntime") is None:
        raise MissingExtraError.of("onnx", "ONNX Runtime is not installed.")
    if runtime == "onnxruntime" and isinstance(graph.definition, NetworkFile):
        given = {name.removesuffix(":0") for name in graph.definition.content.outputs}
        for name in graph.outputs:
            if name not in given and tensor_name(name) not in given:
                raise UsageError(
                    f"{name} is not an output of {graph.definition.path}.",
                    why="ONNX Runtime computes only the outputs of a model.",
                    hint="Choose another: --runtime openvino",
                )


RUNTIMES: dict[str, Runtime] = {
    "openvino": openvino,
    "tensorflow": tensorflow,
    "onnxruntime": onnxruntime,
}
