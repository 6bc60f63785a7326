"""Whatever a file holds, readers read it or refuse it with a sentence; good files they read.

``ZOO_FUZZ=N`` tries N examples of each property.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ZooError
from catalog.index import Catalog
from catalog.record import Record
from catalog.upstream import with_upstream
from freeze.analysis.inspection import inspect
from freeze.analysis.node import describe
from freeze.analysis.proposal import propose
from freeze.analysis.summary import schema_of
from freeze.formats import graphdef, onnx
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.gaia import history
from freeze.frozen import freeze
from freeze.graph.prune import prune
from freeze.network_file import HistoryFile
from freeze.shapes.propagation import infer
from predictors.descriptors.folding import folded
from predictors.descriptors.summary import HistorySummary
from tests.support import corpus, fuzzing, graphs, histories
from tests.support.fuzzing import damaged, edited
from tests.support.random_graphs import random_graphs
from validate import run, target
from validate.fix import fix

pytestmark = pytest.mark.slow
REFUSALS = (1, 2, 3, 5)  # exit codes of a sentence about the file
fuzz = fuzzing.examples(12)


@pytest.fixture(autouse=True)
def _networks_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "check", lambda _: [])


def tried(use: Callable[[], Any]) -> Any:
    """What came out, or None if it was refused; any other error is a bug."""
    try:
        return use()
    except ZooError as error:
        assert error.exit_code in REFUSALS, error
        assert error.message
        return None


def judged(*paths: Path) -> None:
    """Validate, and correct what can be corrected."""
    for each in tried(lambda: target.of_path(paths[0])) or []:
        report = target.judge(each)
        json.dumps(report.to_json()).encode()
        described = target.described_graph(each)
        if described and each.metadata:
            with suppress(ZooError):
                fix(each.metadata, described)


def used(graph: Any) -> None:
    """Do everything with a graph that commands do."""
    data = graph.SerializeToString(deterministic=True)
    infer(graph)
    assert graph.SerializeToString(deterministic=True) == data, "looking into a graph changed it"
    proposal = tried(lambda: propose(graph))
    candidates = (*proposal.outputs, *proposal.candidates[:5]) if proposal else ()
    for names in (["n0"], [each.name for each in candidates]):
        pruned = tried(lambda names=names: prune(graph, names, ["n1"]))
        if pruned is not None:
            infer(pruned)
    assert graph.SerializeToString(deterministic=True) == data, "using a graph changed it"


def looked_into(path: Path) -> None:
    inspection = tried(lambda: inspect(path))
    if inspection:
        json.dumps(inspection.summary.to_json()).encode()
        schema_of(inspection.summary)
        for node in inspection.graph.node[:3]:
            tried(lambda node=node: describe(inspection, node.name))


GOOD_GRAPH = """
    n0 = Placeholder
    n1 = Flag
    w = Const 3
    product = MatMul n0 w
    s = Switch product n1
    a = Relu s:1
    b = Sigmoid s
    m = Merge b a
    c = PartitionedCall m
"""


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A small graph with everything: weights, branches, a function."""
    graph = graphs.graph(GOOD_GRAPH)
    graphs.function(graph, "f0 a", "r = Softmax a", {"r": "r:softmax:0"})
    graphs.call(graph.node[-1], "f0", 1)
    return graphdef.serialize(graph)


def _checkpoint() -> dict[str, bytes]:
    """The files of a small checkpoint, by ending."""
    graph = graphs.graph("x = Placeholder\nv = VariableV2\ny = Mul x v")
    variables = {"v": np.arange(6, dtype=np.float32), "w": np.zeros((2, 2), np.float32)}
    return graphs.checkpoint(variables, graph)


def _onnx() -> bytes:
    """A small ONNX model."""
    model = onnx.ModelProto(ir_version=8)
    graph = model.graph
    for name in ("x", "w"):
        tensor = graph.input.add(name=name).type.tensor_type
        tensor.elem_type = 1
        tensor.shape.dim.add(dim_value=2)
    graph.initializer.add(name="w", data_type=1, dims=[2])
    graph.node.add(input=["x", "w"], output=["y", "z"], op_type="Split", name="split")
    graph.node.add(input=["y"], output=["r:0"], op_type="Sigmoid").attribute.add(
        name="a", type=2, i=3
    )
    graph.output.add(name="r:0")
    return bytes(model.SerializeToString())


def _web() -> Any:
    """The ``model.json`` of a small web model, whose weights are the 16 bytes of ``a.bin``."""
    attributes = {"dtype": {"type": "DT_FLOAT"}, "value": {"tensor": {"dtype": "DT_FLOAT"}}}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": [{"size": "-1"}]}}}},
        {"name": "w", "op": "Const", "attr": attributes},
        {"name": "y", "op": "Mul", "input": ["x", "w"], "attr": {"T": {"type": "DT_FLOAT"}}},
    ]
    quantized = {"dtype": "uint8", "scale": 0.5, "min": -1}
    weights = [{"name": "w", "shape": [4, 4], "dtype": "float32", "quantization": quantized}]
    return json.loads(corpus.topology(nodes, weights))


