"""``zoo inspect``: what a network is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NotFoundError, UsageError
from freeze.shapes.shape import shape_text
from zoo import display, output
from zoo.cli import completion
from zoo.cli.blocks import block, counts

if TYPE_CHECKING:
    from freeze.analysis.inspection import Inspection
    from freeze.analysis.node import Node
    from freeze.analysis.summary import Input, Summary

_KINDS = {
    "frozen-graph": "frozen graph",
    "savedmodel": "SavedModel",
    "checkpoint": "TensorFlow checkpoint",
    "tfjs": "TensorFlow.js graph model",
    "onnx": "ONNX model",
}
_ROLES = {
    "input": "",
    "training-flag": "training flag: false at inference",
    "dangling": "dangling: no output needs it",
}


def inspect(
    what: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            autocompletion=completion.installed,
            help="An installed model, a .pb, a SavedModel, a TensorFlow.js model.json, folder or "
            ".zip, an .onnx, a .history, or a checkpoint.",
        ),
    ],
    layers: Annotated[
        bool, typer.Option("--layers", help="List the layers, one per line.")
    ] = False,
    node: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show one node and its neighbours.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Draft the `schema` block of the metadata.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the network: .svg, .png or .pdf.")
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Show what a network is made of: inputs, outputs, layers, parameters, operations."""
    from freeze.analysis.inspection import Inspection
    from predictors.prediction import require_picture
    from zoo import inspecting
    from zoo.cli.history import show

    if plot is not None:
        require_picture(plot)
    inspection = inspecting.inspect(what)
    if not isinstance(inspection, Inspection):
        if layers or node or schema or plot:
            raise UsageError(
                f"{what} is a history of Gaia, which has no nodes.",
                hint=f"Look at it as a whole: zoo inspect {what}",
            )
        output.document(inspection.to_json()) if as_json else show(inspection)
        return
    if plot is not None:
        _plot(inspection.summary, plot, what)
    if node is not None:
        _show_node(inspection, node, what, as_json)
    elif schema:
        from freeze.analysis.summary import schema_of

        output.document(schema_of(inspection.summary))
        output.say("Drafted from the graph: check the purposes and the sizes.")
    elif as_json:
        output.document(inspection.summary.to_json())
    elif layers:
        _show_layers(inspection.summary)
    elif plot is None:
        _show(inspection.summary, what)


def _show(summary: Summary, what: str) -> None:
    size, parameters = display.size(summary.size), display.thousands(summary.parameters)
    print(f"{what}: {_KINDS[summary.kind]}, {size}, {parameters} parameters")
    print(f"sha256 {summary.sha256}")
    block("Inputs", [_input(tensor) for tensor in summary.inputs])
    rows = [
        (tensor.name, tensor.op, shape_text(tensor.shape), tensor.purpose)
        for tensor in summary.outputs
    ]
    block("Likely outputs, with a guess at their purpose", rows)
    counts("Operations", summary.ops.items())
    output.say(f"\n{len(summary.layers)} layers: zoo inspect {what} --layers")


def _input(tensor: Input) -> tuple[str, str, str, str]:
    return tensor.name, tensor.dtype or "?", shape_text(tensor.shape), _ROLES[tensor.role]


def _show_layers(summary: Summary) -> None:
    rows = [
        (
            layer.name,
            layer.op,
            shape_text(layer.shape),
            display.thousands(layer.parameters) if layer.parameters else "",
        )
        for layer in summary.layers
    ]
    for line in display.columns(rows, right=True):
        print(line)
    parameters = display.thousands(summary.parameters)
    output.say(f"{len(rows)} layers, {parameters} parameters (last column)")


def _show_node(inspection: Inspection, name: str, what: str, as_json: bool) -> None:
    from freeze.analysis.node import describe
    from freeze.shapes.shape import sizes

    try:
        node = describe(inspection, name)
    except NotFoundError as error:
        error.hint = f"See its layers: zoo inspect {what} --layers"
        raise
    if as_json:
        output.document(
            {
                "name": node.name,
                "op": node.op,
                "attributes": node.attributes,
                "shapes": [sizes(shape) for shape in node.shapes],
                "inputs": list(node.inputs),
                "consumers": list(node.consumers),
            }
        )
    else:
        _print_node(node)


def _print_node(node: Node) -> None:
    print(f"{node.name}: {node.op}")
    attributes = [(key, _value_text(value)) for key, value in node.attributes.items()]
    shapes = " and ".join(shape_text(shape) for shape in node.shapes) or "?"
    for label, text in (("shape", shapes), *attributes):
        print(f"  {label:<{max(map(len, ['shape', *node.attributes]))}}  {text}")
    for title, names in (("Reads", node.inputs), ("Is read by", node.consumers)):
        block(title, [(name,) for name in names])


def _value_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plot(summary: Summary, path: Path, what: str) -> None:
    from zoo.drawing.diagram import draw

    draw(summary, path, Path(what).name)
    output.say(f"Drawn: {path}")
