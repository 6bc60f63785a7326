"""What to keep of a graph: what was named, and what the graph itself suggests."""

from __future__ import annotations

import logging
import shlex
from typing import TYPE_CHECKING

from catalog.errors import UsageError
from freeze.shapes.shape import shape_text
from zoo.freezing.freezer import Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from freeze.analysis.candidates import Output
    from freeze.trained import Trained

log = logging.getLogger("zoo")


def choose(
    trained: Trained,
    nodes: Sequence[str],
    inputs: Sequence[str],
    flags: Sequence[str],
    keep_all: bool,
    command: str,
) -> Cut:
    """Cut a trained graph at its inputs, and find the outputs and flags that were not named.

    Parameters
    ----------
    trained : Trained
        Its graph is changed.
    nodes, inputs, flags : sequence of str
        Outputs, inputs and training flags, each as ``NODE`` or ``NODE=false``.
    keep_all : bool
    command : str
        To be completed by the hint.

    Raises
    ------
    UsageError
        It is not clear which node is the output, or a flag cannot be set so.
    NotFoundError
        No such node.
    """
    from freeze.formats import graphdef
    from freeze.graph.cut import cut
    from freeze.graph.inference import training_flags

    if keep_all and (inputs or flags):
        raise UsageError(
            "Keeping all nodes keeps the inputs as they are.",
            why="--keep-all cannot be combined with --input or --training-flag.",
        )
    cut(trained.graph, inputs)
    outputs = tuple(nodes) or _proposed(trained, command)
    if not keep_all and not flags:
        flags = training_flags(graphdef.by_name(trained.graph))
        if flags:
            log.info("Set to false, as training flags: %s", ", ".join(flags))
    return Cut(outputs, tuple(inputs), tuple(map(_flag, flags)), keep_all)


def _flag(text: str) -> str:
    """A training flag: ``NODE`` or ``NODE=false``."""
    name, _, value = text.partition("=")
    if value.lower() not in ("", "false"):
        raise UsageError(
            f"{name} cannot be {value}.",
            why="A frozen graph is for inference, where training flags are false.",
            hint=f"Set it to false: --training-flag {name}=false",
        )
    return name.removesuffix(":0")


def _proposed(trained: Trained, command: str) -> tuple[str, ...]:
    """The obvious outputs.

    Raises
    ------
    UsageError
        None is obvious; with those that may be meant.
    """
    from freeze.analysis.proposal import propose

    proposal = propose(trained.graph, trained.declared)
    if not proposal.outputs:
        listed = [" ".join(row).rstrip() for row in rows(proposal.candidates)]
        example = proposal.candidates[0].name if proposal.candidates else "NODE"
        raise UsageError(
            "Which node is the output?",
            why=f"Several are possible: {'; '.join(listed)}." if listed else "None stands out.",
            hint=f"{command} --node {shlex.quote(example)}",
        )
    taken = "".join(f"\n  {'  '.join(row)}" for row in rows(proposal.outputs))
    log.info("No output was named. Taken, because the graph ends there:%s", taken)
    others = [each.name for each in proposal.candidates if not each.purpose]
    if others:
        log.info("Not taken: %s%s", ", ".join(others[:5]), " …" if others[5:] else "")
    return tuple(each.name for each in proposal.outputs)


def rows(layers: Iterable[Output]) -> list[tuple[str, str, str, str]]:
    """Layers as people read them: name, operation, shape, purpose."""
    return [(each.name, each.op, shape_text(each.shape), each.purpose) for each in layers]
