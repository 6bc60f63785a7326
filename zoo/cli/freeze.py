"""``zoo freeze``: a trained model becomes a frozen graph that Essentia loads."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import MissingExtraError, UsageError
from catalog.storage import save
from freeze.shapes.shape import shape_text
from zoo import display, output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from freeze.analysis.candidates import Output
    from freeze.trained import Trained
    from validate.parity import Difference
    from zoo.freezing.freezer import Cut, Frozen


def freeze(
    to: Annotated[Path, typer.Option("-o", metavar="MODEL.pb", help="The file to write.")],
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="CHECKPOINT",
            help="Prefix or folder of a checkpoint, a SavedModel, a .keras or .h5 file.",
        ),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="NODE", help="A layer to keep; may be repeated."),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="NODE", help="Cut here; may be repeated."),
    ] = None,
    flags: Annotated[
        list[str] | None,
        typer.Option(
            "--training-flag", metavar="NODE=false", help="A boolean input; found if absent."
        ),
    ] = None,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Keep every node that can do without variables.")
    ] = False,
    architecture: Annotated[
        str,
        typer.Option(
            metavar="MODULE:FUNCTION", help="What builds the graph, where there is no .meta file."
        ),
    ] = "",
    checkpoint: Annotated[
        str | None, typer.Option(metavar="PREFIX", help="The same as CHECKPOINT.")
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Freeze a trained model, compare it with TensorFlow's, and draft its record."""
    from freeze.trained import Trained
    from freeze.with_tensorflow import TensorFlow, is_installed
    from zoo.freezing import freezer

    source = path or checkpoint
    if source is None or (path and checkpoint):
        raise UsageError("Which checkpoint?", hint=f"zoo freeze CHECKPOINT -o {_quoted(to)}")
    if to.suffix != ".pb" or to.is_dir():
        raise UsageError(
            f"{to} is no name for a frozen graph.",
            hint=f"zoo freeze {_quoted(source)} -o {_quoted(to.with_suffix('.pb'))}",
        )
    with TensorFlow() as tensorflow:
        trained = Trained.open(source, architecture, tensorflow)
        if architecture and trained.checkpoint and trained.checkpoint.has_graph:
            output.warn(
                f"{source} has the graph that was trained, a .meta file, which {architecture} "
                "may differ from. To follow it, leave --architecture out."
            )
        options = f" --architecture {_quoted(architecture)}" if architecture else ""
        command = f"zoo freeze {_quoted(source)}{options} -o {_quoted(to)}"
        kept = _cut(trained, outputs or [], inputs or [], flags or [], keep_all, command)
        frozen = freezer.freeze(trained, kept)
        differences = None
        if is_installed():
            output.say("Comparing with the original, in TensorFlow …")
            differences = freezer.verify(frozen, trained, tensorflow)
    _write(to, frozen, trained.version)
    _report(to, frozen, differences, as_json)


def _quoted(word: object) -> str:
    return shlex.quote(str(word))


def _cut(
    trained: Trained,
    outputs: list[str],
    inputs: list[str],
    flags: list[str],
    keep_all: bool,
    command: str,
) -> Cut:
    """Make up for what was not named, and say so."""
    from freeze.formats import graphdef
    from freeze.graph.cut import cut
    from freeze.graph.inference import training_flags
    from zoo.freezing.freezer import Cut

    if keep_all and (inputs or flags):
        raise UsageError(
            "--keep-all keeps the inputs as they are.",
            why="It goes neither with --input nor with --training-flag.",
        )
    cut(trained.graph, inputs)
    outputs = outputs or _proposed(trained, command)
    if not keep_all and not flags:
        flags = training_flags(graphdef.by_name(trained.graph))
        if flags:
            output.say(f"Set to false, as training flags: {', '.join(flags)}")
    return Cut(tuple(outputs), tuple(inputs), tuple(map(_flag, flags)), keep_all)


