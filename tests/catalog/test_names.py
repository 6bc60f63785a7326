"""What a name can mean."""

from __future__ import annotations

from typing import Any

from catalog.names import by_name
from catalog.record import Record


def _model(id: str, **zoo: Any) -> Record:
    return Record({"zoo": {"id": id, **zoo}})


def test_an_identity_is_never_an_older_name_of_another_model() -> None:
    first, second = _model("a-1"), _model("b-1", names=["a-1", "Old"])
    names = by_name([second, first])
    assert names["a-1"] == [first]
    assert names["old"] == names["b-1"] == [second]
