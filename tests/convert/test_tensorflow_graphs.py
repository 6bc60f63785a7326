"""Graphs of every kind that TensorFlow writes, exported: right, or refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.errors import ZooError
from convert import onnx
from freeze.formats import graphdef
from freeze.with_tensorflow import ENVIRONMENT
from tests.support import ROOT, tensorflow_graphs
from tests.support.tensorflow_graphs import GRAPHS
from zoo import export
from zoo.exporting import node

pytestmark = pytest.mark.usefixtures("lasting_programs")

REFUSED = {
    "codes_of_bits",
    "half_precision_throughout",
    "loudest_frames",
    "lstm_block",
    "ragged_rows",
    "table_of_classes",
}
"""What TensorFlow.js cannot be given."""

REFUSED_BY_ONNX = {
    "codes_of_bits",
    "half_precision_throughout",
    "lstm_block",
    "table_of_classes",
}
"""What has no counterpart in the ONNX that is written."""


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all graphs, and with what TensorFlow makes of an input."""
    folder = tmp_path_factory.mktemp("frozen")
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-m", tensorflow_graphs.__name__, str(folder)]
    subprocess.run(program, check=True, env=environment)
    return folder


def layer(path: Path) -> str:
    record = json.loads(path.with_suffix(".json").read_text())
    return str(record["schema"]["outputs"][0]["name"])


def compare(found: NDArray[Any], path: Path) -> None:
    """Compare with what TensorFlow makes of the same input."""
    expected = np.load(path.with_suffix(".npz"))["y"]
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * scale)


def names_a_node(error: ZooError, path: Path) -> bool:
    graph = graphdef.read(path)
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return any(node.name in error.why and node.op in error.why for node in nodes)


@pytest.mark.tensorflow
@pytest.mark.node
@pytest.mark.usefixtures("tensorflowjs")
@pytest.mark.parametrize("name", GRAPHS)
def test_in_tensorflowjs(name: str, frozen: Path, tmp_path: Path) -> None:
    path, to = frozen / f"{name}.pb", tmp_path / "web"
    if name in REFUSED:
        with pytest.raises(ZooError) as caught:
            export(path, "tfjs", to, verify="node")
        assert names_a_node(caught.value, path) and not to.exists()
        return
    export(path, "tfjs", to, verify="node")
    x = np.load(path.with_suffix(".npz"))["x"]
    compare(node.run(to, {"x": x}, [layer(path)])[layer(path)], path)


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", GRAPHS)
def test_in_onnx(name: str, frozen: Path, tmp_path: Path) -> None:
    path, to = frozen / f"{name}.pb", tmp_path / "model.onnx"
    if name in REFUSED_BY_ONNX:
        with pytest.raises(ZooError) as caught:
            export(path, "onnx", to)
        assert names_a_node(caught.value, path) and not to.exists()
        return
    export(path, "onnx", to)
    x = np.load(path.with_suffix(".npz"))["x"]
    compare(onnx.run(to, {"x": x}, [layer(path)])[layer(path)], path)
