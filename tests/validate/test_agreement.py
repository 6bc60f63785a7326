"""Single checks of a graph beside its record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from catalog.record import Record
from freeze.formats import graphdef
from freeze.network_file import NetworkFile
from validate import agreement, files, run, target
from validate.agreement import DescribedGraph, ranks_fit
from validate.record import CheckedRecord

Change = Callable[[Any], object]


def _described(tagger: Any, change: Change = bool) -> DescribedGraph:
    """The tagger and its record; `change` gets the graph."""
    graph = graphdef.read(tagger.path)
    change(graph)
    tagger.path.write_bytes(graphdef.serialize(graph))
    record = Record(json.loads(json.dumps(tagger.record)))
    return DescribedGraph(CheckedRecord(record, "tiny", None), files.read(NetworkFile(tagger.path)))


@pytest.mark.parametrize(
    ("ours", "theirs", "fit"),
    [
        ((187, 96), (None, 187, 96), True),
        ((1, 187, 96), (None, 187, 96), True),
        ((1, 1, 187, 96), (None, 187, 96), False),
        ((96,), (None, 187, 96), False),
        ((96,), (None, 1, 96), True),
        ((96,), (None, 1, 1, 96), True),
        ((96,), (None, 1, 187, 96), False),
        ((3,), (None, 3), True),
        ((3,), (3,), True),
        ((1, 3), (3,), False),
        ((1,), (None, 1, 1), True),
        ((3,), (), True),
    ],
)
def test_the_batch_and_axes_of_one_behind_it_may_be_left_out(
    ours: tuple[int, ...], theirs: tuple[int | None, ...], fit: bool
) -> None:
    assert ranks_fit(ours, theirs) is fit


def test_a_shape_without_an_axis_that_counts_is_told(tagger: Any) -> None:
    tagger.record["schema"]["inputs"][0]["shape"] = [96]
    assert agreement.rank(_described(tagger)).status == "failed"


def _further(op: str, is_flag: bool) -> Change:
    """Let the sigmoids depend on a further input: added, or as a switch between branches."""

    def change(graph: Any) -> None:
        further = graph.node.add(name="further", op=op)
        further.attr["dtype"].type = 10 if is_flag else 1
        if op == "PlaceholderWithDefault":
            further.input.append("second")
        sigmoids = graphdef.by_name(graph)["sigmoids"]
        if is_flag:
            switch = graph.node.add(name="switch", op="Switch", input=["logits", "further"])
            switch.attr["T"].type = 1
            sigmoids.op = "Merge"
            sigmoids.attr["N"].i = 2
            sigmoids.input[:] = ["switch", "switch:1"]
        else:
            sigmoids.op = "Add"
            sigmoids.input[:] = ["logits", "further"]

    return change


@pytest.mark.parametrize(
    ("op", "is_flag", "status"),
    [
        ("Placeholder", False, "failed"),
        ("Placeholder", True, "warned"),
        ("PlaceholderWithDefault", False, "passed"),
    ],
)
def test_what_the_graph_reads_beside_the_recorded_inputs_is_told(
    op: str, is_flag: bool, status: str, tagger: Any
) -> None:
    assert agreement.inputs(_described(tagger, _further(op, is_flag))).status == status


def test_a_training_flag_that_the_record_names_is_expected(tagger: Any) -> None:
    tagger.record["zoo"]["training_flags"] = ["further"]
    assert agreement.inputs(_described(tagger, _further("Placeholder", True))).status == "passed"


def test_a_recorded_input_that_no_output_needs_is_told(tagger: Any) -> None:
    def change(graph: Any) -> None:
        graph.node.add(name="idle", op="Placeholder").attr["dtype"].type = 1

    tagger.record["schema"]["inputs"].append({"name": "idle", "type": "float"})
    check = agreement.inputs(_described(tagger, change))
    assert (check.status, check.found) == ("failed", "idle")


@pytest.mark.parametrize(
    ("stated", "status"),
    [("float", "passed"), ("DT_FLOAT", "passed"), ("float32", "passed"), ("double", "failed")],
)
def test_element_types_go_by_all_their_names(stated: str, status: str, tagger: Any) -> None:
    tagger.record["schema"]["outputs"][0]["type"] = stated
    assert agreement.dtype(_described(tagger)).status == status


@pytest.mark.parametrize(
    ("kind", "side", "missing", "status"),
    [
        ("graph", "outputs", 1, "failed"),
        ("tfjs", "outputs", 0, "failed"),
        ("tfjs", "outputs", 1, "warned"),
        ("tfjs", "outputs", 2, "failed"),
        ("tfjs", "inputs", 0, "failed"),
    ],
)
def test_of_a_converted_network_only_what_programs_ask_for_must_be_there(
    kind: str, side: str, missing: int, status: str, tagger: Any
) -> None:
    tagger.record["schema"][side][missing]["name"] = "nowhere"
    described = _described(tagger)
    described = replace(described, graph=replace(described.graph, kind=kind))
    assert agreement.layers(described).status == status


def test_a_training_flag_is_no_input_to_feed(tagger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[run.RunRequest] = []
    monkeypatch.setattr(run, "check", lambda request: asked.append(request) or [])
    _described(tagger, _further("Placeholder", True))
    target.judge(target.of_pair(tagger.json, NetworkFile(tagger.path)))
    (request,) = asked
    assert (request.input, request.training_flags) == ("input", ("further",))
