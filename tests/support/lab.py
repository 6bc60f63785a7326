"""Synthetic signals, and small networks whose answers can be computed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from freeze.formats import graphdef, onnx, tensors
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef, messages

Signal = NDArray[np.float32]
CLASSES = ("quiet", "loud")
_RAW = messages("onnx_values", "TensorProto\n  9 bytes raw_data\n")("TensorProto")


def sine(rate: int) -> Signal:
    """440 Hz, 3.2 s."""
    return _quantised(0.5 * np.sin(2 * np.pi * 440 * _times(rate)))


def chirp(rate: int) -> Signal:
    """From 50 Hz to nearly half the rate, 3.2 s."""
    times = _times(rate)
    slope = (0.45 * rate - 50) / 3.2
    return _quantised(0.5 * np.sin(2 * np.pi * (50 * times + slope / 2 * times**2)))


def impulses(rate: int) -> Signal:
    """Two clicks a second, 14 s."""
    samples = np.zeros(14 * rate)
    samples[:: rate // 2] = 0.9
    return _quantised(samples)


def noise(rate: int) -> Signal:
    """White, 3.2 s."""
    return _quantised(0.1 * np.random.RandomState(1000 + rate % 997).randn(int(3.2 * rate)))


def _times(rate: int) -> NDArray[np.float64]:
    return np.arange(int(3.2 * rate)) / rate


def _quantised(samples: NDArray[np.float64]) -> Signal:
    """Round to 16 bits, as in a file."""
    return (np.round(samples * 32767) / 32768).astype(np.float32)


def audio(path: Path, samples: NDArray[Any], rate: int) -> Path:
    """Write a file of audio; the name says the format."""
    soundfile.write(path, samples, rate)
    return path


def sounds(folder: Path) -> Path:
    """A folder of two classes, hums and hisses: four clips of 3.2 s each."""
    random = np.random.default_rng(1)
    for name, clip in {"hum": sine(16000), "hiss": 3 * noise(16000)}.items():
        (folder / name).mkdir(parents=True)
        for number in range(4):
            audio(folder / name / f"{number}.wav", random.uniform(0.1, 0.5) * clip, 16000)
    return folder


class Network:
    """A tagger: the mean over the frames, a dense layer of 3, one of 2, sigmoids.

    Parameters
    ----------
    folder : Path
    name : str
    shape : tuple of int
        Of the placeholder: batch, frames, bands.
    seed : int
        Of the weights.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "tiny",
        shape: tuple[int, ...] = (-1, 187, 96),
        seed: int = 3,
    ):
        random = np.random.default_rng(seed)
        self.first = random.normal(0, 0.1, (shape[-1], 3)).astype(np.float32)
        self.second = random.normal(0, 0.5, (3, 2)).astype(np.float32)
        graph = GraphDef()
        placeholder = graph.node.add(name="input", op="Placeholder")
        placeholder.attr["dtype"].type = 1
        for size in shape:
            placeholder.attr["shape"].shape.dim.add(size=size)
        graph.node.append(tensors.constant("axis", np.array([1], np.int32)))
        graph.node.append(tensors.constant("first", self.first))
        graph.node.append(tensors.constant("second", self.second))
        mean = graph.node.add(name="mean", op="Mean", input=["input", "axis"])
        mean.attr["Tidx"].type = 3
        graph.node.add(name="embeddings", op="MatMul", input=["mean", "first"])
        graph.node.add(name="logits", op="MatMul", input=["embeddings", "second"])
        graph.node.add(name="sigmoids", op="Sigmoid", input=["logits"])
        for node in graph.node:
            if node.op not in ("Placeholder", "Const"):
                node.attr["T"].type = 1
        self.path = folder / f"{name}.pb"
        self.path.write_bytes(serialize(graph))
        self.record = {
            "name": name,
            "classes": list(CLASSES),
            "schema": {
                "inputs": [{"name": "input", "type": "float", "shape": list(shape)}],
                "outputs": [
                    {"name": "sigmoids", "output_purpose": "predictions"},
                    {"name": "logits", "output_purpose": "logits"},
                    {"name": "embeddings", "output_purpose": "embeddings"},
                ],
            },
            "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredictMusiCNN"},
            "zoo": {"id": name},
        }
        self.path.with_suffix(".json").write_text(json.dumps(self.record))

    def onnx(self, suffix: str = "", metadata: dict[str, str] | None = None) -> Path:
        """The same as an ONNX model, the names of its tensors with a suffix."""
        model = onnx.ModelProto(ir_version=8)
        model.opset_import.add(version=13)
        for key, value in (metadata or {}).items():
            model.metadata_props.add(key=key, value=value)
        net = model.graph
        net.name = "tiny"
        for name, values in (("first", self.first), ("second", self.second)):
            tensor = net.initializer.add(name=name, dims=values.shape, data_type=1)
            tensor.MergeFromString(_RAW(raw_data=values.tobytes()).SerializeToString())
        x, mean, dense, logits, tags = (
            f"{name}{suffix}" for name in ("input", "mean", "embeddings", "logits", "sigmoids")
        )
        reduce = net.node.add(op_type="ReduceMean", input=[x], output=[mean])
        reduce.attribute.add(name="axes", type=7, ints=[1])
        reduce.attribute.add(name="keepdims", type=2, i=0)
        net.node.add(op_type="MatMul", input=[mean, "first"], output=[dense])
        net.node.add(op_type="MatMul", input=[dense, "second"], output=[logits])
        net.node.add(op_type="Sigmoid", input=[logits], output=[tags])
        for value, name, shape in (
            (net.input.add(), x, (187, 96)),
            (net.output.add(), tags, (2,)),
            (net.output.add(), dense, (3,)),
        ):
            value.name = name
            value.type.tensor_type.elem_type = 1
            value.type.tensor_type.shape.dim.add(dim_param="batch")
            for size in shape:
                value.type.tensor_type.shape.dim.add(dim_value=size)
        path = self.path.with_suffix(".onnx")
        path.write_bytes(model.SerializeToString())
        return path

    def embeddings(self, patches: Signal) -> Signal:
        return patches.mean(axis=1) @ self.first

    def predictions(self, patches: Signal) -> Signal:
        logits = self.embeddings(patches) @ self.second
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


