"""Graphs of every kind that TensorFlow writes, exported: right, or refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import ZooError
from freeze.with_tensorflow import ENVIRONMENT
from tests.support import ROOT, tensorflow_graphs
from tests.support.tensorflow_graphs import GRAPHS
from zoo import export
from zoo.exporting import node

REFUSED = {
    "codes_of_bits",
    "loop_until_small",
    "loudest_frames",
    "lstm_block",
    "masked_and_inverse_stft",
    "mfcc",
    "ragged_rows",
    "stft_log_mel",
    "stft_power_of_framed_audio",
    "table_of_classes",
}
"""What TensorFlow.js cannot be given."""


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all graphs, and with what TensorFlow makes of an input."""
    folder = tmp_path_factory.mktemp("frozen")
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    program = str(tensorflow_graphs.__file__)
    subprocess.run([sys.executable, program, folder], check=True, env=environment)
    return folder


@pytest.mark.tensorflow
@pytest.mark.node
@pytest.mark.usefixtures("tensorflowjs")
@pytest.mark.parametrize("name", GRAPHS)
def test_in_tensorflowjs(name: str, frozen: Path, tmp_path: Path) -> None:
    path = frozen / f"{name}.pb"
    layer = json.loads(path.with_suffix(".json").read_text())["schema"]["outputs"][0]["name"]
    if name in REFUSED:
        with pytest.raises(ZooError) as caught:
            export(path, "tfjs", tmp_path / "web", verify="node")
        assert caught.value.why and not (tmp_path / "web").exists()
        return
    export(path, "tfjs", tmp_path / "web", verify="node")
    known = np.load(path.with_suffix(".npz"))
    found = node.run(tmp_path / "web", {"x": known["x"]}, [layer])[layer]
    scale = max(1.0, float(np.abs(known["y"]).max()))
    np.testing.assert_allclose(found, known["y"], rtol=0, atol=1e-4 * scale)
