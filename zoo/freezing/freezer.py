"""Frozen graphs that are known to compute what was trained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import ParityError, UsageError
from catalog.leftovers import working_folder

if TYPE_CHECKING:
    from freeze.analysis.candidates import Output
    from freeze.analysis.summary import Summary
    from freeze.trained import Trained
    from freeze.with_tensorflow import TensorFlow
    from validate.parity import Difference


@dataclass(frozen=True)
class Cut:
    """What to keep of a graph.

    Attributes
    ----------
    outputs, inputs : tuple of str
        Nodes; the graph's own placeholders if no inputs are named.
    flags : tuple of str
        Training flags to set to false.
    keep_all : bool
        Keep every node.
    """

    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    keep_all: bool = False


@dataclass(frozen=True)
class Frozen:
    """A frozen graph.

    Attributes
    ----------
    data : bytes
        The file.
    summary : Summary
    lost : tuple of str
        Nodes that could not be kept, where all were asked for.
    """

    data: bytes
    summary: Summary
    lost: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.summary.outputs

    @property
    def inputs(self) -> list[str]:
        return [each.name for each in self.summary.inputs if each.role == "input"]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def freeze(trained: Trained, kept: Cut) -> Frozen:
    """Freeze what was trained.

    Raises
    ------
    NotFoundError
        No such node.
    UsageError
        Outputs that do not need the inputs, or exist only in training.
    IntegrityError
        A damaged model, or operations that no network should have.
    """
    from freeze.analysis.summary import summarize
    from freeze.formats.graphdef import serialize
    from freeze.frozen import fill, fill_all
    from freeze.graph.prune import prune
    from freeze.graph.state import refuse_state, state
    from freeze.operations import bounds
    from freeze.operations.allowed import TRAINED, require

    require(trained.graph, kept.outputs, "The trained network", TRAINED, _cut(trained, kept))
    changed = state(trained.graph, kept.outputs, kept.flags, trained.assigned)
    hint = f"Make inputs of it: {' '.join(f'--input {name}' for name in changed)}"
    refuse_state("The trained network", changed.items(), hint)
    lost: list[str] = []
    if kept.keep_all:
        graph = trained.graph
        lost = fill_all(graph, trained.checkpoint) if trained.checkpoint else []
    else:
        graph = prune(trained.graph, kept.outputs, kept.flags)
        if trained.checkpoint:
            fill(graph, trained.checkpoint)
    names = {node.name for node in graph.node}
    for name in kept.inputs:
        if name.removesuffix(":0") not in names:
            raise UsageError(
                f"{name} cannot be an input.", why=f"{' and '.join(kept.outputs)} do not need it."
            )
    require(graph, kept.outputs, "The frozen graph", hint="Cut the graph behind them: --input NODE")
    bounds.require(graph, "The frozen graph")
    return Frozen(serialize(graph), summarize(graph, outputs=kept.outputs), tuple(lost))


def _cut(trained: Trained, kept: Cut) -> str:
    """What to cut the graph at: a placeholder with a default, or where a pipeline ends."""
    from freeze.formats.graphdef import by_name, source
    from freeze.graph.datapath import PIPELINES
    from freeze.graph.walk import reachable

    nodes = by_name(trained.graph)
    reached = reachable(nodes, [source(output).node for output in kept.outputs])
    ends = [name for name in nodes if name in reached and nodes[name].op in PIPELINES]
    with_default = [n for n in nodes if n in reached and nodes[n].op == "PlaceholderWithDefault"]
    named = (with_default or ends or ["NODE"])[0]
    return f"Cut the graph behind them: --input {named}"


def verify(frozen: Frozen, trained: Trained, tensorflow: TensorFlow) -> list[Difference] | None:
    """Compare a frozen graph with the model that TensorFlow restores, on random input.

    Returns
    -------
    list of Difference, or None
        By output; None where the model cannot be run on random input.

    Raises
    ------
    ParityError
        They do not agree.
    """
    from freeze.with_tensorflow import RunError
    from validate import parity

    inputs = [each for each in frozen.summary.inputs if each.role == "input"]
    outputs = [each.name for each in frozen.outputs]
    if any(each.shape is None or each.dtype in (None, "string") for each in inputs):
        return None
    trained.restore(tensorflow, outputs, frozen.inputs)
    flags = {name: parity.random_input("bool", ()) for name in trained.booleans}
    for length in parity.LENGTHS:
        values = {
            each.name: parity.random_input(str(each.dtype), each.shape or (), length)
            for each in inputs
        }
        try:
            reference = tensorflow.run(outputs, flags | values)
        except RunError:
            continue
        if not reference:
            return None
        with working_folder() as folder:
            path = folder / "frozen.pb"
            path.write_bytes(frozen.data)
            try:
                found = tensorflow.run(list(reference), flags | values, path)
            except RunError as error:
                raise ParityError("The frozen graph does not run.", why=error.why) from None
        differences = parity.compare(reference, found)
        parity.require(differences, "The frozen graph")
        return differences
    return None