class Head:
    """A dense layer without a bias over embeddings, of 3 if not said, whose output is one value."""

    def __init__(self, folder: Path, extractor: str, name: str = "head", width: int = 3):
        self.weights = np.arange(1, width + 1, dtype=np.float32)[:, None]
        graph = GraphDef()
        placeholder = graph.node.add(name="input", op="Placeholder")
        placeholder.attr["dtype"].type = 1
        for size in (-1, 1, width):
            placeholder.attr["shape"].shape.dim.add(size=size)
        graph.node.append(tensors.constant("shape", np.array([-1, width], np.int32)))
        graph.node.append(tensors.constant("weights", self.weights))
        flat = graph.node.add(name="flat", op="Reshape", input=["input", "shape"])
        flat.attr["T"].type = 1
        flat.attr["Tshape"].type = 3
        graph.node.add(name="score", op="MatMul", input=["flat", "weights"]).attr["T"].type = 1
        self.path = folder / f"{name}.pb"
        self.path.write_bytes(serialize(graph))
        self.record = {
            "name": name,
            "classes": ["score"],
            "schema": {
                "inputs": [{"name": "input"}],
                "outputs": [{"name": "score", "output_purpose": "predictions"}],
            },
            "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredict2D"},
            "zoo": {"id": name, "kind": "head", "extractor": {"id": extractor}},
        }
        self.path.with_suffix(".json").write_text(json.dumps(self.record))


