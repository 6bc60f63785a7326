"""Metadata that are published beside a network, joined to its record."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import IntegrityError
from catalog.index import catalog
from catalog.upstream import with_upstream


def test_upstream_metadata_win_for_classes_but_not_for_known_errors() -> None:
    model = catalog().find("mtg_jamendo_top50tags-discogs-effnet-1")
    node = {"name": "model/Sigmoid:0", "shape": [56], "op": "Sigmoid"}
    inputs = [{"name": "model/Placeholder", "type": "float", "shape": [1200]}]
    upstream = {"classes": ["a", "b"], "schema": {"inputs": inputs, "outputs": [node]}}
    joined = with_upstream(model, upstream)
    assert joined.classes == ("a", "b")
    assert joined.inputs[0].shape == (1280,)
    assert len(joined.outputs) == 1
    assert joined.layer("predictions").shape == (50,)
    assert model.layer("predictions").shape == (50,)


@pytest.mark.parametrize(
    "upstream",
    [{"schema": 5}, {"schema": {"inputs": []}}, {"classes": 3}, {"classes": [1]}],
)
def test_upstream_metadata_of_another_kind_are_refused(upstream: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="do not describe"):
        with_upstream(catalog().find("msd-musicnn-1"), upstream)
