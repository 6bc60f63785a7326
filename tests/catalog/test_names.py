"""What a name can mean."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.names import by_name, succeeding
from catalog.record import Record


def _model(id: str, **zoo: Any) -> Record:
    return Record({"zoo": {"id": id, **zoo}})


def test_an_identity_is_never_an_older_name_of_another_model() -> None:
    first, second = _model("a-1"), _model("b-1", names=["a-1", "Old"])
    names = by_name([second, first])
    assert names["a-1"] == [first]
    assert names["old"] == names["b-1"] == [second]


def _family(*models: tuple[str, dict[str, object]]) -> dict[str, Record]:
    return {id: Record({"zoo": {"id": id, **zoo}}) for id, zoo in models}


@pytest.mark.parametrize(
    ("models", "newest"),
    [
        ([("m-1", {})], None),
        ([("m-1", {}), ("m-2", {}), ("m-10", {})], "m-10"),
        ([("m-1", {}), ("m-2", {"withdrawn": {"date": "", "why": ""}})], None),
        ([("m-1", {"successor": "n-1"}), ("n-1", {}), ("n-2", {})], "n-2"),
        ([("m-1", {"successor": "n-1"}), ("n-1", {"successor": "m-1"})], "n-1"),
        ([("m-1", {"successor": "gone-1"})], None),
        ([("m-1", {}), ("m", {}), ("mm-2", {})], None),
    ],
)
def test_a_model_is_succeeded_by_number_or_by_name(
    models: list[tuple[str, dict[str, object]]], newest: str | None
) -> None:
    there = _family(*models)
    found = succeeding(there["m-1"], there)
    assert (found and found.id) == newest