def passthrough(folder: Path, shape: tuple[int, ...], **inference: Any) -> tuple[Any, Path]:
    """A network that says what it is fed: the document of its record, and its graph."""
    graph = GraphDef()
    placeholder = graph.node.add(name="input", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in shape:
        placeholder.attr["shape"].shape.dim.add(size=size)
    path = folder / "passthrough.pb"
    path.write_bytes(serialize(graph))
    outputs = [{"name": "input", "output_purpose": "predictions"}]
    document = {"schema": {"outputs": outputs}, "inference": inference, "zoo": {"id": "pass"}}
    return document, path


def separator(folder: Path, gains: dict[str, float], name: str = "split") -> Path:
    """A network with Spleeter's signature whose stems are the music, each at its own gain."""
    graph = GraphDef()
    placeholder = graph.node.add(name="waveform", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, 2):
        placeholder.attr["shape"].shape.dim.add(size=size)
    for stem, gain in gains.items():
        graph.node.append(tensors.constant(f"gain_{stem}", np.float32(gain)))
        inputs = ["waveform", f"gain_{stem}"]
        graph.node.add(name=f"waveform_{stem}", op="Mul", input=inputs).attr["T"].type = 1
    path = folder / f"{name}.pb"
    path.write_bytes(serialize(graph))
    outputs = [{"name": f"waveform_{stem}"} for stem in gains]
    document = {"schema": {"inputs": [{"name": "waveform"}], "outputs": outputs}}
    zoo = {"id": name, "task": "source-separation"}
    path.with_suffix(".json").write_text(json.dumps(document | {"zoo": zoo}))
    return path


def reducer(
    folder: Path, shape: tuple[int, ...], axis: int | list[int], name: str, output: str = "output"
) -> Path:
    """A network whose only layer is the mean over one axis, or some."""
    graph = GraphDef()
    placeholder = graph.node.add(name="input", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in shape:
        placeholder.attr["shape"].shape.dim.add(size=size)
    graph.node.append(tensors.constant("axis", np.atleast_1d(np.int32(axis))))
    mean = graph.node.add(name=output, op="Mean", input=["input", "axis"])
    mean.attr["T"].type = 1
    mean.attr["Tidx"].type = 3
    path = folder / f"{name}.pb"
    path.write_bytes(serialize(graph))
    return path


def tempo(folder: Path, name: str = "tempo") -> Path:
    """A network that TempoCNN's front end feeds: what it says of a tempo is one frame's mean."""
    path = reducer(folder, (-1, 40, 256, 1), [1, 3], name)
    return _described(path, "TensorflowPredictTempoCNN", 11025)


def pitch(folder: Path, name: str = "pitch") -> Path:
    """A network that CREPE's front end feeds: what it says of a pitch is one of the samples."""
    graph = GraphDef()
    placeholder = graph.node.add(name="frames", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, 1024):
        placeholder.attr["shape"].shape.dim.add(size=size)
    graph.node.append(tensors.constant("weights", np.eye(1024, 360, dtype=np.float32)))
    product = graph.node.add(name="product", op="MatMul", input=["frames", "weights"])
    output = graph.node.add(name="output", op="Sigmoid", input=["product"])
    product.attr["T"].type = output.attr["T"].type = 1
    path = folder / f"{name}.pb"
    path.write_bytes(serialize(graph))
    return _described(path, "TensorflowPredictCREPE", 16000)


def _described(path: Path, algorithm: str, sample_rate: int) -> Path:
    """Write the record of a network whose predictions are its node ``output``."""
    outputs = [{"name": "output", "output_purpose": "predictions"}]
    document = {
        "name": path.stem,
        "classes": [],
        "schema": {"outputs": outputs},
        "inference": {"algorithm": algorithm, "sample_rate": sample_rate},
        "zoo": {"id": path.stem},
    }
    path.with_suffix(".json").write_text(json.dumps(document))
    return path


def described(path: Path, **zoo: Any) -> Path:
    """Complete the record of a network of the lab."""
    record = path.with_suffix(".json")
    document = json.loads(record.read_text())
    sizes = document["schema"]["inputs"][0].get("shape", [])
    if sizes:
        document["schema"]["inputs"][0]["shape"] = sizes[1:]
    document |= {
        "type": "auto-tagging",
        "description": "Knows <kazoos> & kettles.",
        "framework": "tensorflow",
        "author": "The lab",
    }
    block = {"kind": "extractor", "license": "CC-BY-4.0", **document["zoo"], **zoo}
    document["zoo"] = {key: value for key, value in block.items() if value is not None}
    record.write_text(json.dumps(document))
    return record


def deciding(network: Network) -> None:
    """Let the values of the input decide how large a tensor is: 4 GB where they are large.

    Its output is ``more``.
    """
    graph = graphdef.read(network.path)
    for name, values in (
        ("all", np.array([0, 1, 2], np.int32)),
        ("factor", np.float32(1e9)),
        ("leading", np.array([0], np.int32)),
        ("single", np.array([1], np.int32)),
        ("least", np.float32(0.9)),
    ):
        graph.node.append(tensors.constant(name, values))
    for name, op, inputs, types in (
        ("middle", "Mean", ["input", "all"], {"T": 1, "Tidx": 3}),
        ("above", "Sub", ["middle", "least"], {"T": 1}),
        ("positive", "Relu", ["above"], {"T": 1}),
        ("many", "Mul", ["positive", "factor"], {"T": 1}),
        ("whole", "Cast", ["many"], {"SrcT": 1, "DstT": 3}),
        ("vector", "Reshape", ["whole", "single"], {"T": 3, "Tshape": 3}),
        ("filled", "Fill", ["vector", "middle"], {"T": 1, "index_type": 3}),
        ("sum", "Sum", ["filled", "leading"], {"T": 1, "Tidx": 3}),
        ("more", "Add", ["sigmoids", "sum"], {"T": 1}),
    ):
        node = graph.node.add(name=name, op=op, input=inputs)
        for attribute, number in types.items():
            node.attr[attribute].type = number
    network.path.write_bytes(serialize(graph))
