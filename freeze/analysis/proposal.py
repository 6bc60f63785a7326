"""Outputs of a graph to keep, where none were named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freeze.analysis.candidates import SUMS, candidates, read_by_dense
from freeze.formats import graphdef
from freeze.graph.datapath import ACTIVATIONS, WEIGHTED, DataPath, trace
from freeze.graph.walk import closure

if TYPE_CHECKING:
    from freeze.analysis.candidates import Output


@dataclass(frozen=True)
class Proposal:
    """The outputs that a network may have.

    Attributes
    ----------
    outputs : tuple of Output
        The obvious ones: the predictions with their logits and embeddings. Empty where
        none, or more than one, is plausible.
    candidates : tuple of Output
        Other choices; the likeliest first.
    """

    outputs: tuple[Output, ...]
    candidates: tuple[Output, ...]


def propose(graph: Any, declared: Sequence[str] = ()) -> Proposal:
    """Propose the outputs of a network.

    They are the last activations or, without any, the last sums that weights lead to.
    What belongs to training (labels, losses, gradients, optimizer, saver) is left out.

    Parameters
    ----------
    graph : GraphDef
        As it was trained; not changed.
    declared : sequence of str
        Outputs that the model itself declares. They are taken, whatever they are.

    Raises
    ------
    IntegrityError
        A damaged graph.
    """
    path, nodes = trace(graph, declared), graphdef.by_name(graph)
    found = tuple(candidates(path, nodes))
    ends = [name if name in nodes else end for end in declared for name in [path.passed(end)]]
    if not ends:
        ends = _last(found, ACTIVATIONS, path) or _last(found, SUMS, path)
        is_network = any(path.nodes[name].op in WEIGHTED for name in path.order)
        if len(ends) != 1 or not is_network:
            named = set(ends)
            return Proposal((), tuple(each for each in found if each.name in named) or found)
    beside = {each.purpose: each.name for each in reversed(found)}
    more = [beside[purpose] for purpose in ("logits", "embeddings") if purpose in beside]
    if "logits" in beside and "embeddings" not in beside:
        more += [name for name in [read_by_dense(beside["logits"], path)] if name in nodes]
    there = {path.passed(end) for end in ends}
    more = [name for name in more if path.passed(name) not in there]
    outputs = candidates(path, nodes, list(dict.fromkeys([*ends, *more])))
    return Proposal(tuple(each for each in outputs if each.purpose or each.name in ends), found)


def _last(found: Sequence[Output], ops: Sequence[str], path: DataPath) -> list[str]:
    """Those of some operations that no other of them depends on."""
    names = [each.name for each in found if each.op in ops]
    needed = closure((before for name in names for before in path.before(name)), path.before)
    return [name for name in names if name not in needed]
