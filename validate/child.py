"""Run a network twice and say what came out: the program of a child process.

It is a process of its own because a network from anywhere may take forever, or all memory.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import ZooError
from freeze.child import limit, out_of_memory, serve
from freeze.network_file import NetworkFile
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.openvino_engine import UNSUPPORTED, import_openvino, openvino

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Run = Callable[[NDArray[np.float32]], list[NDArray[np.float32]]]


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Make the network ready, feed it twice, and measure the outputs."""
    import numpy as np

    network = _onnx(request) if request["kind"] == "onnx" else _graph(request)
    batch = np.random.default_rng(0).standard_normal(request["shape"], np.float32)
    first = [output.copy() for output in network(batch)]
    second = network(batch)
    return {
        "layers": {
            name: _measured(*both)
            for name, *both in zip(request["outputs"], first, second, strict=True)
        }
    }


def _measured(first: NDArray[np.float32], second: NDArray[np.float32]) -> dict[str, Any]:
    """What checks need to know of one output of two runs."""
    import numpy as np

    finite = bool(np.isfinite(first).all() and np.isfinite(second).all())
    if not finite or not first.size:
        return {"finite": finite, "least": 0, "most": 0, "sum": 1, "difference": 0}
    sums = first.sum(axis=-1, dtype=np.float64)
    return {
        "finite": True,
        "least": float(first.min()),
        "most": float(first.max()),
        "sum": float(sums.flat[np.abs(sums - 1).argmax()]),
        "difference": float(np.abs(first - second).max() / max(1.0, np.abs(first).max())),
    }


def _graph(request: dict[str, Any]) -> Run:
    """Prune a TensorFlow graph to the outputs and compile it."""
    from freeze.formats.fused import split
    from freeze.graph.cut import cut
    from freeze.graph.prune import prune
    from freeze.operations.attributes import complete

    definition = split(NetworkFile(Path(request["path"])).graph)
    cut(definition, [request["input"]])
    graph = prune(definition, request["outputs"], request["training_flags"])
    return _compiled(complete(graph), request)


def _onnx(request: dict[str, Any]) -> Run:
    """Compile an ONNX model."""
    return _compiled(NetworkFile(Path(request["path"])), request)


def _compiled(definition: Any, request: dict[str, Any]) -> Run:
    outputs, also = tuple(request["outputs"]), frozenset(request["also"])
    graph = PrunedGraph(definition, request["input"], (), outputs, also)
    return openvino(graph, tuple(request["shape"]))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run within the limits; say why a network cannot be run, and whether OpenVINO knows it."""
    import_openvino()
    try:
        limit(request["memory"], request["seconds"])
        return run(request)
    except Exception as error:
        if beyond := out_of_memory(error):
            return {"error": beyond}
        text = error.why if isinstance(error, ZooError) else str(error)
        lines = [line for line in text.splitlines() if line.strip()] or [type(error).__name__]
        told = next((line for line in lines if UNSUPPORTED in line), lines[-1]).strip()
        told = f"It cannot be run: {told.removeprefix('-- ')[:200].rstrip('.')}."
        return {"error": told, "unsupported": UNSUPPORTED in text}


if __name__ == "__main__":
    serve(answer)
