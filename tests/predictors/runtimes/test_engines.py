from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from catalog.errors import MissingExtraError, UsageError
from catalog.record import Record
from freeze.formats import graphdef, tensors
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes import openvino_engine
from predictors.runtimes.network import CompiledNetwork
from predictors.runtimes.openvino_engine import openvino
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


@pytest.mark.slow
def test_predicting_imports_no_tensorflow(tiny: Any) -> None:
    script = f"""
import sys, numpy, zoo
zoo.load({str(tiny.path)!r}).predict(numpy.zeros(60000, "float32"))
heavy = {{"tensorflow", "matplotlib", "requests", "rich", "multiprocessing"}}
print(*sorted(heavy & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "", "")


@pytest.mark.slow
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


@pytest.mark.parametrize(("threads", "batch"), [(4, 3), (2, 1), (1, 1)])
def test_few_threads_compute_hardly_a_patch_in_vain(
    threads: int, batch: int, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = lab.impulses(16000)
    expected = Predictor(Model(Record(tiny.record), tiny.path)).predict(samples).activations
    monkeypatch.setattr(openvino_engine, "threads", threads)
    predictor = Predictor(Model(Record(tiny.record), tiny.path))
    found = predictor.predict(samples).activations
    assert predictor.model.network(predictor.model.graph("sigmoids"), (187, 96)).batch == batch
    np.testing.assert_allclose(found, expected, atol=1e-6)


def changed(tiny: Any, name: str, op: str, inputs: list[str], **types: int) -> Model:
    """The small network with one more node, which is asked for."""
    graph = graphdef.read(tiny.path)
    node = graph.node.add(name=name, op=op, input=inputs)
    for attribute, number in types.items():
        node.attr[attribute].type = number
    tiny.path.write_bytes(lab.serialize(graph))
    return Model(Record({"zoo": {"id": "changed"}}), tiny.path)


def test_an_operation_that_openvino_lacks_is_told_in_a_sentence(tiny: Any) -> None:
    model = changed(tiny, "odd", "BesselK0", ["logits"], T=1)
    with pytest.raises(UsageError, match="OpenVINO cannot run") as raised:
        openvino(model.graph("odd"), (1, 187, 96))
    assert "BesselK0" in raised.value.why
    assert len(str(raised.value).splitlines()) == 3
    assert "--runtime tensorflow" in raised.value.hint


def test_what_a_network_refuses_while_it_runs_is_told_in_a_sentence(tiny: Any) -> None:
    model = Model(Record({}), tiny.path)
    run = openvino(model.graph("logits"), (3, 187, 96))
    with pytest.raises(UsageError, match="OpenVINO cannot run"):
        run(np.zeros((3, 187, 95), np.float32))


@pytest.mark.parametrize("threads", [0, 1])
def test_a_mean_over_the_batch_is_that_of_all_patches(
    threads: int, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_engine, "threads", threads)
    graph = graphdef.read(tiny.path)
    graph.node.append(tensors.constant("first_axis", np.array([0], np.int32)))
    mean = graph.node.add(name="centre", op="Mean", input=["logits", "first_axis"])
    mean.attr["Tidx"].type, mean.attr["T"].type, mean.attr["keep_dims"].b = 3, 1, True
    graph.node.add(name="centred", op="Sub", input=["logits", "centre"]).attr["T"].type = 1
    tiny.path.write_bytes(lab.serialize(graph))
    patches = np.random.default_rng(1).random((8, 187, 96), np.float32)
    logits = tiny.embeddings(patches) @ tiny.second
    model = Model(Record({}), tiny.path)
    (found,) = model.network(model.graph("centred"), (187, 96))(patches)
    np.testing.assert_allclose(found, logits - logits.mean(axis=0), atol=1e-4)
    document = tiny.record | {"schema": {"outputs": []}}
    samples = lab.impulses(16000)
    whole = Predictor(Model(Record(document), tiny.path)).predict(samples, layer="centred")
    np.testing.assert_allclose(whole.activations.mean(axis=0), 0, atol=1e-5)
    assert len(whole.times) == len(whole.activations) == 8


def test_an_output_with_the_time_first_gives_each_patch_its_rows(tiny: Any) -> None:
    graph = graphdef.read(tiny.path)
    graph.node.append(tensors.constant("order", np.array([1, 0, 2], np.int32)))
    turned = graph.node.add(name="turned", op="Transpose", input=["input", "order"])
    turned.attr["T"].type, turned.attr["Tperm"].type = 1, 3
    tiny.path.write_bytes(lab.serialize(graph))
    patches = np.random.default_rng(1).random((8, 187, 96), np.float32)
    model = Model(Record({}), tiny.path)
    (found,) = model.network(model.graph("turned"), (187, 96))(patches)
    np.testing.assert_array_equal(found, patches)
