"""``zoo export``: a network for the web or another runtime, proven equal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from freeze.shapes.shape import shape_text
from zoo import display, output
from zoo.cli import completion

if TYPE_CHECKING:
    from zoo.exporting.exporter import Export


def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A model, a .pb, or a TensorFlow.js folder.",
            autocompletion=completion.models,
        ),
    ],
    to: Annotated[Literal["tfjs", "onnx", "pb"], typer.Option(help="The format to write.")],
    path: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="A folder, .zip, .onnx or .pb."),
    ] = None,
    layers: Annotated[
        list[str] | None,
        typer.Option(
            "--layers",
            metavar="LAYER,LAYER",
            autocompletion=completion.layers,
            help="predictions, logits, embeddings or nodes; by default all that the record names.",
        ),
    ] = None,
    frontend: Annotated[
        bool,
        typer.Option(
            "--with-frontend", help="Include the front-end: the input becomes mono audio."
        ),
    ] = False,
    extractor: Annotated[
        bool, typer.Option("--with-extractor", help="Include the extractor of a head.")
    ] = False,
    quantize: Annotated[
        Literal["float16", "uint16", "uint8"] | None,
        typer.Option(help="Store the weights with less precision."),
    ] = None,
    converter: Annotated[
        Literal["zoo", "tensorflowjs"],
        typer.Option(help="The TensorFlow.js converter; the official one needs the extra `tfjs`."),
    ] = "zoo",
    verify: Annotated[
        Literal["node", "reader"] | None,
        typer.Option(
            help="Require verification in real TensorFlow.js (in Node.js), or omit it; by default "
            "it is done where possible."
        ),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Convert a network to another format; keep it only if its outputs are the same."""
    from zoo.exporting import exporter

    done = exporter.export(
        name,
        to,
        path,
        layers=[part for each in layers or () for part in each.split(",") if part],
        with_frontend=frontend,
        with_extractor=extractor,
        quantize=quantize,
        converter=converter,
        verify=verify,
    )
    if as_json:
        output.document(done.to_json())
    else:
        _tell(done)
    _warn(done, quantize)


def _tell(done: Export) -> None:
    """Print the proof, a line a layer, and where the file is."""
    rows = [
        (
            layer.name,
            shape_text(layer.shape),
            f"{layer.max_abs:.1e}",
            f"{layer.tolerance:.1e}",
        )
        for layer in done.layers
    ]
    output.table(rows, ("LAYER", "SHAPE", "MAX DIFFERENCE", "TOLERANCE"))
    output.say(f"Wrote {done.output}: {display.size(done.size)}")
    if done.license:
        output.say(f"The model keeps its license: {done.license}")


def _warn(done: Export, quantize: str | None) -> None:
    """Tell loudly how far quantized weights move the predictions."""
    from zoo.exporting.proof import LOUD

    purposes = done.exported.metadata["zoo"]["outputs"]
    moved = [
        layer
        for layer in done.layers
        if purposes.get(layer.name) == "predictions" and layer.max_abs > LOUD
    ]
    for layer in moved:
        output.warn(
            f"WARNING: stored as {quantize}, the predictions {layer.name} differ by up to "
            f"{layer.max_abs:.2f}."
        )
    if moved:
        output.warn("  float16 is half the size and much more precise: --quantize float16")
