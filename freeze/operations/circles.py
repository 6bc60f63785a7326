"""Do nodes depend on themselves, other than by a while loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from freeze.formats.graphdef import source


def circles(nodes: Mapping[str, Any]) -> list[str]:
    """The nodes of a graph that cannot be computed because they depend on each other.

    What a ``NextIteration`` hands to a ``Merge`` is the next round of a loop.

    Parameters
    ----------
    nodes : mapping of str to NodeDef

    Returns
    -------
    list of str
        With those that depend on them.
    """

    def reads(name: str) -> Iterable[str]:
        given = {read for read in map(source, nodes[name].input) if read.node in nodes}
        if nodes[name].op == "Merge":  # an edge of control waits for the next round all the same
            given = {r for r in given if r.output < 0 or nodes[r.node].op != "NextIteration"}
        return {read.node for read in given}

    return unordered(nodes, reads)


def unordered(names: Iterable[str], reads: Callable[[str], Iterable[str]]) -> list[str]:
    """The names that cannot be put into an order in which each comes after those that it reads."""
    waiting: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    for name in names:
        given = set(reads(name))
        waiting[name] = len(given)
        for each in given:
            readers.setdefault(each, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for reader in readers.get(name, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    return [name for name, count in waiting.items() if count]
