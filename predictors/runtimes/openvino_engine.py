"""Networks run by OpenVINO."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from catalog.errors import StorageError, UsageError, ZooError
from catalog.leftovers import working_folder
from freeze.formats.graphdef import serialize, tensor_name
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
"""Threads that networks may use that are compiled from now on; 0 for one a core."""


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

    with errors("OpenVINO", "tensorflow"):
        compiled = kept.compiled(key, settings, compile) if key else compile()
        # By place, as an Identity right behind the input loses its name.
        ports = [compiled.output(place) for place in range(count)]
        places = [0]
        if len(names) > 1:
            named = [port.get_names() for port in compiled.inputs]
            wanted = map(tensor_name, names)
            places = [next(i for i, n in enumerate(named) if name in n) for name in wanted]
    idle: list[Any] = []  # requests, of which every thread that runs needs one of its own

    def infer(arrays: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        with errors("OpenVINO", "tensorflow"):
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
def errors(name: str, other: str) -> Iterator[None]:
    """Say in a sentence what a runtime raises in some hundred lines, and not as one kind.

    Parameters
    ----------
    name : str
        Of the runtime, in words.
    other : str
        Another one to choose.
    """
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

    frontend = FrontEndManager().load_by_framework("tf")
    with working_folder() as folder:
        path = folder / "graph.pb"  # it reads TensorFlow graphs from files only
        path.write_bytes(serialize(_without_complex_casts(definition)))
        source = frontend.load(str(path), enable_mmap=False)
        ends = map(tensor_name, outputs)
        source.override_all_outputs([source.get_place_by_tensor_name(name) for name in ends])
        for name, shape in shapes.items():
            place = source.get_place_by_tensor_name(tensor_name(name))
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
    ends = [named.get(tensor_name(name)) or named[name] for name in graph.outputs]
    model = Model(ends, model.get_parameters())
    model.reshape(shape)
    return model
