"""What TensorFlow refuses to import or to run is found, and nothing else: changes at random."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from random import Random

import pytest

from catalog.errors import ZooError
from freeze.child import Child, ChildError
from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from freeze.operations import table
from freeze.operations.attributes import complete
from freeze.operations.judgement import judge
from tests.support import mutations, tensorflow_judge
from tests.support.tensorflow_judge import FOLDED, OUTPUT, UNKNOWN

CASES = int(os.environ.get("ZOO_FUZZ", 150))
MISSED = 0.001
"""Of what TensorFlow refuses, the share that may be missed."""

UNREAD = "and holds"
"""Of constants whose attribute and tensor disagree, which TensorFlow may fold away unread."""

pytestmark = pytest.mark.tensorflow


class Reference:
    """TensorFlow in a process of its own, which some graphs kill."""

    def __init__(self) -> None:
        self._start()
        self.graphs = {name: b64decode(data) for name, data in self._child.ask({}).items()}

    def _start(self) -> None:
        self._child = Child(tensorflow_judge.__name__, {"TF_CPP_MIN_LOG_LEVEL": "3"})

    def refuses(self, data: bytes) -> str:
        """Why TensorFlow does not run a graph; empty if it does."""
        try:
            return str(self._child.ask({"graph": b64encode(data).decode()}, 60)["refused"])
        except ChildError as error:
            self.close()
            self._start()
            return f"crash: {error}"

    def close(self) -> None:
        self._child.close()


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    found = Reference()
    yield found
    found.close()


def _found(data: bytes) -> str:
    """What is wrong with a graph; empty if nothing is."""
    graph = GraphDef.FromString(data)
    try:
        graphdef.check(graph, "It")
        wrong = judge(graph, [OUTPUT])
    except ZooError as error:
        return str(error)
    return "; ".join(f"{family}: {each}" for family, found in wrong.items() for each in found)


def test_graphs_that_tensorflow_wrote_are_sound(reference: Reference) -> None:
    assert {name: _found(data) for name, data in reference.graphs.items() if _found(data)} == {}
    assert not any(map(reference.refuses, reference.graphs.values()))


@pytest.mark.timeout(60 + CASES * 5)
def test_changed_graphs_are_judged_as_tensorflow_does(reference: Reference) -> None:
    refused, missed, wrong = 0, [], []
    for seed in range(CASES):
        random = Random(seed)
        original = reference.graphs[random.choice(sorted(reference.graphs))]
        graph = GraphDef.FromString(original)
        mutations.mutate(graph, random)
        data = graph.SerializeToString()
        if data == original or not any(node.name == OUTPUT for node in graph.node):
            continue
        told, found = reference.refuses(data), _found(data)
        if told in (FOLDED, UNKNOWN):
            continue
        refused += bool(told)
        if told and not found:
            missed.append(f"{seed}: {told}")
        if found and not told and UNREAD not in found:
            wrong.append(f"{seed}: {found}")
    assert refused > CASES / 3
    assert wrong == []
    assert len(missed) <= max(1, MISSED * refused), missed


def test_attributes_that_are_left_out_are_those_of_tensorflow() -> None:
    from tensorflow.python.framework import op_def_registry

    told = 0
    for name in sorted(table.names()):
        known = op_def_registry.get(name)
        if not known:
            continue
        graph = GraphDef()
        node = graph.node.add(op=name)
        complete(graph)
        for attribute in known.attr:
            if attribute.name in node.attr:
                expected = attribute.default_value.SerializeToString()
                assert node.attr[attribute.name].SerializeToString() == expected, name
                told += 1
    assert told > 500
