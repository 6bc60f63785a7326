"""Do outputs get values: a graph executed step by step on what is known of its tensors.

Executed as TensorFlow does it: what the other branch of a ``Switch`` gives is dead, and so is all
that reads it, but for a ``Merge`` with another input; in a loop every node waits for what it reads
in the same round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import Any

from freeze.formats.graphdef import Source, source
from freeze.graph import walk
from freeze.operations.frames import Frame
from freeze.shapes.propagation import applied
from freeze.shapes.rules import UNKNOWN, Tensor

MOST_ROUNDS = 8
"""Of a loop; what happens later is not known."""

DEEPEST = 6
"""Loops in loops that are followed."""

MOST_STEPS = 50_000
"""Nodes of all rounds together, after which nothing more is found."""


def matters(nodes: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether there are branches or loops among nodes."""
    return any(nodes[name].op in ("Switch", "Enter") for name in names)


class Nothing(Enum):
    """What a tensor may be that never has a value."""

    DEAD = "in a branch that is never taken"
    MISSING = "behind a loop that waits for itself"


State = Tensor | Nothing
Round = dict[str, list[State]]


class Execution:
    """One execution of a graph.

    Parameters
    ----------
    nodes : mapping of str to NodeDef
        Without circles, except those of loops.
    frames : mapping of str to Frame
        The loops of the nodes that outputs depend on; see `freeze.operations.frames.frames`.

    Attributes
    ----------
    misfits : list of str
        Nodes whose shapes do not fit in the first rounds of their loops.
    endless : list of str
        Loops whose conditions stay as they are.
    """

    def __init__(self, nodes: Mapping[str, Any], frames: Mapping[str, Frame]) -> None:
        self._nodes, self._frames = nodes, frames
        self._members: dict[Frame, list[str]] = defaultdict(list)
        self._enters: dict[Frame, list[str]] = defaultdict(list)
        self._exits: dict[Frame, list[str]] = defaultdict(list)
        for name, frame in frames.items():
            self._members[frame].append(name)
            if nodes[name].op == "Enter":
                self._enters[frame].append(name)
            elif nodes[name].op == "Exit":
                self._exits[self._inner(name)].append(name)
        self._orders: dict[Frame, list[str]] = {}
        self._steps = MOST_STEPS
        self.misfits: list[str] = []
        self.endless: list[str] = []
        self._values = self._round((), {})

    def lacking(self, outputs: Collection[str]) -> list[str]:
        """The outputs without a value, each with the reason, if none of them has one."""
        found = {output: self._lack(output) for output in outputs}
        if not all(found.values()):
            return []
        return [f"{output} {lack.value}" for output, lack in found.items() if lack]

    def _lack(self, output: str) -> Nothing | None:
        """Why an output has no value; None if it may have one."""
        name, index = source(output)
        found = _state(self._values, Source(name, max(index, 0)))
        return found if isinstance(found, Nothing) and self._steps > 0 else None

    def _round(self, frame: Frame, given: Round) -> Round:
        """Execute the nodes of a loop, or those outside of all, once.

        ``given`` are the inputs from outside, and those of the round before.
        """
        values: Round = dict(given)
        for name in self._order(frame):
            if name in values or self._steps <= 0:
                continue
            self._steps -= 1
            if self._nodes[name].op == "Exit":
                values |= self._loop(self._inner(name), values)
            else:
                values[name] = self._step(name, values)
        return values

    def _order(self, frame: Frame) -> list[str]:
        """The nodes of a loop, each after those that it reads; loops in it as one."""
        if frame not in self._orders:
            own = self._members[frame]
            self._orders[frame] = walk.in_order(
                self._nodes, own, lambda name: self._before(name, frame)
            )
        return self._orders[frame]

    def _before(self, name: str, frame: Frame) -> Iterable[str]:
        node = self._nodes[name]
        if node.op == "Enter" and self._frames[name] == frame:
            return ()
        if node.op == "Exit":
            inner = self._inner(name)
            reads = (each.node for enter in self._enters[inner] for each in self._reads(enter))
        else:
            reads = (each.node for each in self._reads(name))
        return [each for each in reads if self._frames.get(each) == frame]

    def _inner(self, name: str) -> Frame:
        """The loop that an Exit leads out of."""
        return self._frames[source(self._nodes[name].input[0]).node]

    def _reads(self, name: str) -> list[Source]:
        ends = self._ends(self._nodes[name])
        return [each for each in map(source, self._nodes[name].input) if each.node not in ends]

    def _loop(self, frame: Frame, outer: Round) -> Round:
        """Execute a loop as long as it is known to go on; the values of its Exits."""
        exits, members = self._exits[frame], self._members[frame]
        conditions = [name for name in members if self._nodes[name].op == "LoopCond"]
        unknown: Round = {name: [UNKNOWN] for name in exits}
        if len(conditions) != 1 or len(frame) > DEEPEST:
            return unknown
        (condition,) = conditions
        found: Round = {name: [Nothing.MISSING] for name in exits}
        entered = {name: [_joined(outer, self._reads(name))] for name in self._enters[frame]}
        ends: Round = {
            name: [Nothing.MISSING] for name in members if self._nodes[name].op == "NextIteration"
        }
        given, gaps = entered | ends, list[int]()
        for _ in range(MOST_ROUNDS):
            values = self._round(frame, given)
            for name in exits:
                state = _joined(values, self._reads(name))
                found[name] = [state] if isinstance(state, Tensor) else found[name]
            goes_on = _state(values, Source(condition, 0))
            if isinstance(goes_on, Nothing) or _decided(goes_on) is False:
                return found
            if _decided(goes_on) is None or self._steps <= 0:
                return unknown
            gaps += self._gap(condition, values)
            given = self._given(frame, entered, values)
        if len(gaps) == MOST_ROUNDS and all(b >= a for a, b in pairwise(gaps[2:])):
            self.endless.append(condition)
        return unknown

    def _given(self, frame: Frame, entered: Round, values: Round) -> Round:
        """What the next round of a loop begins with."""
        given: Round = {}
        for name in self._members[frame]:
            node = self._nodes[name]
            if name in entered:
                constant = "is_constant" in node.attr and node.attr["is_constant"].b
                given[name] = entered[name] if constant else [Nothing.MISSING]
            for end in self._ends(node):
                given[end] = given[_before(name)] = [_joined(values, self._reads(end))]
        return given

    def _ends(self, node: Any) -> list[str]:
        """The nodes that hand a value on from one round of a loop to its Merge in the next."""
        reads = [source(each).node for each in node.input] if node.op == "Merge" else []
        return [each for each in reads if self._nodes[each].op == "NextIteration"]

    def _gap(self, condition: str, values: Round) -> list[int]:
        """How far a comparison is from being false, where that is known."""
        node = self._nodes[source(self._nodes[condition].input[0]).node]
        sides = [_state(values, source(each)) for each in node.input[:2]]
        known = [side.value for side in sides if isinstance(side, Tensor)]
        numbers = [each for each in known if isinstance(each, int)]
        if len(numbers) != 2:
            return []
        if node.op in ("Less", "LessEqual"):
            return [numbers[1] - numbers[0]]
        return [numbers[0] - numbers[1]] if node.op in ("Greater", "GreaterEqual") else []

    def _step(self, name: str, values: Round) -> list[State]:
        """Execute one node."""
        node, reads = self._nodes[name], self._reads(name)
        states = [_state(values, each) for each in reads]
        if node.op == "Merge":
            return [_merged(states, reads, values.get(_before(name), []))] * 2
        if node.op == "Placeholder":  # it is fed
            states = []
        for nothing in (Nothing.MISSING, Nothing.DEAD):
            if nothing in states:
                return [nothing] * 2
        tensors = [state for state in states if isinstance(state, Tensor)]
        data = [each for each, read in zip(tensors, reads, strict=False) if read.output >= 0]
        found, misfit = applied(node, data)
        if misfit and self._frames[name]:
            self.misfits.append(misfit)
        if node.op == "Switch" and len(data) == 2:
            taken = _decided(data[1])
            if taken is not None:
                return [Nothing.DEAD, data[0]] if taken else [data[0], Nothing.DEAD]
        if node.op == "PlaceholderWithDefault" and data:
            return [data[0]]
        return list(found)


