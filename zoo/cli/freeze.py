"""``zoo freeze``: a trained model becomes a frozen graph that Essentia loads."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from catalog.errors import UsageError
from freeze.shapes.shape import shape_text
from zoo import display, output
from zoo.cli import completion


def freeze(
    to: Annotated[
        list[str],
        typer.Option("--output", "-o", metavar="MODEL.pb", help="The file to write."),
    ],
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="CHECKPOINT",
            help="A checkpoint (prefix or folder), a SavedModel, a .keras, .h5 or .pb file, or a "
            ".history of Gaia.",
        ),
    ] = None,
    nodes: Annotated[
        list[str] | None,
        typer.Option(
            "--node",
            metavar="NODE",
            help="An output to keep; repeatable. [default: found automatically]",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="NODE", help="Make this node an input; repeatable."),
    ] = None,
    flags: Annotated[
        list[str] | None,
        typer.Option(
            "--training-flag",
            metavar="NODE=false",
            help="A boolean input to set to false. [default: found automatically]",
        ),
    ] = None,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Keep every node that does not change variables.")
    ] = False,
    architecture: Annotated[
        str,
        typer.Option(
            metavar="MODULE:FUNCTION",
            help="The function that builds the graph, if there is no .meta file.",
        ),
    ] = "",
    moving_average: Annotated[
        bool,
        typer.Option("--moving-average", help="Take the variables' exponential moving averages."),
    ] = False,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="PREFIX", help="The same as CHECKPOINT.")
    ] = None,
    classes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Class names in order of the predictions, one a line."),
    ] = None,
    license: Annotated[
        str, typer.Option(metavar="SPDX", help="The license, such as CC-BY-4.0.")
    ] = "",
    author: Annotated[
        str, typer.Option(metavar="NAME", help="The author, also as 'NAME <E-MAIL>'.")
    ] = "",
    extractor: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="The model whose embeddings it reads.",
            autocompletion=completion.models,
        ),
    ] = "",
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Freeze a trained model, compare it with TensorFlow's, and draft its record."""
    from zoo.freezing.choice import rows
    from zoo.freezing.frozen_model import freeze

    source = path or checkpoint
    if source is None or (path and checkpoint):
        raise UsageError("Which checkpoint?", hint=f"zoo freeze CHECKPOINT -o {shlex.join(to)}")
    file, named = split(to, source)
    frozen = freeze(
        source,
        file,
        nodes=[*(nodes or ()), *named],
        inputs=inputs or (),
        training_flags=flags or (),
        keep_all=keep_all,
        architecture=architecture,
        moving_average=moving_average,
        classes=classes,
        license=license,
        author=author,
        extractor=extractor,
    )
    output.say(f"Wrote {file}: {display.size(frozen.size)}")
    if as_json:
        output.document(frozen.to_json())
        return
    for tensor in frozen.inputs:
        print(f"input   {tensor.name}  {tensor.dtype}  {shape_text(tensor.shape)}")
    for row in rows(frozen.outputs):
        max_abs = (frozen.max_abs or {}).get(row[0])
        told = "" if max_abs is None else f"  {max_abs:.1e} from TensorFlow"
        print(f"output  {'  '.join(row)}{told}")


def split(words: list[str], source: str) -> tuple[Path, list[str]]:
    """Tell the file to write from nodes: ``--output`` once meant those.

    Raises
    ------
    UsageError
        There is no file, or more than one.
    """
    files = [word for word in words if word.endswith(".pb")]
    nodes = [word for word in words if not word.endswith(".pb")]
    if len(files) != 1:
        meant = Path(words[-1])
        file = meant.parent / f"{meant.stem or 'model'}.pb"
        raise UsageError(
            "Which file is to be written?",
            why=f"{' and '.join(files) or nodes[-1]} {'are several' if files else 'is no .pb'}.",
            hint=f"zoo freeze {shlex.quote(source)} -o {shlex.quote(str(file))}",
        )
    for node in nodes:
        output.warn(f"note: {node} does not end in .pb and is taken for a node: --node {node}")
    return Path(files[0]), nodes
