"""Values of messages, counted before these are parsed."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.formats.messages import GraphDef, TensorProto
from freeze.formats.wire import count
from tests.support import graphs

MOST = 1_000_000


def _counted(message: Any) -> int:
    return count(message.SerializeToString(), type(message), MOST)


def test_packed_numbers_count_by_the_memory_that_they_take() -> None:
    assert _counted(TensorProto(int_val=[1] * 8000)) >= 1000


def test_raw_bytes_and_texts_count_as_one_value_however_long() -> None:
    assert _counted(TensorProto(tensor_content=bytes(8000))) == 1
    assert _counted(GraphDef(node=[{"name": "a" * 8000}])) == 2


def test_messages_count_however_deep_they_are() -> None:
    graph = graphs.graph("x = Placeholder\ny = Neg x")
    more = graphs.graph("x = Placeholder\ny = Neg x\nz = Neg y")
    assert _counted(more) > _counted(graph) > 6


@pytest.mark.parametrize("length", range(1, 30, 3))
def test_counting_ends_where_a_message_is_cut(length: int) -> None:
    data = graphs.graph("x = Placeholder\ny = Neg x").SerializeToString()
    assert 0 < count(data[:length], GraphDef, MOST) <= count(data, GraphDef, MOST)


def test_counting_ends_soon_after_the_most_that_is_allowed() -> None:
    data = GraphDef(node=[{"name": "a"}] * 5000).SerializeToString()
    assert count(data, GraphDef, 100) == 101
