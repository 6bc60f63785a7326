"""An export with its front-end, run by TensorFlow.js in a page, against Python."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from zoo import load
from zoo.exporting import exporter

PAGE = """<!doctype html>
<link rel="icon" href="data:,">
<title>Backends</title>
<script src="tfjs/tf-core.es2017.min.js"></script>
<script src="tfjs/tf-converter.es2017.min.js"></script>
<script src="tfjs/tf-backend-wasm.es2017.min.js"></script>
<script src="tfjs/tf-backend-webgl.es2017.min.js"></script>
<script>tf.wasm.setWasmPaths("tfjs/")</script>
"""
SAMPLES = 72_000  # two patches: in software, webgl takes seconds for each


@pytest.mark.browser
@pytest.mark.shared
def test_wasm_and_webgl_compute_what_python_predicts(
    chromium: Any, tensorflowjs: Path, shared: Path, tmp_path: Path
) -> None:
    model, site = shared / "models" / "msd-musicnn-1.pb", tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(PAGE)
    shutil.copytree(tensorflowjs, site / "tfjs")
    exporter.export(model, "tfjs", site / "model", with_frontend=True, verify="reader")
    music = "joram-moments_of_clarity-08-solipsism-59-88.mp3"
    audio, _ = soundfile.read(shared / "goldens" / "audio" / music, SAMPLES, dtype="float32")
    audio.tofile(site / "audio.f32")

    predictor = load(model)
    layers = [layer.name for layer in predictor.record.outputs]
    args = {"layers": layers, "backends": ["wasm", "webgl"]}
    script = Path(__file__).with_name("backends.mjs")
    found = chromium.run(script, site, args=args)

    assert list(found) == ["wasm", "webgl"]
    for layer in layers:
        expected = predictor.predict(audio, layer=layer).activations
        assert len(expected) == 2
        limit = 1e-4 * max(1, np.abs(expected).max())
        for backend in found:
            np.testing.assert_allclose(found[backend][layer], expected, rtol=0, atol=limit)
