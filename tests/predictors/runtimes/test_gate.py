"""The gate before every runtime: what is not allowed is never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import IntegrityError
from catalog.record import Record
from freeze.formats import graphdef
from freeze.formats.messages import FunctionDef
from freeze.formats.onnx import ModelProto
from freeze.network_file import NetworkFile
from freeze.operations.table import names
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes.graph import PrunedGraph
from tests.support import lab

STRING = 7
TOUCHING = {
    "WriteFile": ["name", "name"],
    "ReadFile": ["name"],
    "PyFunc": ["logits"],
    "EagerPyFunc": ["logits"],
    "Print": ["logits", "logits"],
    "PrintV2": ["name"],
    "DebugIdentity": ["logits"],
    "MatchingFiles": ["name"],
    "ImmutableConst": [],
    "Save": ["name"],
    "RestoreV2": ["name", "name", "name"],
    "ShellCommand": [],
}


def _with(tiny: Any, change: Callable[[Any], None]) -> Model:
    graph = graphdef.read(tiny.path)
    name = graph.node.add(name="name", op="Const")
    name.attr["dtype"].type = STRING
    name.attr["value"].tensor.dtype = STRING
    name.attr["value"].tensor.string_val.append(b"never")
    change(graph)
    tiny.path.write_bytes(lab.serialize(graph))
    return Model(Record({"zoo": {"id": "changed"}}), tiny.path)


@pytest.mark.parametrize("op", TOUCHING)
def test_an_operation_that_does_more_than_compute_is_refused_with_its_node(
    tiny: Any, op: str
) -> None:
    def change(graph: Any) -> None:
        graph.node.add(name="touching", op=op, input=TOUCHING[op])

    model = _with(tiny, change)
    with pytest.raises(IntegrityError, match=f"{op} \\(touching\\)"):
        model.graph("touching")


def test_what_only_a_control_edge_leads_to_is_refused(tiny: Any) -> None:
    def change(graph: Any) -> None:
        graph.node.add(name="touching", op="ReadFile", input=["name"])
        graphdef.by_name(graph)["sigmoids"].input.append("^touching")

    model = _with(tiny, change)
    with pytest.raises(IntegrityError, match="ReadFile"):
        model.graph("sigmoids")


def test_what_a_function_of_a_function_does_is_refused(tiny: Any) -> None:
    def change(graph: Any) -> None:
        for name, op in (("Outer", "Inner"), ("Inner", "WriteFile")):
            function = FunctionDef()
            function.signature.name = name
            function.signature.input_arg.add(name="x", type=1)
            function.node_def.add(name="does", op=op, input=["x"])
            graph.library.function.append(function)
        graph.node.add(name="calls", op="Outer", input=["logits"])

    model = _with(tiny, change)
    with pytest.raises(IntegrityError, match="WriteFile"):
        model.graph("calls")


def test_what_no_output_needs_is_no_reason(tiny: Any) -> None:
    def change(graph: Any) -> None:
        graph.node.add(name="touching", op="ReadFile", input=["name"])

    assert _with(tiny, change).graph("sigmoids").outputs == ("sigmoids",)


def test_no_graph_is_ready_to_run_before_it_was_judged(tiny: Any) -> None:
    graph = graphdef.read(tiny.path)
    graph.node.add(name="touching", op="PyFunc", input=["logits"])
    with pytest.raises(IntegrityError, match="PyFunc"):
        PrunedGraph(graph, "input", (-1, 187, 96), ("touching",))
    allowed = frozenset({"PyFunc"})
    assert PrunedGraph(graph, "input", (-1, 187, 96), ("touching",), allowed).also == allowed


@pytest.mark.parametrize("domain", ["com.microsoft", "lab", ""])
def test_operations_that_are_not_onnxs_are_refused(tmp_path: Path, domain: str) -> None:
    model = ModelProto(ir_version=8)
    model.opset_import.add(domain="", version=15)
    model.graph.input.add(name="x")
    model.graph.output.add(name="y")
    model.graph.node.add(op_type="Shell", domain=domain, input=["x"], output=["y"], name="shell")
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(IntegrityError, match="Shell"):
        PrunedGraph(NetworkFile(path), "x", (), ("y",))


def test_the_list_has_none_of_those() -> None:
    assert not TOUCHING.keys() & names()


def test_a_record_whose_sample_rate_is_not_that_of_its_features_is_refused(tiny: Any) -> None:
    record = {**tiny.record, "inference": {**tiny.record["inference"], "sample_rate": 44100}}
    with pytest.raises(IntegrityError, match="contradicts itself"):
        Predictor(Model(Record(record), tiny.path)).predict(lab.sine(16000))
