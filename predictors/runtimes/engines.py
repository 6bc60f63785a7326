"""Networks run by OpenVINO, TensorFlow or ONNX Runtime.

A runtime is a function that makes another one: from a graph and the shape of a batch to a
function from a batch to the graph's outputs. What may be missing is imported when asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from catalog.errors import MissingExtraError, StorageError, UsageError, ZooError
from catalog.leftovers import working_folder
from freeze.network_file import NetworkFile
from predictors.runtimes import kept
from predictors.runtimes.graph import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from predictors.runtimes.graph import PrunedGraph

    Run = Callable[[NDArray[np.float32]], list[NDArray[np.float32]]]
    Infer = Callable[[Sequence[NDArray[np.float32]]], list[NDArray[np.float32]]]


UNSUPPORTED = "No conversion rule found"  # OpenVINO's words for an operation that it lacks

threads = 0
"""Threads that a network may use; 0 for one a core. For OpenVINO, before it compiles."""


class Runtime(Protocol):
    """Makes a graph runnable for batches of one shape, from any thread.

    Raises
    ------
    UsageError
        It cannot run this graph.
    """

    def __call__(self, graph: PrunedGraph, shape: tuple[int, ...]) -> Run: ...


def import_openvino() -> Any:
    """Import OpenVINO without letting it tell its makers.

    It would do so from a forked process. No one was asked; and a matrix product of NumPy that
    is computed meanwhile, in another thread, would never return.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def openvino(graph: PrunedGraph, shape: tuple[int, ...], keep: bool = False) -> Run:
    """Run in OpenVINO, in single precision.

    Parameters
    ----------
    graph : PrunedGraph
    shape : tuple of int
        Of a batch.
    keep : bool
        Whether what is compiled is kept, and taken from there; see `predictors.runtimes.kept`.
    """
    key = graph.key("openvino", shape) if keep else None

    def model() -> Any:
        if isinstance(graph.definition, NetworkFile):
            return _onnx(graph, shape)
        return _frozen(graph.definition, graph.outputs, {graph.input: shape})

    infer = _compiled(model, len(graph.outputs), key)
    return lambda batch: infer([batch])


def part(
    definition: Any,
    outputs: Sequence[str],
    shapes: Mapping[str, tuple[int, ...]],
    keep: bool = False,
) -> Infer:
    """Run a part of a network in OpenVINO, in single precision.

    Parameters
    ----------
    definition : GraphDef
    outputs : sequence of str
    shapes : mapping of str to tuple of int
        Of all its placeholders.
    keep : bool
        See `openvino`.

    Returns
    -------
    callable
        From one array for each placeholder, in their order, to the outputs; from any thread.
    """
    from freeze.formats.graphdef import serialize

    def model() -> Any:
        return _frozen(definition, outputs, shapes)

    key = digest(serialize(definition), tuple(outputs), shapes) if keep else None
    return _compiled(model, len(outputs), key, list(shapes))


