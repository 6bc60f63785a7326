"""ONNX models that are asked about audio."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.errors import NotFoundError, UsageError
from catalog.record import Record
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import lab


@pytest.mark.parametrize("suffix", ["", ":0"])
@pytest.mark.parametrize("layer", ["predictions", "logits", "embeddings"])
def test_a_model_says_what_its_frozen_graph_says(layer: str, suffix: str, tiny: Any) -> None:
    record, samples = Record(tiny.record), lab.noise(16000)
    frozen = Predictor(Model(record, tiny.path)).predict(samples, layer=layer)
    found = Predictor(Model(record, tiny.onnx(suffix))).predict(samples, layer=layer)
    assert found.classes == frozen.classes
    np.testing.assert_allclose(found.activations, frozen.activations, rtol=0, atol=1e-6)


def test_a_layer_that_is_not_there_is_told(tiny: Any) -> None:
    model = Predictor(Model(Record(tiny.record), tiny.onnx()))
    with pytest.raises(NotFoundError, match="no node sigmoid"):
        model.predict(lab.noise(16000), layer="sigmoid")


def test_tensorflow_cannot_run_it(tiny: Any) -> None:
    model = Predictor(Model(Record(tiny.record), tiny.onnx(), runtime="tensorflow"))
    with pytest.raises(UsageError, match="TensorFlow cannot run") as refused:
        model.predict(lab.noise(16000))
    assert "--runtime openvino" in refused.value.hint


@pytest.mark.tensorflow
@pytest.mark.parametrize("suffix", ["", ":0"])
def test_onnx_runtime_computes_the_outputs_and_no_others(suffix: str, tiny: Any) -> None:
    pytest.importorskip("onnxruntime")
    samples, path = lab.noise(16000), tiny.onnx(suffix)
    frozen = Predictor(Model(Record(tiny.record), tiny.path)).predict(samples)
    model = Predictor(Model(Record(tiny.record), path, runtime="onnxruntime"))
    np.testing.assert_allclose(model.predict(samples).activations, frozen.activations, atol=1e-6)
    with pytest.raises(UsageError, match="logits is not an output"):
        model.predict(samples, layer="logits")
