"""Networks written as ONNX, and run by ONNX Runtime."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, MissingExtraError, NoError, UsageError
from catalog.leftovers import working_folder
from catalog.storage import write_whole
from convert import onnx_process
from convert.bodies import rewritten
from convert.export_graph import AUDIO, FEATURES, TensorSpec
from convert.lowering import lower, refuse_halves
from convert.unrolling import unroll
from freeze.child import ChildError
from freeze.formats import graphdef
from freeze.network_file import NetworkFile
from freeze.with_tensorflow import ask

LACKING = ("Erfc",)
"""Operations that tf2onnx has no ONNX for, and others do as well: these, and complex ones."""

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from convert.export_graph import ExportGraph


def write(exported: ExportGraph, path: Path, quantize: str | None = None) -> None:
    """Write a network as an ONNX model.

    Inputs and outputs keep the names that the record has for them. The metadata are in
    ``metadata_props``, each value as JSON. As ONNX can fetch nothing but outputs, the features
    of a network that has its front-end with it are one more output, `FEATURES`.

    Parameters
    ----------
    exported : ExportGraph
    path : Path
    quantize : {"float16"}, optional
        Store the large weights in half precision; it still computes in single precision.

    Raises
    ------
    MissingExtraError
        tf2onnx is not installed.
    UsageError
        Another quantization than float16.
    NoError
        tf2onnx has no ONNX for an operation.
    StorageError
    """
    if quantize not in (None, "float16"):
        raise UsageError(
            f"ONNX models are not quantized to {quantize}.",
            why="ONNX weights are stored in single or half precision.",
            hint="Use half precision instead: --quantize float16",
        )
    _require("tf2onnx", "tensorflow")
    refuse_halves(exported.graph)
    name = exported.metadata.get("zoo", {}).get("id", "")
    with working_folder() as folder:
        graph, model = folder / "graph.pb", folder / "model.onnx"
        names = [port.name for port in _outputs(exported)]
        ready = unroll(exported.graph, names)
        with suppress(UsageError):  # tf2onnx says which node it lacks
            ready = _lowered(exported.graph, names)
            if _lacks(ready.library):  # tf2onnx understands best what TensorFlow wrote
                ready = rewritten(exported.graph, names, _lowered)
        graph.write_bytes(graphdef.serialize(ready))
        request = {
            "name": name,
            "graph": str(graph),
            "inputs": {port.name: _input_shape(port) for port in exported.inputs},
            "outputs": {port.name: port.shape for port in _outputs(exported)},
            "metadata": {
                key: json.dumps(value, ensure_ascii=False)
                for key, value in exported.metadata.items()
            },
            "quantize": quantize,
            "to": str(model),
        }
        try:
            ask(onnx_process.__name__, request, graph.stat().st_size)
        except ChildError as error:
            what = name or "the network"
            raise NoError(f"tf2onnx cannot convert {what}.", error.message, error.hint) from None
        write_whole(path, model.read_bytes())


def _lowered(graph: Any, outputs: Sequence[str]) -> Any:
    return lower(unroll(graph, outputs), LACKING)


def _lacks(library: Any) -> bool:
    bodies = (function.node_def for function in library.function)
    return any(node.op in LACKING for body in bodies for node in body)


def _input_shape(port: TensorSpec) -> list[str | int | None] | None:
    """The shape of an input, its first axis named where it may have any size."""
    if port.shape is None:
        return None
    first, *others = port.shape
    name = "samples" if port.name == AUDIO else "batch"
    return [name if first is None else first, *others]


def _outputs(exported: ExportGraph) -> list[TensorSpec]:
    """The outputs, and the features where they are computed."""
    outputs = list(exported.outputs)
    names = {port.name for port in (*exported.inputs, *outputs)}
    if FEATURES not in names and FEATURES in graphdef.by_name(exported.graph):
        outputs.append(TensorSpec(FEATURES, "float32", None))
    return outputs


def run(
    path: Path, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """Compute outputs of an ONNX model in ONNX Runtime, in a process within limits.

    Parameters
    ----------
    path : Path
    feeds : mapping of str to numpy.ndarray
        The values of its input.
    outputs : sequence of str

    Raises
    ------
    MissingExtraError
        ONNX Runtime is not installed.
    NoError
        It cannot run the model on these values.
    """
    _require("onnxruntime")
    from predictors.runtimes.confined import ConfinedNetwork
    from predictors.runtimes.graph import PrunedGraph

    file = NetworkFile(path)
    ((fed, batch),) = feeds.items()
    graph = PrunedGraph(file, fed, batch.shape, tuple(outputs))
    try:
        values = ConfinedNetwork("onnxruntime", graph, file)(batch)
    except (ChildError, IntegrityError, UsageError) as error:
        hint = error.hint if isinstance(error, ChildError) else ""
        what = f"ONNX Runtime cannot run {path}."
        raise NoError(what, error.why or error.message, hint) from None
    return dict(zip(outputs, values, strict=True))


def _require(*modules: str) -> None:
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise MissingExtraError.of(
            "onnx",
            f"{' and '.join(missing)}, which ONNX needs, cannot be found.",
            tensorflow=missing != ["onnxruntime"],
        )
