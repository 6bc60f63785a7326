"""Pruning to what outputs need at inference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError, UsageError, ZooError
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.graphdef import by_name, read, serialize
from freeze.formats.messages import GraphDef
from freeze.frozen import fill
from freeze.graph.prune import prune
from tests.support import graphs, mutations

Run = Callable[..., list[Any]]

# What tf.cond makes of: x * 2 if flag else x + 3, with the constants inside.
CONDITION = """
x = Placeholder
flag = Flag
pred = Identity flag
pivot = Switch pred pred
train = Identity pivot:1
infer = Identity pivot
two = Const ^train 2
three = Const ^infer 3
data_train = Switch x pred
data_infer = Switch x pred
double = Mul data_train:1 two
more = AddV2 data_infer three
merge = Merge more double
y = Neg merge
"""


def test_a_flag_leaves_the_branch_of_inference() -> None:
    pruned = prune(graphs.graph(CONDITION), ["y"], ["flag"])
    assert graphs.lines(pruned) == [
        "x = Placeholder",
        "three = Const",
        "more = AddV2 x three",
        "y = Neg more",
    ]


def test_a_merge_that_is_asked_for_keeps_its_name() -> None:
    pruned = prune(graphs.graph(CONDITION), ["merge"], ["flag"])
    assert graphs.lines(pruned)[-1] == "merge = Identity more"
    assert pruned.node[-1].attr["T"].type == 1


def test_without_the_flag_both_branches_stay() -> None:
    pruned = prune(graphs.graph(CONDITION), ["y"])
    assert {"flag", "double", "more", "merge"} < {node.name for node in pruned.node}


def test_a_negated_condition_and_nested_ones_are_decided() -> None:
    pruned = prune(
        graphs.graph(
            """
            x = Placeholder
            flag = Flag
            not = LogicalNot flag
            outer = Switch x not
            inner_flag = Switch flag not
            inner = Switch outer:1 inner_flag:1
            a = Neg inner
            b = Relu inner:1
            inner_merge = Merge a b
            c = Tanh outer
            merge = Merge c inner_merge
            """
        ),
        ["merge"],
        ["flag"],
    )
    assert graphs.lines(pruned) == ["x = Placeholder", "a = Neg x", "merge = Identity a"]


def test_an_output_of_training_alone_is_refused() -> None:
    with pytest.raises(UsageError, match="double exists only in training"):
        prune(graphs.graph(CONDITION), ["double"], ["flag"])


def test_a_flag_that_is_no_boolean_is_refused_and_an_absent_one_passed_over() -> None:
    with pytest.raises(UsageError, match="x is not a training flag"):
        prune(graphs.graph(CONDITION), ["y"], ["x"])
    with pytest.raises(UsageError, match="odd is not a training flag"):
        prune(graphs.graph("odd = Const true\ny = Neg odd"), ["y"], ["odd"])
    pruned = prune(graphs.graph("x = Placeholder\ny = Neg x"), ["y"], ["flag"])
    assert graphs.lines(pruned) == ["x = Placeholder", "y = Neg x"]


def test_dangling_nodes_control_edges_and_placement_go() -> None:
    graph = graphs.graph(
        """
        x = Placeholder
        unused = Placeholder
        first = NoOp ^x
        y = Neg x ^first
        z = Neg unused
        """
    )
    y = graph.node[3]
    y.device = "/gpu:0"
    y.attr["_class"].list.s.append(b"loc:@x")
    y.attr["_output_shapes"].list.shape.add()
    graph.versions.producer = 27
    graph.library.function.add().signature.name = "save"
    before = serialize(graph)
    pruned = prune(graph, ["y"])
    assert graphs.lines(pruned) == ["x = Placeholder", "y = Neg x"]
    assert (pruned.node[1].device, list(pruned.node[1].attr)) == ("", ["T"])
    assert (pruned.versions.producer, len(pruned.library.function)) == (27, 0)
    assert serialize(graph) == before


def test_every_node_stands_after_what_it_reads_whatever_their_order() -> None:
    nodes = graphs.nodes("y = AddN b a b\nb = Neg a\nx = Placeholder\na = Relu x")
    for start in range(4):
        pruned = prune(GraphDef(node=nodes[start:] + nodes[:start]), ["y", "a", "y:0"])
        assert [node.name for node in pruned.node] == ["x", "a", "b", "y"]


def test_small_constants_become_typed_values() -> None:
    graph = graphs.graph("small = Const 3\nlarge = Const 4\ny = Pack small large")
    small, large = (node.attr["value"].tensor for node in graph.node[:2])
    small.ClearField("float_val")
    small.tensor_content = np.float32(3).tobytes()
    large.ClearField("float_val")
    large.tensor_shape.dim.add(size=99)
    large.tensor_content = np.full(99, 4, np.float32).tobytes()
    first, second = (node.attr["value"].tensor for node in prune(graph, ["y"]).node[:2])
    assert (list(first.float_val), first.tensor_content) == ([3], b"")
    assert len(second.tensor_content) == 396


def test_a_constant_that_repeats_one_value_very_often_stays_short() -> None:
    graph = graphs.graph("zeros = Const 3\ny = Neg zeros")
    graph.node[0].attr["value"].tensor.tensor_shape.dim.add(size=100_000)
    value = prune(graph, ["y"]).node[0].attr["value"].tensor
    assert (list(value.float_val), value.tensor_content) == ([3], b"")


@pytest.mark.parametrize("output", ["none", "none:1"])
def test_an_unknown_output_is_not_found(output: str) -> None:
    with pytest.raises(NotFoundError, match="no node none"):
        prune(graphs.graph("x = Placeholder"), [output])


@pytest.mark.parametrize(
    "text",
    ["y = Neg gone", "y = Neg y", "a = Neg y\ny = Neg a", "f = Const true\ny = Switch y:1 f"],
)
def test_a_damaged_graph_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError):
        prune(graphs.graph(text + "\nz = Neg y:1"), ["z"])


def test_a_while_loop_stays_whole() -> None:
    loop = """
    x = Placeholder
    enter = Enter x
    merge = Merge enter next
    cond = Flag
    switch = Switch merge cond
    body = Neg switch:1
    next = NextIteration body
    exit = Exit switch
    """
    pruned = prune(graphs.graph(loop), ["exit"])
    assert sorted(graphs.lines(pruned)) == sorted(
        line.strip() for line in loop.strip().replace("Flag", "Placeholder").splitlines()
    )


@pytest.mark.slow
def test_a_chain_of_fifty_thousand_nodes_is_no_trouble() -> None:
    chain = "\n".join(f"n{i + 1} = Neg n{i}" for i in range(50_000))
    assert len(prune(graphs.graph(f"n0 = Placeholder\n{chain}"), ["n50000"]).node) == 50_001


def test_hostile_conditions_are_pruned_or_refused() -> None:
    refused = 0
    for broken in mutations.flipped(graphs.graph(CONDITION)):
        try:
            prune(broken, ["y"], ["flag"])
        except ZooError:
            refused += 1
    assert refused > 100


def test_openvino_runs_what_it_gets_wrong_unpruned(run_openvino: Run) -> None:
    x = np.array([1, -2, 5], np.float32)
    graph = graphs.graph(CONDITION)
    graph.node[0].attr["shape"].shape.dim.add(size=-1)
    for value in graph.node:
        if value.op == "Const":
            tensor = value.attr["value"].tensor
            tensor.tensor_content = np.array(tensor.float_val, np.float32).tobytes()
            tensor.ClearField("float_val")
    for _ in range(2):
        (y,) = run_openvino(prune(graph, ["y"], ["flag"]), ["y"], x)
        assert y.tolist() == (-(x + 3)).tolist()


@pytest.mark.shared
def test_pruned_real_networks_give_the_peers_values(shared: Path, run_openvino: Run) -> None:
    golden = np.load(shared / "goldens" / "models_io.npz")
    compared = 0
    for path in sorted((shared / "models").glob("*.pb")):
        prefix = f"{path.stem}__"
        keys = [key for key in golden if key.startswith(f"{prefix}output__")]
        outputs = [key.rpartition("__")[2].replace(".", "/") for key in keys]
        if not outputs:  # no golden of this one
            continue
        (fed,) = (key for key in golden if key.startswith(f"{prefix}input__"))
        pruned = prune(read(path), outputs, ["model/Placeholder_1"] if "vgg4" in prefix else [])
        assert [node.op for node in pruned.node].count("Placeholder") == 1
        for key, result in zip(keys, run_openvino(pruned, outputs, golden[fed]), strict=True):
            assert np.abs(result - golden[key]).max() < 1e-4, key
            compared += 1
    assert compared == 13


@pytest.mark.tensorflow
def test_a_condition_of_tensorflows_own_is_pruned_to_the_same_values(run_tensorflow: Run) -> None:
    from tensorflow.compat import v1

    v1.disable_control_flow_v2()
    with v1.Graph().as_default() as graph:
        x = v1.placeholder("float32", [None, 3], name="x")
        flag = v1.placeholder("bool", [], name="flag")
        y = v1.cond(
            flag,
            lambda: x * 2.0,
            lambda: v1.cond(v1.logical_not(flag), lambda: x + v1.reduce_mean(x), lambda: -x),
        )
        v1.identity(y, name="y")
        values = np.random.default_rng(4).normal(size=(5, 3)).astype(np.float32)
        with v1.Session() as session:
            expected = session.run("y:0", {"x:0": values, "flag:0": False})
    pruned = prune(GraphDef.FromString(graph.as_graph_def().SerializeToString()), ["y"], ["flag"])
    assert {node.op for node in pruned.node}.isdisjoint({"Switch", "Merge"})
    assert [node.name for node in pruned.node if node.op == "Placeholder"] == ["x"]
    (y,) = run_tensorflow(pruned, ["y"], values)
    assert np.array_equal(y, expected)


def test_constants_of_a_loop_stay_in_it_by_their_control_edges() -> None:
    graph = graphs.graph("""
        x = Placeholder
        before = Const ^x 1
        enter = Enter x
        merge = Merge enter next
        limit = Const ^merge 1
        less = Less merge limit
        stop = LoopCond less
        switch = Switch merge stop
        body = Identity switch:1
        one = Const ^body 1
        sum = AddV2 body one
        next = NextIteration sum
        exit = Exit switch
        after = Const ^exit 1
        y = AddV2 exit after
        z = AddV2 y before
    """)
    kept = by_name(prune(graph, ["z"]))
    edges = {name: list(kept[name].input) for name in ("before", "limit", "one", "after")}
    assert edges == {"before": [], "limit": ["^merge"], "one": ["^body"], "after": []}


@pytest.mark.parametrize(("condition", "taken"), [("flag", "Neg"), ("LogicalNot", "Relu")])
def test_an_if_that_a_flag_decides_is_its_live_branch(condition: str, taken: str) -> None:
    graph = graphs.graph("x = Placeholder\nflag = Placeholder\nnot = LogicalNot flag")
    graph.node[1].attr["dtype"].type = 10
    graph.node.extend(graphs.nodes(f"y = If {'flag' if condition == 'flag' else 'not'} x"))
    graphs.function(graph, "yes a", "r = Relu a", {"out": "r:activations:0"})
    graphs.function(graph, "no a", "n = Neg a", {"out": "n:y:0"})
    node = graph.node[-1]
    node.attr["then_branch"].func.name, node.attr["else_branch"].func.name = "yes", "no"
    node.attr["Tout"].list.type.append(1)
    pruned = prune(graph, ["y"], ["flag"])
    assert [node.op for node in pruned.node] == ["Placeholder", taken, "Identity"]
    whole = prune(graph, ["y"])  # nobody says what the flag is
    assert "If" in {node.op for node in whole.node}


@pytest.mark.tensorflow
def test_a_condition_of_tensorflow_2_is_pruned_to_the_same_values(run_tensorflow: Run) -> None:
    from tensorflow.compat import v1

    v1.enable_control_flow_v2()
    try:
        with v1.Graph().as_default() as graph:
            x = v1.placeholder("float32", [None, 3], name="x")
            flag = v1.placeholder("bool", [], name="flag")
            scale = v1.get_variable("scale", initializer=np.float32(3), use_resource=True)
            y, z = v1.cond(
                flag,
                lambda: (x * 2.0, v1.zeros_like(x)),
                lambda: v1.cond(v1.logical_not(flag), lambda: (x * scale, -x), lambda: (-x, x)),
            )
            v1.identity(y, name="y")
            v1.identity(z, name="z")
            values = np.random.default_rng(4).normal(size=(5, 3)).astype(np.float32)
            with v1.Session() as session:
                session.run(v1.global_variables_initializer())
                fed = {"x:0": values, "flag:0": False}
                expected = session.run(["y:0", "z:0"], fed)
    finally:
        v1.disable_control_flow_v2()
    assert {"If", "StatelessIf"} & {node.op for node in graph.as_graph_def().node}
    whole = GraphDef.FromString(graph.as_graph_def().SerializeToString())
    pruned = prune(whole, ["y", "z"], ["flag"])
    assert {node.op for node in pruned.node}.isdisjoint({"If", "StatelessIf"})
    checkpoint = Checkpoint("m", graphs.checkpoint({"scale": np.array(3, np.float32)}).__getitem__)
    fill(pruned, checkpoint)
    assert not pruned.library.function
    for ours, theirs in zip(run_tensorflow(pruned, ["y", "z"], values), expected, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("output", ["y:1", "halves:2"])
def test_an_output_after_the_last_one_of_its_node_is_refused(output: str) -> None:
    graph = graphs.graph("x = Placeholder\naxis = Const 0\ny = Neg x\nhalves = Split axis x")
    by_name(graph)["halves"].attr["num_split"].i = 2
    with pytest.raises(NotFoundError, match=f"no output {output}"):
        prune(graph, ["y", output])
    assert [node.name for node in prune(graph, ["halves:1"]).node][-1] == "halves"
