"""Small convolutional networks of many kinds, to be cut where patches share frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import FLOAT, INT, Nodes

FRAMES, BANDS = 40, 12


class Layers(Nodes):
    """Layers with random weights, in a graph that reads patches [FRAMES, BANDS]."""

    def __init__(self, seed: int = 0, *patch: int) -> None:
        super().__init__("net")
        self._random = np.random.default_rng(seed)
        self.input = self.placeholder("spectrogram", -1, *(patch or (FRAMES, BANDS)))

    def weights(self, *shape: int) -> str:
        scale = np.prod(shape[:-1]) ** -0.5
        return self.constant(self._random.normal(0, scale, shape).astype(np.float32))

    def spread(self, tensor: str, axis: int = 3) -> str:
        name = self.add("ExpandDims", tensor, self.constant(axis))
        self.nodes[-1].attr["Tdim"].type = INT
        return name

    def squeeze(self, tensor: str, *axes: int) -> str:
        name = self.add("Squeeze", tensor)
        self.nodes[-1].attr["squeeze_dims"].list.i[:] = axes
        return name

    def pad(self, tensor: str, *margins: tuple[int, int]) -> str:
        return self.add("Pad", tensor, self.constant(np.array(margins)))

    def windows(
        self,
        op: str,
        *inputs: str,
        padding: str = "SAME",
        strides: tuple[int, ...] = (1, 1, 1, 1),
        layout: str = "NHWC",
        **lists: tuple[int, ...],
    ) -> str:
        """A convolution or a pool."""
        name = self.add(op, *inputs)
        attributes = self.nodes[-1].attr
        attributes["padding"].s = padding.encode()
        attributes["data_format"].s = layout.encode()
        for key, values in {"strides": strides, **lists}.items():
            attributes[key].list.i[:] = values
        return name

    def convolution(self, tensor: str, *filter: int, **options: Any) -> str:
        options = {"dilations": (1, 1, 1, 1), **options}  # without them TensorFlow.js cannot run it
        return self.windows("Conv2D", tensor, self.weights(*filter), **options)

    def norm(self, tensor: str, channels: int, layout: str = "NHWC") -> str:
        scale = [self.constant(self._random.uniform(0.5, 2, channels)) for _ in range(4)]
        name = self.add("FusedBatchNormV3", tensor, *scale, is_training=False)
        attributes = self.nodes[-1].attr
        attributes["U"].type, attributes["epsilon"].f = FLOAT, 1e-3
        attributes["data_format"].s = layout.encode()
        return name

    def tagger(self, frames: str, width: int, axis: int = 1) -> Any:
        """End with the mean over frames and classes; return the graph."""
        peaks = self.add("Max", frames, self.constant([axis]), keep_dims=False)
        weights = self.constant(self._random.normal(0, 1, (width, 3)) / width)
        logits = self.add("MatMul", peaks, weights, name="logits")
        self.add("Sigmoid", logits, name="tags")
        return GraphDef(node=self.nodes)


def tones() -> Any:
    """Two filters of different reach side by side, over all bands; padded twice."""
    net = Layers(1)
    image = net.norm(net.spread(net.input), 1)
    padded = net.pad(image, (0, 0), (2, 2), (0, 0), (0, 0))
    short = net.convolution(padded, 5, BANDS, 1, 24, padding="VALID")
    long = net.convolution(image, 8, 1, 1, 16)
    long = net.windows("MaxPool", long, padding="VALID", **_over_bands(BANDS))
    both = [net.squeeze(net.add("Relu", each), 2) for each in (short, long)]
    return net.tagger(net.concatenate(both, 2), 40)


def residual() -> Any:
    """Frames that see more and more, and are added to those that see less; dilated."""
    net = Layers(2)
    first = net.add("Elu", net.convolution(net.spread(net.input), 3, 3, 1, 16))
    second = net.convolution(first, 3, 3, 16, 16, dilations=(1, 2, 1, 1))
    total = net.add("AddV2", first, net.add("Relu", net.norm(second, 16)))
    pooled = net.windows("AvgPool", total, padding="SAME", **_over_bands(3))
    mean = net.mean(pooled, [2])
    return net.tagger(net.squeeze(mean, 2), 16)


def causal() -> Any:
    """Frames that see only what was before, and valid ones; reshaped for a dense layer."""
    net = Layers(3)
    image = net.pad(net.spread(net.input), (0, 0), (6, 0), (0, 0), (0, 0))
    deep = net.windows("DepthwiseConv2dNative", image, net.weights(7, 3, 1, 8), padding="VALID")
    deep = net.add("Tanh", net.convolution(deep, 4, 1, 8, 16, padding="VALID"))
    flat = net.reshape(deep, -1, FRAMES - 3, (BANDS - 2) * 16)
    dense = net.add("BatchMatMulV2", flat, net.weights((BANDS - 2) * 16, 20))
    return net.tagger(net.add("Mul", dense, net.constant(np.float32([[[2]]]))), 20)


def channels_first() -> Any:
    """The time last, as other frameworks have it, in patches that have the bands first."""
    net = Layers(4, BANDS, FRAMES)
    image = net.spread(net.input, 1)
    deep = net.convolution(
        image, BANDS, 5, 1, 24, padding="VALID", strides=(1, 1, 1, 1), layout="NCHW"
    )
    wide = net.pad(net.add("Relu", deep), (0, 0), (0, 0), (0, 0), (3, 1))
    deep = net.convolution(wide, 1, 3, 24, 16, padding="VALID", layout="NCHW")
    return net.tagger(net.transpose(net.squeeze(deep, 2), 0, 2, 1), 16)


def _over_bands(size: int) -> dict[str, tuple[int, ...]]:
    return {"ksize": (1, 1, size, 1), "strides": (1, 1, size, 1)}


NETWORKS: dict[str, Callable[[], Any]] = {
    each.__name__: each for each in (tones, residual, causal, channels_first)
}


def musicnn(folder: Path, seed: int = 5) -> Path:
    """A tagger with a record that reads what MusiCNN reads, its parts named otherwise."""
    frames, bands = 187, 96
    net = Layers(seed, frames, bands)
    padded = net.pad(net.spread(net.input), (0, 0), (4, 4), (0, 0), (0, 0))
    wide = net.convolution(padded, 9, bands, 1, 24, padding="VALID")
    net.tagger(net.squeeze(net.add("Relu", wide, name="local"), 2), 24)
    path = folder / "overlapping.pb"
    path.write_bytes(serialize(GraphDef(node=net.nodes)))
    outputs = [
        {"name": "tags", "output_purpose": "predictions"},
        {"name": "logits", "output_purpose": "logits"},
    ]
    record = {
        "classes": ["a", "b", "c"],
        "schema": {"inputs": [{"name": net.input}], "outputs": outputs},
        "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredictMusiCNN"},
        "zoo": {"id": "overlapping"},
    }
    path.with_suffix(".json").write_text(json.dumps(record))
    return path
