"""What the tests of freezing share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Run = Callable[..., list[NDArray[Any]]]

MUSICNN = ("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd")
VGG = ("model/Sigmoid", "model/dense/BiasAdd", "model/Flatten/flatten/Reshape")


@pytest.fixture(scope="session")
def run_openvino(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a graph of one input, in single precision."""
    import openvino

    from freeze.formats.graphdef import serialize, tensor_name

    path = tmp_path_factory.mktemp("openvino") / "graph.pb"

    def run(graph: Any, outputs: Sequence[str], values: NDArray[Any]) -> list[NDArray[Any]]:
        path.write_bytes(serialize(graph))
        frontend = openvino.frontend.FrontEndManager().load_by_framework("tf")
        source = frontend.load(str(path), enable_mmap=False)
        names = list(map(tensor_name, outputs))
        source.override_all_outputs([source.get_place_by_tensor_name(name) for name in names])
        source.set_partial_shape(source.get_inputs()[0], openvino.PartialShape(values.shape))
        settings = {"INFERENCE_PRECISION_HINT": "f32"}
        compiled = openvino.Core().compile_model(frontend.convert(source), "CPU", settings)
        results = compiled(values)
        return [np.array(results[compiled.output(name)]) for name in names]

    return run


@pytest.fixture(scope="session")
def session_config() -> Any:
    """Options of a TensorFlow session that computes a graph as it stands.

    TensorFlow's optimizers fold and fuse a frozen graph in other ways than one
    with variables, which alone moves values by some 1e-6.
    """
    from tensorflow.compat import v1

    config = v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0
    return config


@pytest.fixture
def run_tensorflow(request: pytest.FixtureRequest) -> Run:
    """Run a graph in a TensorFlow session."""

    def run(graph: Any, outputs: Sequence[str], values: NDArray[Any], name: str = "x") -> Any:
        from tensorflow.compat import v1

        from freeze.formats.graphdef import serialize, tensor_name

        with v1.Graph().as_default() as imported:
            v1.import_graph_def(v1.GraphDef.FromString(serialize(graph)), name="")
        tensors = list(map(tensor_name, outputs))
        config = request.getfixturevalue("session_config")
        with v1.Session(graph=imported, config=config) as session:
            return session.run(tensors, {f"{name}:0": values})

    return run


@pytest.fixture(params=["MSD_musicnn", "MTT_musicnn", "MSD_vgg", "MTT_vgg"])
def checkpoint_folder(request: pytest.FixtureRequest, shared: Path) -> Path:
    """The folder of each checkpoint of the four taggers."""
    return shared / "models" / "musicnn" / str(request.param)
