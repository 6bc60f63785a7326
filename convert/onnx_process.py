"""TensorFlow's graphs made into ONNX by tf2onnx: the program of a child process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.export_graph import FEATURES
from freeze.child import serve
from freeze.formats.graphdef import tensor_name

OPSET = 15
"""What tf2onnx prefers, and every runtime of today reads."""

LEAST = 256
"""Values of a weight that is worth a Cast of its own."""


def convert(request: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a graph, name what it takes and gives, and write it down."""
    import onnx
    from tensorflow.compat import v1
    from tf2onnx.convert import from_graph_def

    inputs, outputs = request["inputs"], request["outputs"]
    model, _ = from_graph_def(
        v1.GraphDef.FromString(Path(request["graph"]).read_bytes()),
        name=request["name"],
        input_names=list(map(tensor_name, inputs)),
        output_names=list(map(tensor_name, outputs)),
        opset=OPSET,
    )
    model.graph.name = request["name"]
    rename(model.graph, {tensor_name(name): name for name in (*inputs, *outputs)})
    for value, shape in zip(
        (*model.graph.input, *model.graph.output),
        (*inputs.values(), *outputs.values()),
        strict=True,
    ):
        declare(value, shape)
    if request["quantize"]:
        halve(model.graph)
    onnx.helper.set_model_props(model, request["metadata"])
    require_known(model.graph)
    onnx.checker.check_model(model, full_check=True)
    Path(request["to"]).write_bytes(model.SerializeToString(deterministic=True))
    return {}


def rename(graph: Any, names: dict[str, str]) -> None:
    """Give tensors other names wherever they occur, in branches and loops too."""
    for node in graph.node:
        for tensors in (node.input, node.output):
            tensors[:] = [names.get(name, name) for name in tensors]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                rename(attribute.g, names)
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)


def require_known(graph: Any) -> None:
    """Refuse operations that tf2onnx left as TensorFlow's, in branches and loops too."""
    from onnx import defs

    for node in graph.node:
        if not node.domain and not defs.has(node.op_type, OPSET):
            raise ValueError(f"{node.name} is a {node.op_type}, which it has no ONNX for.")
        for attribute in node.attribute:
            if attribute.HasField("g"):
                require_known(attribute.g)


def declare(value: Any, shape: list[str | int | None] | None) -> None:
    """Declare the shape of an input or output; a name or nothing stands for any size."""
    if shape is None:
        return
    declared = value.type.tensor_type.shape
    del declared.dim[:]
    for size in shape:
        axis = declared.dim.add()
        if isinstance(size, str):
            axis.dim_param = size
        elif size is not None:
            axis.dim_value = size


def halve(graph: Any) -> None:
    """Store the large weights in half precision, each with a Cast to single precision.

    Those of a front-end stay whole, as the network was trained on exact features.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    casts, exact = [], needed(graph, FEATURES)
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < LEAST or weight.name in exact:
            continue
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16)
        if not np.isfinite(halves).all():  # too large for half precision
            continue
        name, stored = weight.name, f"{weight.name}/float16"
        weight.CopyFrom(numpy_helper.from_array(halves, stored))
        casts.append(helper.make_node("Cast", [stored], [name], stored, to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def needed(graph: Any, output: str) -> set[str]:
    """The tensors that a tensor is computed from."""
    makers = {name: node for node in graph.node for name in node.output}
    waiting, found = [output], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(makers[name].input if name in makers else ())
    return found


if __name__ == "__main__":
    serve(convert)
