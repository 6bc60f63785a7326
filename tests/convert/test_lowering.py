"""What TensorFlow.js lacks or gets wrong, by other nodes: the same numbers, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import UsageError
from convert.lowering import lower, refuse_halves
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import Nodes
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.openvino_engine import openvino

X: NDArray[np.float32] = np.random.default_rng(3).normal(size=(2, 8, 8, 4)).astype(np.float32)


NORM = [X[0, 0, 0], X[0, 0, 1], X[0, 0, 2], np.square(X[0, 0, 3])]
"""Scale, offset, mean and variance of a batch normalisation."""


def network(op: str, *reads: Any, shape: tuple[int, ...] = X.shape, **attributes: Any) -> Any:
    """One operation on ``x`` and on constants, and ``y``, which hands it on."""
    graph, nodes = GraphDef(), Nodes("given")
    x = graph.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = 1
    for size in (-1, *shape[1:]):
        x.attr["shape"].shape.dim.add(size=size)
    texts = {
        key: value for key, value in attributes.items() if isinstance(value, str | list | float)
    }
    others = {key: value for key, value in attributes.items() if key not in texts}
    nodes.add(op, "x", *map(nodes.constant, reads), name="node", **others)
    for key, value in texts.items():
        if isinstance(value, str):
            nodes.nodes[-1].attr[key].s = value.encode()
        elif isinstance(value, float):
            nodes.nodes[-1].attr[key].f = value
        else:
            nodes.nodes[-1].attr[key].list.i.extend(value)
    nodes.add("Identity", "node", name="y")
    graph.node.extend(nodes.nodes)
    return graph


def run(graph: Any, x: NDArray[np.float32] = X) -> NDArray[np.float32]:
    return openvino(PrunedGraph(graph, "x", (-1, *x.shape[1:]), ("y",)), x.shape)(x)[0]


@pytest.mark.parametrize(
    ("op", "reads", "attributes"),
    [
        (
            "Conv2D",
            [X.reshape(8, 4, 2, 8)[:3, :3]],
            {"strides": [1, 2, 2, 1], "padding": "SAME", "data_format": "NHWC"},
        ),
        ("Einsum", [X.reshape(8, 4, 16)], {"equation": "abcd,cde->abe", "N": 2}),
        ("Einsum", [X[0, 0]], {"equation": "abcd,cd->bac", "N": 2}),
        ("SpaceToDepth", [], {"block_size": 2, "data_format": "NHWC"}),
        ("FakeQuantWithMinMaxVars", [-1.1, 1.3], {"num_bits": 8, "narrow_range": False}),
        ("FusedBatchNormV3", NORM, {"is_training": False, "epsilon": 0.3, "data_format": "NHWC"}),
    ],
)
def test_other_nodes_compute_the_same(op: str, reads: list[Any], attributes: Any) -> None:
    graph = network(op, *reads, **attributes)
    lowered = lower(graph)
    assert [each.op for each in lowered.node if each.name == "node"] != [op]
    assert op == "Conv2D" or op not in {each.op for each in lowered.node}
    np.testing.assert_allclose(run(lowered), run(graph), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "attributes",
    [{"is_training": True}, {"is_training": False, "data_format": "NCHW"}, {}],  # {} is to learn
)
def test_a_batch_normalisation_of_another_kind_stays(attributes: Any) -> None:
    graph = network("FusedBatchNormV3", *NORM, **attributes)
    assert list(lower(graph).node) == list(graph.node)


def test_a_band_is_kept_of_matrices() -> None:
    graph = network("MatrixBandPart", 1, 2, shape=(2, 8, 8))
    expected = np.triu(np.tril(X[..., 0], 2), -1)
    np.testing.assert_array_equal(run(lower(graph), X[..., 0]), expected)


def test_one_hot_vectors_are_those_of_numpy() -> None:
    graph = network("ArgMax", -1, shape=(2, 8, 8))
    arg_max, y = graph.node[-2], graph.node[-1]
    arg_max.name = "place"
    arg_max.attr["output_type"].type = arg_max.attr["Tidx"].type = 3
    nodes = Nodes("more")
    nodes.add("OneHot", "place", *map(nodes.constant, (5, 2.0, -1.0)), name="node", axis=-1)
    nodes.nodes[-1].attr["TI"].type = 3
    del graph.node[-1]
    graph.node.extend([*nodes.nodes, y])
    lowered = lower(graph)
    assert "OneHot" not in {each.op for each in lowered.node}
    expected = np.where(X[..., 0].argmax(-1)[..., None] == np.arange(5), 2, -1)
    np.testing.assert_array_equal(run(lowered, X[..., 0]), expected)


FOURIER: dict[str, Callable[[Any], Any]] = {
    "Cast FFT Conj IFFT Real": lambda x: np.real(np.fft.ifft(np.conj(np.fft.fft(x)))),
    "Cast FFT square IFFT Real": lambda x: np.real(np.fft.ifft(np.fft.fft(x) ** 2)),
    "Cast FFT Exp Real": lambda x: np.real(np.exp(np.fft.fft(x))),
    "RFFT Neg IRFFT": lambda x: -np.fft.irfft(np.fft.rfft(x)),
    "RFFT square IRFFT": lambda x: np.fft.irfft(np.fft.rfft(x) ** 2),
    "RFFT sum part Angle": lambda x: np.angle(np.fft.rfft(x)[..., 1:3]),
    "RFFT part ComplexAbs": lambda x: np.abs(np.fft.rfft(x)[..., 1:3]),
}


@pytest.mark.parametrize("text", FOURIER)
def test_chains_of_complex_numbers_are_those_of_numpy(text: str) -> None:
    x = 0.1 + 0.2 * X[..., 0]
    graph, nodes = network("Identity", shape=(2, 8, 8)), Nodes("more")
    length, last = nodes.constant([8]), "node"
    for op in text.split():
        if op == "square":
            last = nodes.add("Mul", last, last, of=8)
        elif op == "sum":
            last = nodes.add("AddV2", last, last, of=8)
        elif op == "part":
            bounds = (nodes.constant(each) for each in ([0, 0, 1], [-1, -1, 2]))
            last = nodes.add("Slice", last, *bounds, of=8)
        else:
            last = nodes.add(op, last, *[length] * op.endswith("RFFT"), of=8)
        if op == "Cast":
            nodes.nodes[-1].attr["SrcT"].type, nodes.nodes[-1].attr["DstT"].type = 1, 8
    y = graph.node.pop()
    y.input[:] = [last]
    graph.node.extend([*nodes.nodes, y])
    np.testing.assert_allclose(run(lower(graph), x), FOURIER[text](x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("length", [6, 8, 12])
@pytest.mark.parametrize(
    ("part", "function"), [("ComplexAbs", np.abs), ("Real", np.real), ("Imag", np.imag)]
)
def test_a_spectrum_is_that_of_numpy(length: int, part: str, function: Any) -> None:
    graph = network("RFFT", [length], shape=(2, 8, 8))
    graph.node[-1].op = part
    expected = function(np.fft.rfft(X[..., 0], length))
    np.testing.assert_allclose(run(lower(graph), X[..., 0]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (network("BitwiseAnd", 3), "node is a BitwiseAnd, which"),
        (network("RFFT", [8], shape=(2, 8, 8)), "y is a Identity, of complex numbers"),
        (network("Einsum", X, equation="abcd,abce->a"), "sums over more"),
        (network("Einsum", X, equation="...a,...b->...ab"), "no product of matrices"),
        (network("GatherV2", [1], 1, batch_dims=1), "for each item of a batch"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_its_name(graph: Any, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        lower(graph)
    assert why in caught.value.why and "--to onnx" in caught.value.hint


@pytest.mark.parametrize(("kind", "name"), [(19, "float16"), (14, "bfloat16")])
def test_what_computes_in_half_precision_is_refused_by_its_name(kind: int, name: str) -> None:
    graph = network("Sqrt")
    refuse_halves(graph)
    graph.node[-1].attr["T"].type = kind  # hands on what is stored so
    refuse_halves(graph)
    graph.node[-2].attr["T"].type = kind
    with pytest.raises(UsageError, match="half precision") as caught:
        refuse_halves(graph)
    assert caught.value.why == f"node is a Sqrt of {name}."
