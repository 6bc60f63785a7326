"""What TensorFlow refuses is found, wherever it is in a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef, NodeDef
from freeze.operations.judgement import judge
from predictors.runtimes.graph import PrunedGraph
from tests.support import graphs

Change = Callable[[dict[str, Any]], object]


def _network() -> Any:
    graph = graphs.graph(
        "x = Placeholder\nk = Const 2\ny = Mul x k\nz = PartitionedCall y\nidle = Relu x"
    )
    graphs.function(graph, "body a", "s = Sigmoid a\nt = Mul a s:y:0", {"out": "t:z:0"})
    graphs.call(graph.node[3], "body", 1)
    return graph


def _found(change: Change | None = None) -> dict[str, list[str]]:
    graph = _network()
    if change:
        change({**graphdef.by_name(graph), "": graph})
    return {family: wrong for family, wrong in judge(graph, ["z"]).items() if wrong}


def _body(nodes: dict[str, Any]) -> Any:
    return nodes[""].library.function[0]


def test_a_graph_that_tensorflow_runs_has_no_findings() -> None:
    assert _found() == {}


@pytest.mark.parametrize("node", ["y", "idle"])
@pytest.mark.parametrize(
    "reference", ["nowhere", "nowhere:0", "", "x:-1", "x:1", "x:99999999999", "^nowhere"]
)
def test_an_input_that_does_not_exist_is_told(reference: str, node: str) -> None:
    assert "inputs" in _found(lambda nodes: nodes[node].input.__setitem__(0, reference))


def test_index_0_may_be_spelled_out() -> None:
    assert _found(lambda nodes: nodes["y"].input.__setitem__(0, "x:0")) == {}


@pytest.mark.parametrize("node", ["x", "k", "y", "idle"])
def test_an_input_too_many_is_told(node: str) -> None:
    assert "inputs" in _found(lambda nodes: nodes[node].input.append("x"))


def test_an_input_too_few_is_told() -> None:
    assert "inputs" in _found(lambda nodes: nodes["y"].input.pop())


def test_control_edges_come_last() -> None:
    assert "inputs" in _found(lambda nodes: nodes["y"].input.insert(0, "^idle"))
    assert _found(lambda nodes: nodes["y"].input.append("^idle")) == {}


@pytest.mark.parametrize("node", ["y", "idle"])
@pytest.mark.parametrize(
    "change",
    [
        lambda attr: attr.clear(),
        lambda attr: attr["T"].Clear(),
        lambda attr: setattr(attr["T"], "type", 0),
        lambda attr: setattr(attr["T"], "type", 19),
        lambda attr: setattr(attr["T"], "type", 77),
        lambda attr: setattr(attr["T"], "type", 101),
        lambda attr: setattr(attr["T"], "i", 1),
        lambda attr: setattr(attr["T"], "s", b"DT_FLOAT"),
        lambda attr: attr["T"].list.type.append(1),
    ],
    ids=["absent", "empty", "zero", "half", "unknown", "reference", "int", "string", "list"],
)
def test_an_element_type_that_does_not_fit_is_told(change: Change, node: str) -> None:
    assert "attributes" in _found(lambda nodes: change(nodes[node].attr))


@pytest.mark.parametrize("node", ["x", "k"])
def test_a_source_without_an_element_type_is_told(node: str) -> None:
    assert "attributes" in _found(lambda nodes: nodes[node].attr.pop("dtype"))


@pytest.mark.parametrize(
    "change",
    [
        lambda tensor: setattr(tensor, "dtype", 3),
        lambda tensor: tensor.tensor_shape.dim.add(size=-1),
        lambda tensor: setattr(tensor, "tensor_content", b"three"),
    ],
    ids=["type", "shape", "bytes"],
)
def test_a_constant_whose_tensor_is_another_is_told(change: Change) -> None:
    assert "attributes" in _found(lambda nodes: change(nodes["k"].attr["value"].tensor))


def test_the_number_of_tensors_is_compared() -> None:
    def pack(nodes: dict[str, Any], number: int) -> None:
        pack = nodes[""].node.add(name="p", op="Pack", input=["x", "y"])
        pack.attr["T"].type = 1
        pack.attr["N"].i = number

    assert _found(lambda nodes: pack(nodes, 2)) == {}
    assert "inputs" in _found(lambda nodes: pack(nodes, 5))
    assert "attributes" in _found(lambda nodes: pack(nodes, 0))


def test_an_attribute_of_tomorrow_is_left_alone() -> None:
    assert _found(lambda nodes: setattr(nodes["y"].attr["new"], "i", 1)) == {}


@pytest.mark.parametrize("reads", ["idle", "^idle"])
def test_a_circle_is_told_also_of_one_node_and_of_control_edges(reads: str) -> None:
    assert "acyclic" in _found(
        lambda nodes: nodes["idle"].input.__setitem__(
            slice(0, None), ["x", reads][reads[0] != "^" :]
        )
    )


def test_a_loop_is_no_circle() -> None:
    loop = "x = Placeholder\nm = Merge x n\nr = Relu m\nn = NextIteration r"
    graph = graphs.graph(loop)
    graph.node[1].attr["N"].i = 2
    assert not any(judge(graph).values())
    graph.node[1].input.append("^n")
    assert judge(graph)["acyclic"]
    del graph.node[1].input[2]
    graph.node[3].op = "Relu"
    assert judge(graph)["acyclic"]


@pytest.mark.parametrize(
    "text",
    [
        "x = Placeholder\ne = Enter x\ny = Add e x",
        "x = Placeholder\ne = Enter x\ny = Relu x ^e",
    ],
)
def test_a_loop_that_is_not_whole_is_told_where_an_output_needs_it(text: str) -> None:
    graph = graphs.graph(f"{text}\nz = Relu x")
    for node in graph.node:
        if node.op == "Enter":
            node.attr["frame_name"].s = b"loop"
    assert judge(graph, ["y"])["acyclic"]
    assert not any(judge(graph, ["z"]).values())


def test_two_functions_of_one_name_are_told() -> None:
    graph = _network()
    graphs.function(graph, "body a", "s = Relu a", {"out": "s:activations:0"})
    assert judge(graph)["functions"]


@pytest.mark.parametrize("name", ["a b", "_a", "-a", "a:0", "é", "/a"])
def test_a_name_that_tensorflow_does_not_take_is_told(name: str) -> None:
    assert "names" in _found(lambda nodes: setattr(nodes["idle"], "name", name))


@pytest.mark.parametrize("name", ["a/b", ".a", "1", "a>b", "a-b", "A_"])
def test_a_name_of_tensorflow_is_taken(name: str) -> None:
    assert _found(lambda nodes: setattr(nodes["idle"], "name", name)) == {}


@pytest.mark.parametrize("device", ["", "/cpu:0", "/device:GPU:0", "/job:localhost/task:0"])
def test_a_device_of_this_machine_is_taken(device: str) -> None:
    assert _found(lambda nodes: setattr(nodes["y"], "device", device)) == {}


def test_a_device_elsewhere_is_told_also_of_a_node_that_no_output_needs() -> None:
    """TensorFlow places all nodes before it runs one."""
    device = "/job:worker/task:99/gpu:7"
    assert "names" in _found(lambda nodes: setattr(nodes["y"], "device", device))
    assert "names" in _found(lambda nodes: setattr(nodes["idle"], "device", device))
    assert "names" in _found(lambda nodes: setattr(nodes["idle"], "device", "rubbish"))


def test_a_version_of_the_future_is_told() -> None:
    assert "names" in _found(lambda nodes: setattr(nodes[""].versions, "min_consumer", 99999))
    assert _found(lambda nodes: setattr(nodes[""].versions, "producer", 99999)) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.node_def[0].attr.clear(),
        lambda body: setattr(body.node_def[0].attr["T"], "type", 3),
        lambda body: body.node_def[0].input.__setitem__(0, "b"),
        lambda body: body.node_def[1].input.__setitem__(1, "s:z:0"),
        lambda body: body.node_def[1].input.__setitem__(1, "s:y:1"),
        lambda body: body.node_def[1].input.__setitem__(1, "s"),
        lambda body: body.node_def[1].input.append("^b"),
        lambda body: body.node_def[0].input.__setitem__(0, "t:z:0"),
        lambda body: body.node_def.add(name="s", op="NoOp"),
        lambda body: body.ret.clear(),
        lambda body: body.ret.update(out="t:y:0"),
        lambda body: setattr(body.signature.output_arg[0], "type", 3),
        lambda body: setattr(body.signature.input_arg[0], "type", 3),
        lambda body: body.signature.input_arg.add(name="b", type=1),
        lambda body: setattr(body.signature, "name", "other"),
    ],
)
def test_a_function_that_is_not_whole_or_does_not_fit_is_told(change: Change) -> None:
    assert "functions" in _found(lambda nodes: change(_body(nodes)))


def test_a_function_that_nothing_calls_may_be_anything() -> None:
    graph = _network()
    graphs.function(graph, "other a", "s = Sigmoid nowhere", {"out": "s:y:0"})
    assert not any(judge(graph).values())


def test_an_element_type_without_a_kernel_is_told_where_an_output_needs_it() -> None:
    graph = graphs.graph("x = Placeholder\ny = Betainc x x x\nz = Relu x")
    for node, attribute in ((0, "dtype"), (1, "T"), (2, "T")):
        graph.node[node].attr[attribute].type = 1
    assert not any(judge(graph, ["y"]).values())
    graph = graphs.graph("x = Placeholder\ny = MatMul x x")
    graph.node[0].attr["dtype"].type = graph.node[1].attr["T"].type = 22  # uint32
    assert judge(graph, ["y"])["attributes"]
    assert not any(judge(graph, ["x"]).values())


def _constants(**values: Any) -> dict[str, Any]:
    return {name: tensors.constant(name, np.asarray(value)) for name, value in values.items()}


def _node(name: str, op: str, *reads: str, **kinds: int) -> Any:
    node = NodeDef(name=name, op=op, input=reads)
    for attribute, kind in kinds.items():
        node.attr[attribute].type = kind
    return node


HUGE = {
    "Fill": ([np.int32([100_000, 100_000]), np.float32(1)], {"T": 1}),
    "Range": ([np.float32(0), np.float32(1e10), np.float32(1)], {"Tidx": 1}),
    "LinSpace": ([np.float32(0), np.float32(1), np.int32(10**9)], {"T": 1}),
    "Tile": ([np.zeros((9, 9), np.float32), np.int32([10**4, 10**5])], {"T": 1}),
    "Pad": ([np.zeros(9, np.float32), np.int32([[0, 10**9]])], {"T": 1}),
    "BroadcastTo": ([np.float32(0), np.int32([10**5, 10**5])], {"T": 1}),
    "Mul": ([np.zeros((40_000, 1), np.float32), np.zeros((1, 40_000), np.float32)], {"T": 1}),
    "MatMul": ([np.zeros((40_000, 1), np.float32), np.zeros((1, 40_000), np.float32)], {"T": 1}),
    "RandomUniform": ([np.int32([10**5, 10**5])], {"T": 3, "dtype": 1}),
    "MatrixDiag": ([np.zeros(40_000, np.float32)], {"T": 1}),
    "OneHot": (
        [np.zeros(9, np.int32), np.int32(10**9), np.float32(1), np.float32(0)],
        {"T": 1, "TI": 3},
    ),
}


@pytest.mark.parametrize("op", HUGE)
def test_a_tensor_without_bound_is_told(op: str) -> None:
    values, kinds = HUGE[op]
    reads = _constants(**{f"c{i}": value for i, value in enumerate(values)})
    graph = GraphDef(node=[*reads.values(), _node("y", op, *reads, **kinds)])
    assert [f for f, wrong in judge(graph, ["y"]).items() if wrong] == ["bounds"]
    assert not any(judge(graph, ["c0"]).values())


def test_a_tensor_without_bound_inside_a_function_is_told() -> None:
    graph = _network()
    body = graph.library.function[0]
    body.node_def.extend(_constants(size=np.int32([10**5, 10**5]), one=np.float32(1)).values())
    body.node_def.append(_node("fill", "Fill", "size:output:0", "one:output:0", T=1))
    assert judge(graph, ["z"])["bounds"] == ["fill (Fill) of 40 GB"]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_loop_without_end_is_told(goes_on: bool) -> None:
    graph = graphs.graph(
        "x = Placeholder\ne = Enter x\nm = Merge e n\n"
        "s = Switch m l\nn = NextIteration s:1\nz = Exit s"
    )
    nodes = graphdef.by_name(graph)
    nodes["m"].attr["N"].i = 2
    nodes["e"].attr["frame_name"].s = b"loop"
    graph.node.extend(_constants(always=np.array(goes_on)).values())
    graph.node.append(_node("c", "Enter", "always", T=10))
    graph.node[-1].attr["frame_name"].s = b"loop"
    graph.node.append(_node("l", "LoopCond", "c"))
    assert bool(judge(graph, ["z"])["bounds"]) is goes_on


def test_a_function_that_loops_without_end_is_told() -> None:
    graph = graphs.graph("x = Placeholder\nz = StatelessWhile x")
    graphs.function(graph, "body a", "s = Sigmoid a", {"out": "s:y:0"})
    condition = graph.library.function.add()
    condition.signature.name = "goes_on"
    condition.signature.input_arg.add(name="a", type=1)
    condition.signature.output_arg.add(name="out", type=10)
    condition.node_def.extend(_constants(always=np.array(True)).values())
    condition.ret["out"] = "always:output:0"
    loop = graph.node[1]
    loop.attr["T"].list.type.append(1)
    loop.attr["cond"].func.name, loop.attr["body"].func.name = "goes_on", "body"
    assert judge(graph, ["z"])["bounds"] == ["the loop z without end"]


@pytest.mark.parametrize("holds", [True, False])
def test_an_assertion_that_is_false_is_told(holds: bool) -> None:
    graph = _network()
    graph.node.extend(_constants(holds=np.array(holds)).values())
    assertion = _node("assert", "Assert", "holds", "x")
    assertion.attr["T"].list.type.append(1)
    graph.node.append(assertion)
    assert not any(judge(graph, ["z"]).values())
    graph.node[3].input.append("^assert")
    assert judge(graph, ["z"])["assertions"] == ([] if holds else ["assert"])


def test_a_constant_of_a_function_is_held_to_its_tensor_where_an_output_needs_it() -> None:
    graph = _network()
    wrong = tensors.constant("wrong", np.float32([1, 2]))
    wrong.attr["value"].tensor.tensor_content = b"three"
    graph.library.function[0].node_def.append(wrong)
    assert judge(graph, ["z"])["attributes"]
    assert not any(judge(graph, ["y"]).values())


def test_a_graph_without_bound_is_not_run() -> None:
    reads = _constants(size=np.int32([10**5, 10**5]), one=np.float32(1))
    fill = _node("y", "Fill", *reads, T=1)
    with pytest.raises(IntegrityError, match="y \\(Fill\\) of 40 GB"):
        PrunedGraph(GraphDef(node=[*reads.values(), fill]), "x", (-1,), ("y",))
