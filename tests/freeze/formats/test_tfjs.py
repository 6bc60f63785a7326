"""TensorFlow.js graph models: read as graphs, and every way in which they can be wrong."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError, WrongKindError
from freeze.analysis.summary import summarize
from freeze.formats import graphdef, tensors, tfjs

Change = Callable[[dict[str, Any], dict[str, bytes]], None]

KERNEL = np.arange(12, dtype="<f4").reshape(4, 3)


def _const(name: str, kind: str = "DT_FLOAT") -> dict[str, Any]:
    value = {"tensor": {"dtype": kind, "tensorShape": {}}}
    return {"name": name, "op": "Const", "attr": {"dtype": {"type": kind}, "value": value}}


def _model() -> tuple[dict[str, Any], dict[str, bytes]]:
    shape = {"dim": [{"size": "-1"}, {"size": "4"}]}
    placeholder = {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": placeholder},
        _const("kernel"),
        _const("axis", "DT_INT32"),
        {
            "name": "y",
            "op": "MatMul",
            "input": ["x", "kernel"],
            "attr": {"T": {"type": "DT_FLOAT"}},
        },
    ]
    weights = [
        {"name": "kernel", "shape": [4, 3], "dtype": "float32"},
        {"name": "axis", "shape": [], "dtype": "int32"},
    ]
    document = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {}},
        "weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": weights}],
    }
    data = KERNEL.tobytes() + struct.pack("<i", -1)
    return document, {"one.bin": data[:7], "two.bin": data[7:]}


def _write(folder: Path, change: Change | None = None) -> Path:
    document, files = _model()
    if change:
        change(document, files)
    folder.mkdir(exist_ok=True)
    for name, content in {"model.json": json.dumps(document).encode(), **files}.items():
        (folder / name).write_bytes(content)
    return folder


def _zip(folder: Path, prefix: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"{prefix}{file.name}")
    return path


def _kernel(graph: Any) -> Any:
    return tensors.array(graphdef.by_name(graph)["kernel"].attr["value"].tensor)


def test_weights_become_constants_across_the_ends_of_files(tmp_path: Path) -> None:
    model = tfjs.load(_write(tmp_path / "web"))
    nodes = graphdef.by_name(model.graph)
    assert np.array_equal(_kernel(model.graph), KERNEL)
    assert tensors.array(nodes["axis"].attr["value"].tensor) == -1
    assert nodes["x"].attr["dtype"].type == 1
    assert summarize(model.graph).outputs[0].shape == (None, 3)


def test_folder_topology_and_archive_are_the_same_model(tmp_path: Path) -> None:
    folder = _write(tmp_path / "web")
    models = [tfjs.load(path) for path in (folder, folder / "model.json", _zip(folder, "deep/er/"))]
    assert len({model.sha256 for model in models}) == 1
    assert {model.size for model in models} == {sum(f.stat().st_size for f in folder.iterdir())}


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        (np.arange(12, dtype="u1"), {"dtype": "uint8", "scale": 0.5, "min": -1.0}),
        (np.arange(12, dtype="<u2"), {"dtype": "uint16", "scale": 0.5, "min": -1.0}),
        ((np.arange(12) * 0.5 - 1).astype("<f2"), {"dtype": "float16"}),
    ],
)
def test_quantized_weights_are_restored(tmp_path: Path, stored: Any, rule: dict[str, Any]) -> None:
    def quantize(document: dict[str, Any], files: dict[str, bytes]) -> None:
        document["weightsManifest"][0]["weights"][0]["quantization"] = rule
        files.update({"one.bin": stored.tobytes(), "two.bin": struct.pack("<i", -1)})

    graph = tfjs.read(_write(tmp_path / "web", quantize))
    assert np.array_equal(_kernel(graph), (np.arange(12, dtype="f4") * 0.5 - 1).reshape(4, 3))


def test_quantized_whole_numbers_are_rounded_as_in_javascript(tmp_path: Path) -> None:
    rule = {"dtype": "uint8", "scale": 0.75, "min": -2.0}

    def quantize(document: dict[str, Any], files: dict[str, bytes]) -> None:
        weight = {"name": "axis", "shape": [4], "dtype": "int32", "quantization": rule}
        document["weightsManifest"][0]["weights"][1] = weight
        files["two.bin"] = files["two.bin"][:-4] + bytes([0, 1, 2, 4])

    nodes = graphdef.by_name(tfjs.read(_write(tmp_path / "web", quantize)))
    values = tensors.array(nodes["axis"].attr["value"].tensor)
    assert (values.dtype, values.tolist()) == (np.int32, [-2, -1, 0, 1])


def test_of_two_models_in_an_archive_the_outer_one_is_read(tmp_path: Path) -> None:
    path = _zip(_write(tmp_path / "web"), "web/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a/b/c/model.json", "{}")
    assert np.array_equal(_kernel(tfjs.read(path)), KERNEL)


def test_weight_files_that_nobody_names_are_told(tmp_path: Path) -> None:
    folder = _write(tmp_path / "web")
    (folder / "more.bin").write_bytes(b"1")
    (folder / "LICENSE").write_bytes(b"1")
    assert tfjs.load(folder).undeclared == ("more.bin",)


def _manifest(document: dict[str, Any]) -> Any:
    return document["weightsManifest"][0]


WRONG: dict[str, Change] = {
    "outside": lambda document, _: _manifest(document).update(paths=["../one.bin", "two.bin"]),
    "absolute": lambda document, _: _manifest(document).update(paths=["/etc/passwd"]),
    "backslash": lambda document, _: _manifest(document).update(paths=["..\\one.bin"]),
    "address": lambda document, _: _manifest(document).update(paths=["file:///etc/passwd"]),
    "missing file": lambda _, files: files.pop("two.bin"),
    "short file": lambda _, files: files.update({"two.bin": b""}),
    "long file": lambda _, files: files.update({"two.bin": bytes(999)}),
    "missing weight": lambda document, _: document.pop("weightsManifest"),
    "no topology": lambda document, _: document.pop("modelTopology"),
    "no nodes": lambda document, _: document["modelTopology"].update(node=[]),
    "nodes of text": lambda document, _: document["modelTopology"].update(node="x"),
    "negative size": lambda document, _: _manifest(document)["weights"][0].update(shape=[-4, 3]),
    "huge size": lambda document, _: _manifest(document)["weights"][0].update(shape=[1 << 60]),
    "text for a size": lambda document, _: _manifest(document)["weights"][0].update(shape="4"),
    "unknown type": lambda document, _: _manifest(document)["weights"][0].update(dtype="float8"),
    "unknown rule": lambda document, _: _manifest(document)["weights"][0].update(quantization={}),
    "endless text": lambda document, _: _manifest(document)["weights"][0].update(
        dtype="string", shape=[1 << 40]
    ),
    "other shape": lambda document, _: document["modelTopology"]["node"][1]["attr"]["value"][
        "tensor"
    ].update(tensorShape={"dim": [{"size": "5"}]}),
    "twice": lambda document, _: document["modelTopology"]["node"].append(_const("kernel")),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    good = _write(tmp_path / "good")
    assert [len(tfjs.read(path).node) for path in (good, _zip(good))] == [4, 4]
    folder = _write(tmp_path / "web", WRONG[what])
    for path in (folder, _zip(folder)):
        with pytest.raises(IntegrityError) as error:
            tfjs.read(path)
        assert error.value.message


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = _write(tmp_path / "web")
    assert tfjs.read(folder).node
    (folder / "one.bin").rename(tmp_path / "one.bin")
    (folder / "one.bin").symlink_to(tmp_path / "one.bin")
    with pytest.raises(IntegrityError, match="is a link"):
        tfjs.read(folder)
    member = zipfile.ZipInfo("one.bin")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "links.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(IntegrityError, match="is a link"):
        tfjs.read(tmp_path / "links.zip")


def test_an_archive_that_leads_outside_or_bursts_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../model.json", "{}")
    with pytest.raises(IntegrityError, match="points outside"):
        tfjs.read(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", "{}")
        archive.writestr("one.bin", bytes(100_000_000))
    with pytest.raises(IntegrityError) as error:
        tfjs.read(tmp_path / "bomb.zip")
    assert "claim to hold 100000002" in error.value.why


def test_a_truncated_archive_is_told(tmp_path: Path) -> None:
    path = _zip(_write(tmp_path / "web"))
    data = path.read_bytes()
    assert tfjs.read(path).node
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(IntegrityError):
            tfjs.read(path)


def test_a_truncated_topology_is_told(tmp_path: Path) -> None:
    folder = _write(tmp_path / "web")
    data = (folder / "model.json").read_bytes()
    assert tfjs.read(folder).node
    for length in range(0, len(data), 7):
        (folder / "model.json").write_bytes(data[:length])
        with pytest.raises(IntegrityError):
            tfjs.read(folder)


def test_deep_nesting_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b'{"modelTopology":' + b"[" * 100_000)
    with pytest.raises(IntegrityError):
        tfjs.read(tmp_path)


def test_a_model_of_layers_is_another_kind(tmp_path: Path) -> None:
    folder = _write(tmp_path / "web", lambda document, _: document.update(format="layers-model"))
    with pytest.raises(WrongKindError, match="not a graph model"):
        tfjs.read(folder)


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no model\.json"):
        tfjs.read(tmp_path)
    with pytest.raises(NotFoundError):
        tfjs.read(tmp_path / "nothing.zip")


@pytest.mark.shared
def test_a_published_model_holds_the_weights_of_its_frozen_graph(shared: Path) -> None:
    web = tfjs.load(shared / "models" / "msd-musicnn-1-tfjs")
    frozen = graphdef.by_name(graphdef.read(shared / "models" / "msd-musicnn-1.pb"))
    nodes = graphdef.by_name(web.graph)
    for name in ("conv2d/kernel", "dense/kernel", "dense_1/bias"):
        ours, theirs = (
            tensors.array(each[name].attr["value"].tensor, name) for each in (nodes, frozen)
        )
        assert np.array_equal(ours, theirs)
    summary = summarize(web.graph, "tfjs", web.size, web.sha256)
    assert summary.parameters == 787_159
    assert [output.name for output in summary.outputs[:2]] == [
        "model/Sigmoid",
        "model/dense_1/BiasAdd",
    ]


def test_declared_outputs_come_first_so_far_as_they_exist(tmp_path: Path) -> None:
    def declare(document: dict[str, Any], files: dict[str, bytes]) -> None:
        outputs = {"a": {"name": "y:0"}, "b": {"name": "none:0"}}
        document["signature"] = {"outputs": outputs}

    assert tfjs.load(_write(tmp_path / "web", declare)).outputs == ("y",)


@pytest.mark.parametrize(
    ("told", "layers"),
    [
        ({"outputs": {"y": "predictions", "kernel": "embeddings"}}, ("y", "kernel")),
        ({"outputs": ["kernel"]}, ("y",)),
        ({}, ("y",)),
        ("x", ("y",)),
    ],
)
def test_the_layers_that_an_export_names_are_more_than_its_signature(
    told: Any, layers: tuple[str, ...], tmp_path: Path
) -> None:
    def declare(document: dict[str, Any], files: dict[str, bytes]) -> None:
        document["signature"] = {"outputs": {"y": {"name": "y:0"}}}
        document["userDefinedMetadata"] = {"zoo": told}

    assert tfjs.load(_write(tmp_path / "web", declare)).outputs == layers


@pytest.mark.parametrize("signature", [1, {"outputs": [1]}, {"outputs": {"a": {}}}])
def test_a_signature_without_sense_is_told(signature: Any, tmp_path: Path) -> None:
    def declare(document: dict[str, Any], files: dict[str, bytes]) -> None:
        document["signature"] = signature

    with pytest.raises(IntegrityError, match="is damaged"):
        tfjs.load(_write(tmp_path / "web", declare))