def _flag(text: str) -> str:
    """A training flag: ``NODE`` or ``NODE=false``."""
    name, _, value = text.partition("=")
    if value.lower() not in ("", "false"):
        raise UsageError(
            f"{name} cannot be {value}.",
            why="A frozen graph is for inference, where training flags are false.",
            hint=f"--training-flag {name}=false",
        )
    return name.removesuffix(":0")


def _proposed(trained: Trained, command: str) -> list[str]:
    """The obvious outputs.

    Raises
    ------
    UsageError
        None is obvious; with those that may be meant.
    """
    from freeze.analysis.proposal import propose

    proposal = propose(trained.graph, trained.declared)
    if not proposal.outputs:
        listed = [" ".join(row).rstrip() for row in _rows(proposal.candidates)]
        example = proposal.candidates[0].name if proposal.candidates else "NODE"
        raise UsageError(
            "Which node is the output?",
            why=f"Several could be: {'; '.join(listed)}." if listed else "None stands out.",
            hint=f"{command} --output {_quoted(example)}",
        )
    output.say("No --output was named. Taken, because the graph ends there:")
    for row in _rows(proposal.outputs):
        output.say(f"  {'  '.join(row)}")
    others = [each.name for each in proposal.candidates if not each.purpose]
    if others:
        output.say(f"Not taken: {', '.join(others[:5])}{' …' if others[5:] else ''}")
    return [each.name for each in proposal.outputs]


def _rows(layers: Iterable[Output]) -> list[tuple[str, str, str, str]]:
    return [(each.name, each.op, shape_text(each.shape), each.purpose) for each in layers]


def _write(to: Path, frozen: Frozen, version: str) -> None:
    """Write the graph and, unless somebody has written one, the draft of its record."""
    from zoo.freezing.draft import draft, gaps

    record = to.with_suffix(".json")
    document = draft(to.stem, frozen.summary, frozen.data, version)
    save(to, frozen.data)
    output.say(f"Wrote {to}: {display.size(len(frozen.data))}")
    if record.exists():
        output.warn(f"{record} was there before and is kept as it is.")
        return
    save(record, json.dumps(document, indent=4, ensure_ascii=False).encode() + b"\n")
    output.say(f"Wrote {record}, a draft. To fill in: {', '.join(gaps(document))}")
    output.say(f"  Its purposes and inference are guesses. Then: zoo validate {_quoted(to)}")


def _report(to: Path, frozen: Frozen, differences: list[Difference] | None, as_json: bool) -> None:
    """Say what was frozen, and how far it is from the original."""
    found = {each.layer: each.max_abs for each in differences or ()}
    if frozen.lost:
        first = ", ".join(frozen.lost[:3])
        output.say(f"Left out {len(frozen.lost)} nodes that need variables to change: {first} …")
    if differences is None:
        output.warn(_unverified())
    if as_json:
        output.document(_document(to, frozen, found))
        return
    for tensor in frozen.summary.inputs:
        if tensor.role == "input":
            print(f"input   {tensor.name}  {tensor.dtype}  {shape_text(tensor.shape)}")
    for row in _rows(frozen.outputs):
        told = f"  {found[row[0]]:.1e} from TensorFlow" if found else ""
        print(f"output  {'  '.join(row)}{told}")


def _unverified() -> str:
    from freeze.with_tensorflow import is_installed

    if is_installed():
        return "Not verified: TensorFlow cannot run the original on random input."
    missing = MissingExtraError.of("tensorflow", "", tensorflow=True)
    return (
        "Not verified: TensorFlow, the reference, is not installed. "
        f"To compare, freeze again after this: {missing.hint}"
    )


def _document(to: Path, frozen: Frozen, found: dict[str, float]) -> dict[str, Any]:
    return {
        "output": str(to),
        "inputs": frozen.inputs,
        "outputs": [each.name for each in frozen.outputs],
        "parameters": frozen.summary.parameters,
        "sha256": frozen.sha256,
        "verified": "tensorflow" if found else "none",
        "max_abs": found or None,
    }
