"""The child process that runs a network: what it limits, and how it may die."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze import limits
from freeze.formats import graphdef, tensors
from freeze.graph import walk
from validate import child, run, target
from validate.report import Check, Report


def _report(network: Any) -> Report:
    (found,) = target.of_path(network.path)
    return target.judge(found)


def _completes(report: Report) -> Check:
    return next(check for check in report.checks if check.id == "run-completes")


def _hungry(network: Any, values: int) -> None:
    """Make the network fill a tensor with zeros and add its sum to the embeddings."""
    graph = graphdef.read(network.path)
    graph.node.append(tensors.constant("dims", np.array([values], np.int32)))
    graph.node.append(tensors.constant("zero", np.float32(0)))
    graph.node.append(tensors.constant("all", np.array([0], np.int32)))
    nodes = graphdef.by_name(graph)
    # The value depends on the input, so that it cannot be computed beforehand.
    first = graph.node.add(name="one", op="Mean", input=["mean", "both"])
    graph.node.append(tensors.constant("both", np.array([0, 1], np.int32)))
    fill = graph.node.add(name="fill", op="Fill", input=["dims", "one"])
    total = graph.node.add(name="total", op="Mean", input=["sorted", "all"])
    ordered = graph.node.add(name="sorted", op="Softmax", input=["fill"])
    for node in (first, total):
        node.attr["T"].type, node.attr["Tidx"].type = 1, 3
    fill.attr["T"].type, fill.attr["index_type"].type = 1, 3
    ordered.attr["T"].type = 1
    nodes["embeddings"].name = "dense"
    added = graph.node.add(name="embeddings", op="Add", input=["dense", "total"])
    added.attr["T"].type = 1
    network.path.write_bytes(graphdef.serialize(graph))


def test_a_little_hunger_is_fine(tagger: Any) -> None:
    _hungry(tagger, 1000)
    assert _completes(_report(tagger)).status == "passed"


@pytest.mark.parametrize("operation", walk.PLACEHOLDERS)
def test_an_input_of_any_kind_is_fed(tagger: Any, operation: str) -> None:
    """A default that was taken for a constant would give every input the same outputs."""
    graph = graphdef.read(tagger.path)
    fed = next(node for node in graph.node if node.op == "Placeholder")
    fed.op = operation
    if operation == "PlaceholderWithDefault":
        sizes = [max(axis.size, 1) for axis in fed.attr["shape"].shape.dim]
        graph.node.append(tensors.constant("default", np.zeros(sizes, np.float32)))
        fed.input.append("default")
    tagger.path.write_bytes(graphdef.serialize(graph))
    assert _completes(_report(tagger)).status == "passed"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits memory")
def test_a_network_that_wants_all_memory_fails_with_a_sentence(tagger: Any) -> None:
    _hungry(tagger, 240_000_000)
    check = _completes(_report(tagger))
    assert check.status == "failed"
    assert check.found and check.found.endswith(".")


def test_a_network_that_takes_too_long_is_stopped(
    tagger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.01)
    check = _completes(_report(tagger))
    assert (check.status, check.found) == ("failed", "It did not finish in time.")


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import os; os.kill(os.getpid(), 9)", "It was killed by signal 9"),
        ("import os; os.abort()", "It was killed by signal 6"),
        ("raise RuntimeError('no such thing')", "It ended without an answer: RuntimeError"),
        ("print('{}, and more')", "It ended without an answer"),
    ],
)
def test_a_child_that_dies_is_a_failed_check(
    program: str, told: str, tagger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "python"
    child.write_text(f"#!{sys.executable}\n{program}\n")
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    check = _completes(_report(tagger))
    assert check.status == "failed"
    assert check.found and check.found.startswith(told)


def test_the_child_imports_nothing_from_the_current_folder(
    tagger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("json.py", "numpy.py", "validate.py", "sitecustomize.py"):
        (trap / name).write_text(f"open({str(trap / 'sprung')!r}, 'w')\n")
    monkeypatch.chdir(trap)
    assert _completes(_report(tagger)).status == "passed"
    assert not (trap / "sprung").exists()


def test_the_child_leaves_nothing_behind(
    tagger: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    assert _completes(_report(tagger)).status == "passed"
    assert list(scratch.iterdir()) == []


GOOD = {"finite": True, "least": 0, "most": 1, "sum": 1, "difference": 0}


@pytest.mark.parametrize(
    ("op", "measured", "told"),
    [
        ("Sigmoid", {}, None),
        ("Softmax", {}, None),
        ("", {"least": -5, "most": 5, "sum": 9}, None),
        ("", {"difference": 0.3}, "run-repeatable"),
        ("", {"finite": False}, "run-finite"),
        ("Sigmoid", {"least": -0.1}, "run-sigmoid"),
        ("Sigmoid", {"most": 1.1}, "run-sigmoid"),
        ("Softmax", {"sum": 0.9}, "run-softmax"),
        ("Softmax", {"sum": 1.1}, "run-softmax"),
    ],
)
def test_outputs_are_judged_by_what_was_measured(
    op: str, measured: dict[str, Any], told: str | None
) -> None:
    request = run.RunRequest("tiny.pb", "graph", "input", (1, 187, 96), {"x": "", "y": op})
    checks = run.judged(request, {"x": GOOD, "y": GOOD | measured})
    assert [check.id for check in checks if check.status == "failed"] == [told] * bool(told)


@pytest.mark.parametrize(
    ("first", "second", "measured"),
    [
        ([[0.25, 0.75]], [[0.25, 0.75]], GOOD | {"least": 0.25, "most": 0.75}),
        ([[0.5, 0.5], [0.25, 0.25]], None, {"sum": 0.5}),
        ([[0.5, 0.5], [2.0, 0.25]], None, {"sum": 2.25, "most": 2.0}),
        ([[0.5, 0.5]], [[0.5, 0.25]], {"difference": 0.25, "finite": True}),
        ([[0.5, np.inf]], None, {"finite": False}),
        ([[0.5, 0.5]], [[0.5, np.nan]], {"finite": False}),
        ([[-8.0, 0.0]], [[-8.0, 4.0]], {"difference": 0.5}),
    ],
)
def test_two_runs_are_measured_by_their_worst_values(
    first: Any, second: Any, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = iter([first, first if second is None else second])
    network = lambda batch: [np.array(next(runs), np.float32)]  # noqa: E731
    monkeypatch.setattr(child, "_graph", lambda request: network)
    answer = child.run({"kind": "graph", "shape": [1, 2], "outputs": ["y"]})
    assert answer["layers"]["y"].items() >= measured.items()


def test_an_operation_that_openvino_lacks_is_no_failure(tagger: Any) -> None:
    graph = graphdef.read(tagger.path)
    graphdef.by_name(graph)["sigmoids"].op = "Lgamma"
    tagger.path.write_bytes(graphdef.serialize(graph))
    check = _completes(_report(tagger))
    assert check.status == "not-applicable"
    assert "Lgamma" in (check.found or "")