def _compiled(
    model: Callable[[], Any], count: int, key: str | None, names: Sequence[str] = ()
) -> Infer:
    """Compile OpenVINO's model, or take up what a key names; its inputs are fed by names."""
    openvino = import_openvino()
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,  # else two processes of one thread share one core
    }

    def compile() -> Any:
        return openvino.Core().compile_model(model(), "CPU", settings)

    with _errors("OpenVINO", "tensorflow"):
        compiled = kept.compiled(key, settings, compile) if key else compile()
        # By place, as an Identity right behind the input loses its name.
        ports = [compiled.output(place) for place in range(count)]
        places = [0]
        if len(names) > 1:
            named = [port.get_names() for port in compiled.inputs]
            places = [next(i for i, n in enumerate(named) if _tensor(name) in n) for name in names]
    idle: list[Any] = []  # requests, of which every thread that runs needs one of its own

    def infer(arrays: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        with _errors("OpenVINO", "tensorflow"):
            try:
                request = idle.pop()
            except IndexError:
                request = compiled.create_infer_request()
            fed = dict(zip(places, arrays, strict=True))
            results = request.infer(fed, share_inputs=True, share_outputs=True)
            found = [results[port] for port in ports]
            outputs = [output.copy() for output in found]
            for output in found:
                _forget(output, arrays)
        idle.append(request)
        return outputs

    return infer


def _forget(output: NDArray[Any], given: Iterable[NDArray[Any]]) -> None:
    """Let values that were read already never pass for those of another batch.

    With one thread OpenVINO (2025) swallows errors in the shapes of a batch, as of a size below
    zero that its values make, and leaves the outputs as they were.
    """
    import numpy as np

    if output.dtype.kind == "f" and not any(np.may_share_memory(output, each) for each in given):
        output.fill(np.nan)


@contextmanager
def _errors(name: str, other: str) -> Iterator[None]:
    """Say in a sentence what a runtime raises in some hundred lines, and not as one kind."""
    try:
        yield
    except (ZooError, MemoryError):
        raise
    except OSError as error:
        raise StorageError(
            "OpenVINO cannot be given this network: it reads files only.",
            why=error.strerror or str(error),
            hint="Free some space, or choose another folder: export TMPDIR=…",
        ) from None
    except Exception as error:
        lines = [line.strip("- ") for line in str(error).splitlines() if line.strip()]
        told = next((line for line in lines if UNSUPPORTED in line), (lines or [repr(error)])[-1])
        raise UsageError(
            f"{name} cannot run this network.",
            why=f"{told[:200].rstrip('.')}.",
            hint=f"Choose another runtime: --runtime {other}",
        ) from None


def _frozen(definition: Any, outputs: Sequence[str], shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """OpenVINO's model of a TensorFlow graph."""
    from openvino import PartialShape
    from openvino.frontend import FrontEndManager

    from freeze.formats.graphdef import serialize

    frontend = FrontEndManager().load_by_framework("tf")
    with working_folder() as folder:
        path = folder / "graph.pb"  # it reads TensorFlow graphs from files only
        path.write_bytes(serialize(_without_complex_casts(definition)))
        source = frontend.load(str(path), enable_mmap=False)
        source.override_all_outputs([source.get_place_by_tensor_name(_tensor(n)) for n in outputs])
        for name, shape in shapes.items():
            place = source.get_place_by_tensor_name(_tensor(name))
            source.set_partial_shape(place, PartialShape(shape))
        return frontend.convert(source)


def _without_complex_casts(definition: Any) -> Any:
    """The graph with Complex, its imaginary part zero, for a Cast to it, which OpenVINO lacks.

    Where a complex Fourier transform follows, the graph is left to a runtime that is exact:
    OpenVINO loses digits in lengths that are no power of two.
    """
    from freeze.formats.messages import GraphDef

    def is_cast(node: Any) -> bool:
        return node.op == "Cast" and (node.attr["SrcT"].type, node.attr["DstT"].type) == (1, 8)

    operations = {node.op for node in definition.node}
    if not any(map(is_cast, definition.node)) or operations & {"FFT", "IFFT", "FFT2D", "IFFT2D"}:
        return definition
    written = GraphDef()
    for node in definition.node:
        if not is_cast(node):
            written.node.append(node)
            continue
        zeros = f"{node.name}/imaginary_part"
        written.node.add(name=zeros, op="ZerosLike", input=node.input[:1]).attr["T"].type = 1
        made = written.node.add(name=node.name, op="Complex", input=[node.input[0], zeros])
        made.attr["T"].type, made.attr["Tout"].type = 1, 8
    return written


def _onnx(graph: PrunedGraph, shape: tuple[int, ...]) -> Any:
    """OpenVINO's model of an ONNX model, cut at the outputs."""
    from openvino import Core, Model

    model = Core().read_model(graph.definition.path)
    ports = [port for node in model.get_ordered_ops() for port in node.outputs()]
    named = {name: port for port in ports for name in port.get_names()}
    ends = [named.get(_tensor(name)) or named[name] for name in graph.outputs]
    model = Model(ends, model.get_parameters())
    model.reshape(shape)
    return model


def tensorflow(graph: PrunedGraph, shape: tuple[int, ...]) -> Run:
    """Run in a TensorFlow session."""
    require("tensorflow", graph)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it tells of missing graphics cards
    from tensorflow.compat import v1

    from freeze.formats.graphdef import serialize

    errors = partial(_errors, "TensorFlow", "openvino")
    with errors(), v1.Graph().as_default() as imported:
        v1.import_graph_def(v1.GraphDef.FromString(serialize(graph.definition)), name="")
        session = v1.Session(graph=imported)
    tensors = [_tensor(name) for name in graph.outputs]

    def run(batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with errors():
            return list(session.run(tensors, {_tensor(graph.input): batch}))

    return run


def onnxruntime(graph: PrunedGraph, shape: tuple[int, ...]) -> Run:
    """Run in ONNX Runtime; a TensorFlow graph is converted by tf2onnx."""
    require("onnxruntime", graph)
    import onnxruntime

    onnx = isinstance(graph.definition, NetworkFile)
    errors = partial(_errors, "ONNX Runtime", "openvino")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised too
    with errors():
        model = str(graph.definition.path) if onnx else _converted(graph)
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    given = {output.name for output in session.get_outputs()}
    tensors = [name if name in given else _tensor(name) for name in graph.outputs]
    fed = graph.input if onnx else _tensor(graph.input)

    def run(batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with errors():
            return list(session.run(tensors, {fed: batch}))

    return run


def _converted(graph: PrunedGraph) -> bytes:
    """A TensorFlow graph as an ONNX model."""
    try:
        from tensorflow.compat import v1
        from tf2onnx.convert import from_graph_def
    except ImportError:
        raise MissingExtraError.of("onnx", "tf2onnx is not installed.", tensorflow=True) from None

    from freeze.formats.graphdef import serialize

    model, _ = from_graph_def(
        v1.GraphDef.FromString(serialize(graph.definition)),
        input_names=[_tensor(graph.input)],
        output_names=list(map(_tensor, graph.outputs)),
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
            if name not in given and _tensor(name) not in given:
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


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"
