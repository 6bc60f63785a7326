"""Graph models in real TensorFlow.js: what comes back, and what is said when nothing does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import MissingExtraError, ParityError
from zoo.exporting import node

WEIGHTS = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]], "<f4")


def of_type(name: str) -> dict[str, Any]:
    return {"type": name}


def node_of(name: str, op: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A graph model that multiplies its input by a matrix, and takes the largest column."""
    real, whole = of_type("DT_FLOAT"), of_type("DT_INT32")
    nodes = [
        node_of("x", "Placeholder", dtype=real),
        node_of("w", "Const", dtype=real),
        node_of("axis", "Const", dtype=whole),
        node_of("product", "MatMul", "x", "w", T=real),
        node_of("largest", "ArgMax", "product", "axis", T=real, Tidx=whole),
    ]
    weights = [
        {"name": "w", "shape": [3, 2], "dtype": "float32"},
        {"name": "axis", "shape": [], "dtype": "int32"},
    ]
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "first.bin").write_bytes(WEIGHTS.tobytes()[:10])
    (folder / "second.bin").write_bytes(WEIGHTS.tobytes()[10:] + np.int32(1).tobytes())
    document = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {"producer": 1}},
        "weightsManifest": [{"paths": ["first.bin", "second.bin"], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(document))
    return folder


@pytest.mark.node
@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_each_layer_comes_back_with_its_shape_and_type(
    model: Path, backend: Any, tensorflowjs: Path
) -> None:
    batch = np.array([[1, 0, 0], [0, 2, 0], [1, 1, -1], [0, 0, 0.5]], np.float32)

    outputs = node.run(model, {"x": batch}, ["largest", "product"], backend)

    assert list(outputs) == ["largest", "product"]
    np.testing.assert_array_equal(outputs["product"], batch @ WEIGHTS)
    np.testing.assert_array_equal(outputs["largest"], (batch @ WEIGHTS).argmax(axis=1))
    assert outputs["product"].dtype == np.float32 and outputs["largest"].dtype == np.int32


@pytest.mark.node
def test_a_layer_alone_and_a_view_of_other_memory(model: Path, tensorflowjs: Path) -> None:
    batch = np.arange(12, dtype=np.float32).reshape(3, 4).T

    outputs = node.run(model, {"x": batch}, ["product"])

    np.testing.assert_array_equal(outputs["product"], batch @ WEIGHTS)


@pytest.mark.node
@pytest.mark.parametrize(
    ("feeds", "layer", "why"),
    [
        ({"y": (1, 3)}, "product", "y"),
        ({"x": (1, 3)}, "quotient", "quotient"),
        ({"x": (1, 4)}, "product", "shape"),
    ],
)
def test_what_does_not_fit_is_told_in_the_words_of_tensorflowjs(
    model: Path, feeds: dict[str, tuple[int, ...]], layer: str, why: str, tensorflowjs: Path
) -> None:
    arrays = {name: np.zeros(shape, np.float32) for name, shape in feeds.items()}

    with pytest.raises(ParityError) as caught:
        node.run(model, arrays, [layer])
    assert why in caught.value.why


@pytest.mark.node
def test_weights_that_are_cut_short_are_no_model(model: Path, tensorflowjs: Path) -> None:
    (model / "second.bin").unlink()

    with pytest.raises(ParityError, match="cannot run"):
        node.run(model, {"x": np.zeros((1, 3), np.float32)}, ["product"])


@pytest.mark.node
def test_a_model_that_takes_too_long_is_given_up(
    model: Path, tensorflowjs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "SECONDS", 0.01)

    with pytest.raises(ParityError) as caught:
        node.run(model, {"x": np.zeros((1, 3), np.float32)}, ["product"])
    assert "did not finish" in caught.value.why


def test_without_node_the_way_out_is_told(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(MissingExtraError) as caught:
        node.run(model, {"x": np.zeros((1, 3), np.float32)}, ["product"])
    assert caught.value.exit_code == 6 and "--verify node" in caught.value.hint
