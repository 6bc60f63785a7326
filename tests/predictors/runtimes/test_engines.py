from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from catalog.errors import MissingExtraError
from catalog.record import Record
from freeze.formats import graphdef
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes import engines
from predictors.runtimes.engines import openvino
from predictors.runtimes.network import CompiledNetwork
from tests.support import lab


@pytest.mark.parametrize("runtime", ["tensorflow", "onnxruntime"])
def test_a_runtime_that_is_not_installed_names_its_extra(
    runtime: str, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tensorflow", "tensorflow.compat", "onnxruntime"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="is not installed") as raised:
        Predictor(Model(Record(tiny.record), tiny.path, runtime=runtime)).predict(lab.sine(16000))
    assert "pip install 'audiozoo[" in raised.value.hint


@pytest.mark.tensorflow
def test_tensorflow_computes_the_same(tiny: Any) -> None:
    record, samples = Record(tiny.record), lab.impulses(16000)
    one = Predictor(Model(record, tiny.path)).predict(samples)
    other = Predictor(Model(record, tiny.path, runtime="tensorflow")).predict(samples)
    np.testing.assert_allclose(one.activations, other.activations, atol=1e-5)


@pytest.mark.tensorflow
def test_onnx_runtime_computes_the_same(tiny: Any) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    record, samples = Record(tiny.record), lab.impulses(16000)
    one = Predictor(Model(record, tiny.path)).predict(samples)
    other = Predictor(Model(record, tiny.path, runtime="onnxruntime")).predict(samples)
    np.testing.assert_allclose(one.activations, other.activations, atol=1e-5)


def test_predicting_imports_no_tensorflow(tiny: Any) -> None:
    script = f"""
import sys, numpy, zoo
zoo.load({str(tiny.path)!r}).predict(numpy.zeros(60000, "float32"))
print(*sorted({{"tensorflow", "matplotlib", "requests", "jsonschema", "rich"}} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "", "")


def test_openvino_neither_forks_nor_tells_its_makers(tiny: Any) -> None:
    script = (
        "import sys; seen = [];"
        "sys.addaudithook(lambda event, _: seen.append(event));"
        "from pathlib import Path; from catalog.record import Record;"
        "from predictors.model import Model; from predictors.predictor import Predictor;"
        "graph = Path(sys.argv[1]);"
        "import numpy as np;"
        "Predictor(Model(Record.load(graph.with_suffix('.json')), graph)).predict(np.zeros(64000));"
        "import time; time.sleep(0.5);"  # it would be done by a thread of its own
        "print(sorted({'os.fork', 'socket.connect', 'socket.getaddrinfo'} & set(seen)))"
    )
    command = [sys.executable, "-c", script, str(tiny.path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize(
    "nodes",
    [("again",), ("sigmoids", "embeddings", "logits"), ("logits", "sigmoids", "same", "again")],
)
def test_outputs_come_in_the_order_in_which_they_were_asked_for(
    nodes: tuple[str, ...], tiny: Any
) -> None:
    graph = graphdef.read(tiny.path)
    graph.node.add(name="again", op="Identity", input=["input"]).attr["T"].type = 1
    graph.node.add(name="same", op="Identity", input=["sigmoids"]).attr["T"].type = 1
    tiny.path.write_bytes(lab.serialize(graph))
    patch = np.random.default_rng(1).normal(size=(1, 187, 96)).astype(np.float32)
    found = CompiledNetwork(Model(Record({}), tiny.path).graph(*nodes), (187, 96), openvino)(patch)
    expected = {
        "again": patch,
        "embeddings": tiny.embeddings(patch),
        "logits": tiny.embeddings(patch) @ tiny.second,
        "sigmoids": tiny.predictions(patch),
        "same": tiny.predictions(patch),
    }
    for node, output in zip(nodes, found, strict=True):
        np.testing.assert_allclose(output, expected[node], atol=1e-4, err_msg=node)


@pytest.mark.parametrize(("threads", "batch"), [(0, 3), (1, 1)])
def test_a_single_thread_computes_hardly_a_patch_in_vain(
    threads: int, batch: int, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = lab.impulses(16000)
    expected = Predictor(Model(Record(tiny.record), tiny.path)).predict(samples).activations
    monkeypatch.setattr(engines, "threads", threads)
    predictor = Predictor(Model(Record(tiny.record), tiny.path))
    found = predictor.predict(samples).activations
    assert predictor.model.network(predictor.model.graph("sigmoids"), (187, 96)).batch == batch
    np.testing.assert_allclose(found, expected, atol=1e-6)
