"""What TensorFlow.js lacks or gets wrong, by other nodes: the same numbers, or a refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import UsageError
from convert.lowering import lower
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import Nodes
from predictors.runtimes.engines import openvino
from predictors.runtimes.graph import PrunedGraph

X: NDArray[np.float32] = np.random.default_rng(3).normal(size=(2, 8, 8, 4)).astype(np.float32)


def network(op: str, *reads: Any, shape: tuple[int, ...] = X.shape, **attributes: Any) -> Any:
    """One operation on ``x`` and on constants, and ``y``, which hands it on."""
    graph, nodes = GraphDef(), Nodes("given")
    x = graph.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = 1
    for size in (-1, *shape[1:]):
        x.attr["shape"].shape.dim.add(size=size)
    texts = {key: value for key, value in attributes.items() if isinstance(value, str | list)}
    others = {key: value for key, value in attributes.items() if key not in texts}
    nodes.add(op, "x", *map(nodes.constant, reads), name="node", **others)
    for key, value in texts.items():
        if isinstance(value, str):
            nodes.nodes[-1].attr[key].s = value.encode()
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
    ],
)
def test_other_nodes_compute_the_same(op: str, reads: list[Any], attributes: Any) -> None:
    graph = network(op, *reads, **attributes)
    lowered = lower(graph)
    assert [each.op for each in lowered.node if each.name == "node"] != [op]
    assert op == "Conv2D" or op not in {each.op for each in lowered.node}
    np.testing.assert_allclose(run(lowered), run(graph), rtol=0, atol=1e-5)


def test_a_band_is_kept_of_matrices() -> None:
    graph = network("MatrixBandPart", 1, 2, shape=(2, 8, 8))
    expected = np.triu(np.tril(X[..., 0], 2), -1)
    np.testing.assert_array_equal(run(lower(graph), X[..., 0]), expected)


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
