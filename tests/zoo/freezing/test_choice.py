"""What is kept of a graph: outputs, inputs and training flags, named or found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats import graphdef
from freeze.formats.checkpoint import Checkpoint
from tests.support import graphs
from tests.support.checkpoints import BIAS, GRAPH, KERNEL, X, expected, run

pytestmark = pytest.mark.usefixtures("no_tensorflow")

Zoo = Callable[..., Any]


def test_ambiguous_outputs_are_listed_with_a_command_that_chooses_one(
    zoo: Zoo, save: Callable[..., Path]
) -> None:
    prefix = save(GRAPH + "    genre = Softmax out/BiasAdd")
    answer = zoo("freeze", prefix, "-o", "m.pb", "--json")
    error = answer.document["error"]
    assert answer.code == 2
    assert "genre Softmax [?, 3]" in error["why"] and "tags Sigmoid [?, 3]" in error["why"]
    assert not Path("m.pb").exists() and not Path("m.json").exists()
    assert zoo(*error["hint"].split()[1:]).code == 0


def test_outputs_are_those_that_were_named(zoo: Zoo, save: Callable[..., Path]) -> None:
    words = ("--node", "dense/BiasAdd:0", "--json")
    answer = zoo("freeze", save(), "-o", "m.pb", *words)
    assert answer.document["outputs"] == ["dense/BiasAdd"]
    assert "out/BiasAdd" not in graphdef.by_name(graphdef.read(Path("m.pb")))
    unknown = zoo("freeze", save(), "-o", "n.pb", "--node", "dense/BiasAd")
    assert unknown.code == 3 and "dense/BiasAdd" in unknown.err


def test_output_without_pb_is_a_node_as_it_once_was(zoo: Zoo, save: Callable[..., Path]) -> None:
    answer = zoo("freeze", save(), "--output", "m.pb", "--output", "tags", "--json")
    assert answer.document["outputs"] == ["tags"] and Path("m.pb").exists()
    assert "note: tags" in answer.err and "--node tags" in answer.err


def test_an_input_cuts_the_graph(zoo: Zoo, save: Callable[..., Path]) -> None:
    answer = zoo("freeze", save(), "-o", "m.pb", "--input", "dense/BiasAdd", "--json")
    assert answer.document["inputs"] == ["dense/BiasAdd"]
    inner = X @ KERNEL + BIAS
    np.testing.assert_allclose(run("m.pb", "tags", inner), expected(X), atol=1e-6)
    aside = zoo("freeze", save(), "-o", "n.pb", "--input", "loss", "--node", "tags")
    assert aside.code == 2 and "do not need it" in aside.err and not Path("n.pb").exists()


@pytest.mark.parametrize(
    ("flag", "code"), [("training=false", 0), ("training", 0), ("training=true", 2), ("x=false", 2)]
)
def test_training_flags_are_false(
    zoo: Zoo, save: Callable[..., Path], flag: str, code: int
) -> None:
    answer = zoo("freeze", save(), "-o", "m.pb", "--training-flag", flag)
    assert answer.code == code
    assert Path("m.pb").exists() == (code == 0)


def test_a_state_is_refused_unless_it_is_an_input(zoo: Zoo, save: Callable[..., Path]) -> None:
    text = GRAPH.replace("MatMul x kernel/read", "MatMul memory/now kernel/read")
    text += """\
    memory = VariableV2
    memory/read = Identity memory
    memory/now = Add x memory/read ^memory/keep
    memory/keep = Assign memory dense/BiasAdd
"""
    refused = zoo("freeze", save(text), "-o", "m.pb", "--node", "tags")
    assert refused.code == 2 and "memory/keep changes memory" in refused.err
    assert "--input memory" in refused.err and not Path("m.pb").exists()
    words = ("--node", "tags", "--input", "memory", "--json")
    assert zoo("freeze", save(text), "-o", "m.pb", *words).document["inputs"] == ["x", "memory"]


@pytest.mark.parametrize("op", ["IteratorGetNext", "QueueDequeueManyV2"])
def test_a_network_that_reads_a_pipeline_is_cut_behind_it(
    zoo: Zoo, save: Callable[..., Path], op: str
) -> None:
    lines = [line for line in GRAPH.strip().split("\n") if "Placeholder" not in line]
    text = "\n".join(["    files = FIFOQueueV2", f"    x = {op} files", *lines])
    prefix = save(text.replace("Sub tags labels", "Sub tags two"))
    graph = Checkpoint.open(prefix).metagraph().graph_def
    files, x = graph.node[:2]
    for node, key in ((files, "shapes"), (x, "output_shapes")):
        shape = node.attr[key].list.shape.add()
        for size in [-1, 3] if key == "output_shapes" else [3]:
            shape.dim.add(size=size)
    for key in ("component_types", "output_types"):
        x.attr[key].list.type.append(graphs.FLOAT)
    graphs.save(graphs.checkpoint({"kernel": KERNEL, "bias": BIAS}, graph), prefix)
    refused = zoo("freeze", prefix, "-o", "m.pb")
    assert refused.code == 5 and f"{op} (x)" in refused.err and "--input x" in refused.err
    assert zoo("freeze", prefix, "-o", "m.pb", "--input", "x").code == 0
    (made,) = [n for n in graphdef.read(Path("m.pb")).node if n.op == "Placeholder"]
    assert [axis.size for axis in made.attr["shape"].shape.dim] == [-1, 3]
    np.testing.assert_allclose(run("m.pb", "tags", X), expected(X), atol=1e-6)


def test_keep_all_keeps_what_can_do_without_variables(zoo: Zoo, save: Callable[..., Path]) -> None:
    answer = zoo("freeze", save(), "-o", "m.pb", "--keep-all")
    nodes = graphdef.by_name(graphdef.read(Path("m.pb")))
    assert answer.code == 0 and "Left out 3 nodes" in answer.err
    gone = {"slot", "step", "train"}
    assert nodes.keys() == {line.split()[0] for line in GRAPH.split("\n") if line.strip()} - gone
    assert nodes["kernel"].op == "Const" and nodes["training"].op == "Placeholder"
    record = json.loads(Path("m.json").read_text())
    assert record["zoo"]["training_flags"] == ["training"]
    assert zoo("freeze", save(), "-o", "n.pb", "--keep-all", "--input", "merge").code == 2