def _before(merge: str) -> str:
    """Under what name a round has what the one before handed on to a Merge."""
    return f"{merge} before"


def _merged(states: Sequence[State], reads: Sequence[Source], before: Sequence[State]) -> State:
    """What a Merge hands on: the first of its inputs that is not dead."""
    pairs = list(zip(states, reads, strict=True))
    if any(state is Nothing.MISSING for state, read in pairs if read.output < 0):
        return Nothing.MISSING
    data = [*(state for state, read in pairs if read.output >= 0), *before]
    alive = [state for state in data if isinstance(state, Tensor)]
    if len(alive) == 1 or (alive and before):  # what a constant Enter gives anew comes first
        return alive[0]
    if alive:
        return UNKNOWN
    return Nothing.MISSING if Nothing.MISSING in data else Nothing.DEAD


def _joined(values: Round, reads: Sequence[Source]) -> State:
    """What a node that hands on its first input gives."""
    states = [_state(values, each) for each in reads]
    for nothing in (Nothing.MISSING, Nothing.DEAD):
        if nothing in states:
            return nothing
    return states[0] if states else UNKNOWN


def _state(values: Round, tensor: Source) -> State:
    """A tensor, or of a control edge whether its node is executed."""
    found = values.get(tensor.node, [])
    if tensor.output < 0 and any(isinstance(each, Tensor) for each in found):
        return UNKNOWN  # one branch is alive
    index = max(tensor.output, 0)
    return found[index] if index < len(found) else (found or [UNKNOWN])[0]


def _decided(state: State) -> bool | None:
    """The value of a condition, where it is known."""
    if isinstance(state, Tensor) and isinstance(state.value, int):
        return bool(state.value)
    return None