def test_good_networks_are_read(whole: bytes, tmp_path: Path) -> None:
    text = corpus.text(_web())
    (tmp_path / "web").mkdir()
    files = {
        "graph.pb": (whole, "c"),
        "model.onnx": (_onnx(), "r:0"),
        "web/a.bin": (bytes(16), None),
        "web/model.json": (text, "y"),
        "model.zip": (corpus.archive({"model.json": text, "a.bin": bytes(16)}), "y"),
    }
    for name, (data, output) in files.items():
        (tmp_path / name).write_bytes(data)
        if output:
            (each,) = target.of_path(tmp_path / name)
            checks = {check.id: check.status for check in target.judge(each).checks}
            assert (checks["file-kind"], checks["file-whole"]) == ("passed", "passed"), name
            summary = inspect(tmp_path / name).summary
            assert output in [each.name for each in summary.outputs], name


def test_a_good_savedmodel_and_a_good_checkpoint_are_read(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(corpus.saved_model(whole))
    assert [node.name for node in inspect(tmp_path).graph.node][-1] == "c"
    graphs.save(_checkpoint(), tmp_path / "model")
    checkpoint = Checkpoint.open(tmp_path / "model")
    assert list(checkpoint.tensor("v")) == [0, 1, 2, 3, 4, 5]
    assert {node.name for node in freeze(checkpoint, ["y"]).node} == {"x", "v", "y"}


def test_a_good_record_is_read(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(corpus.text(corpus.RECORD))
    path.with_suffix(".pb").write_bytes(whole)
    (each,) = target.of_path(path)
    checks = {check.id: check.status for check in target.judge(each).checks}
    assert (checks["metadata-json"], checks["metadata-schema"]) == ("passed", "passed")
    assert target.described_graph(each)
    assert Record.load(path).document == corpus.RECORD
    with suppress(ZooError):
        assert Catalog(()).extended([tmp_path]).models


@fuzz
@given(data=st.data())
def test_a_damaged_graph_is_read_or_refused(
    whole: bytes, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "graph.pb"
    path.write_bytes(data.draw(damaged(whole)))
    graph = tried(lambda: graphdef.read(path))
    if graph is not None:
        used(graph)
    looked_into(path)
    judged(path)


@fuzz
@given(graph=random_graphs())
def test_a_graph_wired_at_random_is_used_or_refused(graph: Any, tmp_path: Path) -> None:
    path = tmp_path / "graph.pb"
    path.write_bytes(graph.SerializeToString(deterministic=True))
    used(graph)
    looked_into(path)
    judged(path)


@fuzz
@given(data=st.data())
def test_a_damaged_savedmodel_is_read_or_refused(
    whole: bytes, data: st.DataObject, tmp_path: Path
) -> None:
    (tmp_path / "saved_model.pb").write_bytes(data.draw(damaged(corpus.saved_model(whole))))
    looked_into(tmp_path)
    judged(tmp_path / "saved_model.pb")


@fuzz
@given(data=st.data())
def test_a_damaged_checkpoint_is_frozen_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    files = _checkpoint()
    ending = data.draw(st.sampled_from(sorted(files)))
    graphs.save({**files, ending: data.draw(damaged(files[ending]))}, tmp_path / "model")
    checkpoint = tried(lambda: Checkpoint.open(tmp_path / "model"))
    if checkpoint:
        for name in checkpoint.entries:
            tried(lambda name=name: checkpoint.tensor(name))
        tried(lambda: freeze(checkpoint, ["y"]))
    looked_into(tmp_path / "model")


@fuzz
@given(data=st.data())
def test_a_damaged_onnx_model_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(data.draw(damaged(_onnx())))
    looked_into(path)
    judged(path)


@fuzz
@given(data=st.data())
def test_a_damaged_history_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "mood.history"
    path.write_bytes(data.draw(damaged(history.serialize(histories.chain()))))
    summary = tried(lambda: HistorySummary.of(HistoryFile(path)))
    if summary:
        tried(lambda: json.dumps(summary.to_json()).encode())
        if summary.classifier:
            tried(lambda: summary.chain.answer(histories.POOL))
            tried(lambda: folded(summary.chain))
    judged(path)


@fuzz
@given(data=st.data())
def test_an_edited_web_model_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(16))
    text = data.draw(edited(_web()))
    (tmp_path / "model.json").write_bytes(text)
    archive = tmp_path / "model.zip"
    archive.write_bytes(
        data.draw(damaged(corpus.archive({"model.json": text, "a.bin": bytes(16)})))
    )
    for path in (tmp_path, tmp_path / "model.json", archive):
        looked_into(path)
        judged(path)


@fuzz
@given(data=st.data())
def test_an_edited_record_is_judged_or_refused(
    whole: bytes, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(data.draw(edited(corpus.RECORD) | damaged(corpus.text(corpus.RECORD))))
    path.with_suffix(".pb").write_bytes(whole)
    judged(path)
    with suppress(ZooError):
        Catalog(()).extended([tmp_path])
    model = tried(lambda: Record.load(path))
    if model:
        tried(lambda: with_upstream(Record(corpus.RECORD), model.document))
