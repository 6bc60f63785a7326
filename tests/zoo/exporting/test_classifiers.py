"""Classifiers without a record, exported: their output is found, and proven equal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.classifiers.dense import dense_graph
from freeze.classifiers.preprocessing import Gaussianising, Scaling
from freeze.classifiers.svm_graph import svm_graph
from freeze.formats.graphdef import serialize
from tests.support.classifiers import WIDTH, rows, svm
from zoo import export

pytestmark = pytest.mark.usefixtures("lasting_programs")

STEPS = (
    Scaling(np.full(WIDTH, 1.5), np.full(WIDTH, 0.2)),
    Gaussianising(np.sort(rows(30)[:, :4], axis=0), np.arange(WIDTH) < 4),
)

CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "rbf": lambda: svm_graph(svm(), STEPS),
    "polynomial": lambda: svm_graph(svm("polynomial", classes=2), STEPS),
    "votes": lambda: svm_graph(svm(platt=False), STEPS),
    "dense": lambda: dense_graph([(np.eye(WIDTH), np.zeros(WIDTH))], "softmax", STEPS),
}


@pytest.fixture(params=CLASSIFIERS)
def classifier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}-1.pb"
    path.write_bytes(serialize(CLASSIFIERS[request.param]()))
    return path


@pytest.mark.node
@pytest.mark.usefixtures("tensorflowjs")
def test_in_tensorflowjs(classifier: Path, tmp_path: Path) -> None:
    done = export(classifier, "tfjs", tmp_path / "web", verify="node")
    (layer, *_) = done.layers
    assert layer.name == "model/Softmax" and layer.max_abs < 1e-5


@pytest.mark.tensorflow
def test_in_onnx(classifier: Path, tmp_path: Path) -> None:
    done = export(classifier, "onnx", tmp_path / "classifier.onnx")
    (layer, *_) = done.layers
    assert layer.name == "model/Softmax" and layer.max_abs < 1e-5
